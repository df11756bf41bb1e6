/** fingerprint.json, payload.json, charter.json. */
import { charter, charterText, commitmentTo, mill, net, orchard, type Payload } from "./network.ts";
import { type Bytes, b64u, canonical, hex, keyOf, labelled, trippingNames, utf8 } from "./primitives.ts";

const consonants = "bdfghjklmnprstvz";
const vowels = "aiou";

/** A proquint: 16 bits as 4, 2, 4, 2 and 4. */
const word = (bits: number): string =>
  [12, 10, 6, 4, 0]
    .map((shift, index) => (index % 2 === 0 ? consonants[(bits >> shift) % 16] : vowels[(bits >> shift) % 4]))
    .join("");

function fingerprint(id: string) {
  const digest: Bytes = labelled("handfast/fingerprint/v1", id).subarray(0, 8);
  const words = [0, 2, 4, 6].map((at) => word(digest.readUInt16BE(at))).join("-");
  return { id, digest: hex(digest), words };
}

export const fingerprintVectors = {
  source: "made by this project; 7f000001 is lusab-babad in the proposal of proquints",
  valid: [orchard, mill].map(({ root }) => fingerprint(root.multikey)),
};

const payloads: readonly Payload[] = [
  { salt: Buffer.alloc(32), body: "{}" },
  { salt: Buffer.alloc(32, 0xff), body: canonical({ text: "Gr\u00fc\u00dfe \u{1f34e}" }) },
  { salt: Buffer.alloc(32, 0x51), body: canonical({ actor: "mill-2", amount: 12.5, change: -3 }) },
  { salt: Buffer.alloc(32, 0x52), body: canonical(trippingNames) },
];
const [plain, other] = payloads as [Payload, Payload];

const told = ({ salt, body }: Payload) => ({ salt: hex(salt), body });
const bodyRefused = (why: string, code: string, body: string) => ({ why, code, body });

export const payloadVectors = {
  source: "made by this project",
  valid: payloads.map((payload) => ({ ...told(payload), ...commitmentTo(payload) })),
  mismatched: [
    { why: "another salt", ...told({ ...plain, salt: other.salt }), ...commitmentTo(plain) },
    { why: "another body", ...told({ ...plain, body: other.body }), ...commitmentTo(plain) },
    { why: "another size", ...told(plain), ...commitmentTo(plain), size: 3 },
    {
      why: "a byte of the salt moved to the body",
      ...told({ salt: Buffer.alloc(31), body: "\0{}" }),
      ...commitmentTo(plain),
    },
    {
      why: "hashed without the label",
      ...told(plain),
      hash: b64u(labelled("", plain.salt, plain.body)),
      size: utf8(plain.body).length,
    },
  ],
  refused: [
    bodyRefused("null", "schema", "null"),
    bodyRefused("a text", "schema", '"x"'),
    bodyRefused("a list", "schema", "[]"),
    bodyRefused("a space", "not-canonical", "{ }"),
    bodyRefused("a member named __proto__", "schema", '{"__proto__":{"admin":true}}'),
    bodyRefused("a number with an exponent", "schema", '{"amount":1e+21}'),
    bodyRefused("17 levels", "malformed", `${'{"a":'.repeat(16)}{}${"}".repeat(16)}`),
  ],
};

const parameters = charter.parameters;
const { sponsors: _, ...withoutSponsors } = parameters;
const { name: __, ...withoutName } = charter;
const charterRefused = (why: string, code: string, text: string) => ({ why, code, text });
const changed = (why: string, change: object) =>
  charterRefused(why, "schema", canonical({ ...charter, ...change } as never));

const founderIds = (count: number) =>
  Array.from({ length: count }, (_value, index) => keyOf(index + 1).multikey).sort();
const alone = canonical({ ...charter, name: "\u00c5", founders: [mill.root.multikey] });
const crowd = canonical({ ...charter, name: "a".repeat(64), founders: founderIds(16) });

export const charterVectors = {
  source: "made by this project",
  valid: [
    { text: charterText, net },
    ...[alone, crowd, canonical({ ...charter, headers: 2 })].map((text) => ({
      text,
      net: b64u(labelled("handfast/charter/v1", text)),
    })),
  ],
  refused: [
    charterRefused("a trailing line feed", "not-canonical", `${charterText}\n`),
    charterRefused("members out of order", "not-canonical", JSON.stringify(charter)),
    charterRefused("cut", "malformed", charterText.slice(0, -1)),
    charterRefused("no object", "schema", "[]"),
    changed("a further member", { more: 1 }),
    changed("headers of another version", { headers: 3 }),
    changed("headers of version 1, which is not written", { headers: 1 }),
    charterRefused("no name", "schema", canonical(withoutName as never)),
    changed("an empty name", { name: "" }),
    changed("a name of 65 characters", { name: "a".repeat(65) }),
    changed("a name in form NFD", { name: "Cafe\u0301" }),
    changed("a name with a line feed", { name: "a\nb" }),
    changed("a name with a C1 control", { name: "a\u0085b" }),
    changed("a name that reorders", { name: "a\u202eb" }),
    changed("a name with a zero-width joiner", { name: "a\u200db" }),
    changed("no founders", { founders: [] }),
    changed("founders out of order", { founders: charter.founders.toReversed() }),
    changed("a founder twice", { founders: [mill.root.multikey, mill.root.multikey] }),
    changed("a founder who is no key", { founders: [`z6Mk${"z".repeat(44)}`] }),
    changed("17 founders", { founders: founderIds(17) }),
    changed("a nonce of 15 bytes", { nonce: b64u(Buffer.alloc(15, 1)) }),
    changed("a nonce with spare bits", { nonce: `${"A".repeat(21)}B` }),
    changed("no parameters", { parameters: {} }),
    changed("a parameter left out", { parameters: withoutSponsors }),
    changed("a further parameter", { parameters: { ...parameters, more: 1 } }),
    changed("two sponsors", { parameters: { ...parameters, sponsors: 2 } }),
    changed("days below zero", { parameters: { ...parameters, graceDays: -1 } }),
    changed("more than ten years", { parameters: { ...parameters, graceDays: 3_651 } }),
    changed("half a day", { parameters: { ...parameters, graceDays: 0.5 } }),
    changed("days as text", { parameters: { ...parameters, graceDays: "2" } }),
  ],
};
