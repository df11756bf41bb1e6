/** headers_valid.json, headers_invalid.json: one line that is a header, then one change at a time. */
import { mill, millLog, orchard, orchardLog } from "./network.ts";
import { b64u, base64, canonical, type Json, keyOf, leafHash, trippingNames, utf8 } from "./primitives.ts";

type Members = { readonly [member: string]: Json };

const opening = orchardLog.entries[0]?.header as Members;
const accepted = orchardLog.entries[2]?.header as Members;
const claimed = orchardLog.entries[4]?.header as Members;

const hash = b64u(Buffer.alloc(32, 0x61));
/** The ids of `count` further logs, ascending. */
const logs = (count: number) =>
  Array.from({ length: count }, (_, index) => b64u(Buffer.alloc(16, 0x80 + index))).sort();
const parentsOf = (count: number, seq = 0) => logs(count).map((log) => `${log}.${seq}@${hash}`);
const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
/** An `x` of exactly that many bytes. */
const xOf = (bytes: number): Members => ({ text: "a".repeat(bytes - utf8(canonical({ text: "" })).length) });
const multikeys = (count: number) =>
  Array.from({ length: count }, (_, index) => keyOf(index + 1).multikey).sort();
const largest = Number.MAX_SAFE_INTEGER;
const latestMs = Date.UTC(2100, 0, 1);

const valid: readonly (readonly [why: string, line: string])[] = [
  ...[...orchardLog.lines, ...millLog.lines].map(
    (line, index) => [`log.json, line ${index + 1}`, line] as const,
  ),
  ["x is empty", canonical({ ...claimed, x: {} })],
  ["16 parents", canonical({ ...accepted, parents: parentsOf(16) })],
  ["the highest numbers", canonical({ ...claimed, seq: largest, at: [latestMs, 65_535] })],
  ["the lowest clock", canonical({ ...claimed, at: [0, 0] })],
  ["a subject at the end of a log", canonical({ ...claimed, subject: `${mill.log}.${largest}` })],
  ["an audience", canonical({ ...claimed, audience: `${mill.log}.4` })],
  ["the smallest payload", canonical({ ...claimed, payload: { hash, size: 2 } })],
  ["the largest payload", canonical({ ...claimed, payload: { hash, size: 262_144 } })],
  ["a type of 96 characters", canonical({ ...claimed, type: `org.${"a".repeat(92)}` })],
  [
    "an unknown type with digits and hyphens",
    canonical({ ...claimed, type: "3rd-party.example.thing-done" }),
  ],
  ["sealed", canonical({ ...claimed, type: "sealed", subject: "sealed", parents: [], x: {} })],
  ["x of 2,048 bytes", canonical({ ...claimed, x: xOf(2_048) })],
  [
    "x of 2,048 bytes, most of them outside ASCII",
    canonical({ ...claimed, x: { text: `a${"\u00e9".repeat(1_018)}` } }),
  ],
  ["8 levels", canonical({ ...claimed, x: { a: nested(6) } })],
  ["members of x that nobody knows", canonical({ ...claimed, x: { later: { a: [null, true, "b", 0] } } })],
  ["x that its type does not fit: a matter of the fold", canonical({ ...claimed, x: { part: "much" } })],
  ["x.must: a matter of the fold", canonical({ ...claimed, x: { must: ["later"] } })],
  ["names that some readers trip over", canonical({ ...claimed, x: trippingNames })],
  ["__proto__ as a value", canonical({ ...claimed, x: { a: "__proto__", b: '"__proto__":1' } })],
  [
    "names in the order of code units",
    canonical({ ...claimed, x: { "": 1, "10": 1, "9": 1, "\u{1f34e}": 1, "\ufb33": 1 } }),
  ],
  [
    "every kind of escape",
    canonical({ ...claimed, x: { text: '"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028\u{1f34e}' } }),
  ],
  [
    "the largest header there can be",
    canonical({
      ...claimed,
      at: [latestMs, 65_535],
      seq: largest,
      parents: parentsOf(16, largest),
      subject: `${mill.log}.${largest}`,
      audience: `${mill.log}.${largest}`,
      payload: { hash, size: 262_144 },
      type: `org.${"a".repeat(92)}`,
      x: xOf(2_048),
    }),
  ],
  ["version 2", canonical({ ...claimed, v: 2, prev: hash })],
  ["version 2, entry 0", canonical({ ...opening, v: 2 })],
  ["four log keys", canonical({ ...opening, x: { ...(opening["x"] as Members), keys: multikeys(4) } })],
  [
    "a later log",
    canonical({
      ...opening,
      x: { ...(opening["x"] as Members), previous: { log: logs(1)[0] as string, size: 1, root: hash } },
    }),
  ],
  [
    "a name of 64 characters",
    canonical({ ...opening, x: { ...(opening["x"] as Members), name: "\u00e9".repeat(64) } }),
  ],
  [
    "a name in another script",
    canonical({ ...opening, x: { ...(opening["x"] as Members), name: "\u041erch\u0430rd" } }),
  ],
];

const schema = (why: string, change: object) =>
  [why, "schema", canonical({ ...claimed, ...change })] as const;
const opens = (why: string, change: object) => [why, "schema", canonical({ ...opening, ...change })] as const;
const opensX = (why: string, change: object) =>
  opens(why, { x: { ...(opening["x"] as Members), ...change } });
const without = (member: string) =>
  [
    `without ${member}`,
    "schema",
    canonical(Object.fromEntries(Object.entries(claimed).filter(([name]) => name !== member))),
  ] as const;
const line = canonical(claimed);
const rewritten = (why: string, code: string, from: string | RegExp, to: string) => {
  const text = line.replace(from, to);
  if (text === line) throw new Error(`${why}: nothing was rewritten`);
  return [why, code, text] as const;
};
const withSize = (bytes: number) => {
  const more = (length: number) => canonical({ ...claimed, x: { text: "a".repeat(length) } });
  return more(bytes - utf8(more(0)).length);
};
const [first, second] = parentsOf(2) as [string, string];
const xs = (change: object) => ({ x: change });

const invalid: readonly (readonly [why: string, code: string, line: string | Buffer])[] = [
  // Form.
  ["nothing", "malformed", ""],
  ["cut", "malformed", line.slice(0, -1)],
  ["4,097 bytes", "malformed", withSize(4_097)],
  ["9 levels", "malformed", canonical({ ...claimed, x: { a: nested(7) } })],
  ["not UTF-8", "malformed", Buffer.from(canonical({ ...claimed, x: { text: "\u00e9" } }), "latin1")],
  ["a byte order mark", "malformed", `\ufeff${line}`],
  ["two headers", "malformed", `${line}${line}`],
  // Another version, whatever its form.
  rewritten("version 3", "version", '"v":1', '"v":3'),
  rewritten("version 0", "version", '"v":1', '"v":0'),
  ["version 3 in a form that we do not have", "version", '{ "v":3 }'],
  // Not the one text.
  ["a line feed behind it", "not-canonical", `${line}\n`],
  rewritten("a space", "not-canonical", '"v":1', '"v": 1'),
  rewritten("members out of order", "not-canonical", ',"v":1,"x":{"part":100}', ',"x":{"part":100},"v":1'),
  rewritten("a member twice", "not-canonical", '"v":1', '"v":1,"v":1'),
  rewritten("a fraction of nothing", "not-canonical", '"part":100', '"part":100.0'),
  rewritten("an exponent", "not-canonical", '"part":100', '"part":1e2'),
  rewritten("minus zero", "not-canonical", '"part":100', '"part":-0'),
  rewritten("beyond the numbers that are exact", "not-canonical", '"part":100', '"part":9007199254740993'),
  rewritten("a lone surrogate", "not-canonical", '"part":100', '"part":"\\ud800"'),
  // Members.
  schema("version 2 without prev", { v: 2 }),
  schema("version 1 with prev", { prev: hash }),
  opens("version 2 with prev in entry 0", { v: 2, prev: hash }),
  schema("prev null", { v: 2, prev: null }),
  schema("prev that is no hash", { v: 2, prev: hash.slice(1) }),
  ["null", "schema", "null"],
  ["a number", "schema", "1"],
  ["a text", "schema", '"x"'],
  ["a list", "schema", "[]"],
  ["no members", "schema", "{}"],
  ...Object.keys(claimed).map(without),
  schema("a further member", { more: 1 }),
  schema("a key of its own", { key: mill.root.multikey }),
  schema("constructor as a further member", { constructor: { prototype: { admin: true } } }),
  ["a member named __proto__", "schema", line.replace('{"at"', '{"__proto__":{"admin":true},"at"')],
  rewritten("a member of x named __proto__", "schema", '{"part"', '{"__proto__":{"admin":true},"part"'),
  schema(
    "4,096 bytes, for which x is too large",
    xs({ text: "a".repeat(4_096 - utf8(canonical({ ...claimed, x: { text: "" } })).length) }),
  ),
  schema("v as text", { v: "1" }),
  schema("net with spare bits", { net: `${"A".repeat(42)}B` }),
  schema("net padded", { net: `${"A".repeat(43)}=` }),
  schema("net null", { net: null }),
  schema("by another kind of key", { by: `z6Mk${"z".repeat(44)}` }),
  schema("by a name", { by: "Orchard" }),
  schema("log with spare bits", { log: `${"A".repeat(21)}B` }),
  schema("log with a line break", { log: `${"A".repeat(20)}\r\n` }),
  schema("seq below zero", { seq: -1 }),
  schema("seq as text", { seq: "4" }),
  schema("half a seq", { seq: 0.5 }),
  schema("seq 2^53", { seq: 2 ** 53 }),
  schema("at as a number", { at: 1 }),
  schema("at without a counter", { at: [1] }),
  schema("at with a third number", { at: [1, 0, 0] }),
  schema("at below zero", { at: [-1, 0] }),
  schema("at after 2100-01-01", { at: [latestMs + 1, 0] }),
  schema("a counter above 65,535", { at: [1, 65_536] }),
  schema("half a millisecond", { at: [0.5, 0] }),
  schema("parents null", { parents: null }),
  schema("a parent without hash", { parents: [`${logs(1)[0]}.0`] }),
  schema("parents out of order", { parents: [second, first] }),
  schema("a parent twice", { parents: [first, first] }),
  schema("two parents of one log", { parents: [first, first.replace(".0@", ".1@")] }),
  schema("a parent in its own log", { parents: [`${orchard.log}.0@${hash}`] }),
  schema("17 parents", { parents: parentsOf(17) }),
  schema("a parent whose log has spare bits", { parents: [`${"A".repeat(21)}B.0@${hash}`] }),
  schema("a parent whose hash has spare bits", { parents: [`${logs(1)[0]}.0@${"A".repeat(42)}B`] }),
  schema("a parent beyond 2^53-1", { parents: [`${logs(1)[0]}.9007199254740992@${hash}`] }),
  schema("a parent with a leading zero", { parents: [`${logs(1)[0]}.00@${hash}`] }),
  schema("type null", { type: null }),
  schema("a type of one word", { type: "claimed" }),
  schema("a type in capitals", { type: "Commitment.claimed" }),
  schema("a type that ends in a point", { type: "commitment." }),
  schema("a type with two points in a row", { type: "commitment..claimed" }),
  schema("a type that begins with a hyphen", { type: "-commitment.claimed" }),
  schema("a type with a space", { type: "commitment.claimed now" }),
  schema("a type of 97 characters", { type: `org.${"a".repeat(93)}` }),
  schema("an open type and a sealed subject", { subject: "sealed" }),
  schema("a sealed type and an open subject", { type: "sealed" }),
  schema("a subject with hash", { subject: first }),
  schema("a subject with spare bits", { subject: `${"A".repeat(21)}B.0` }),
  schema("a subject with a leading zero", { subject: `${mill.log}.02` }),
  schema("a subject below zero", { subject: `${mill.log}.-1` }),
  schema("a subject beyond 2^53-1", { subject: `${mill.log}.9007199254740992` }),
  schema("an empty subject", { subject: "" }),
  schema("an unknown audience", { audience: "everyone" }),
  schema("no audience", { audience: null }),
  schema("an audience with hash", { audience: first }),
  schema("a payload without size", { payload: { hash } }),
  schema("a payload without hash", { payload: { size: 2 } }),
  schema("a payload with salt", { payload: { hash, salt: hash, size: 2 } }),
  schema("a payload hash with spare bits", { payload: { hash: `${"A".repeat(42)}B`, size: 2 } }),
  schema("a payload of 1 byte, which no object has", { payload: { hash, size: 1 } }),
  schema("a payload of 262,145 bytes", { payload: { hash, size: 262_145 } }),
  schema("x null", { x: null }),
  schema("x a list", { x: [] }),
  schema("x of 2,049 bytes", xs(xOf(2_049))),
  schema("x of 2,049 bytes, fewer characters", xs({ text: "\u00e9".repeat(1_019) })),
  schema("a fraction in x", xs({ part: 0.5 })),
  schema("a negative number in x", xs({ a: [{ b: -1 }] })),
  schema("2^53 in x", xs({ part: 2 ** 53 })),
  schema("an exponent in x, though it is what RFC 8785 writes", xs({ part: 1e21 })),
  // Entry 0.
  schema("entry 0 that opens no log", { seq: 0 }),
  schema("log.opened elsewhere than at 0", {
    type: "log.opened",
    subject: null,
    parents: [],
    payload: null,
    x: opening["x"],
  }),
  opens("a log opened with parents", { parents: [first] }),
  opens("a log opened with a subject", { subject: `${mill.log}.0` }),
  opens("a log opened with a payload", { payload: { hash, size: 2 } }),
  opens("a log opened without x", { x: {} }),
  opensX("a log opened with a further member in x", { later: 1 }),
  opensX("no log key", { keys: [] }),
  opensX("five log keys", { keys: multikeys(5) }),
  opensX("log keys out of order", { keys: multikeys(2).reverse() }),
  opensX("a log key twice", { keys: [mill.root.multikey, mill.root.multikey] }),
  opensX("a log key that is no multikey", { keys: [`z6Mk${"z".repeat(44)}`] }),
  opensX("two witness keys", { witness: multikeys(2) }),
  opensX("a next root with spare bits", { next: `${"A".repeat(42)}B` }),
  opensX("an empty name", { name: "" }),
  opensX("a name of 65 characters", { name: "a".repeat(65) }),
  opensX("a name in form NFD", { name: "Cafe\u0301" }),
  opensX("a name with U+0000", { name: "a\u0000" }),
  opensX("a name with an escape for terminals", { name: "\u001b[31mred" }),
  opensX("a name with a C1 control", { name: "a\u0085b" }),
  opensX("a name that reorders", { name: "a\u202eb" }),
  opensX("a name with a zero-width joiner", { name: "a\u200db" }),
  opensX("previous without root", { previous: { log: logs(1)[0], size: 1 } }),
  opensX("previous of size 0", { previous: { log: logs(1)[0], root: hash, size: 0 } }),
  opensX("previous null", { previous: null }),
];

export const validHeaderVectors = {
  source: "made by this project",
  cases: valid.map(([why, text]) => ({
    why,
    line: text,
    bytes: base64(utf8(text)),
    leafHash: b64u(leafHash(utf8(text))),
    value: JSON.parse(text) as Json,
  })),
};

export const invalidHeaderVectors = {
  source: "made by this project",
  cases: invalid.map(([why, code, text]) => ({
    why,
    code,
    bytes: base64(typeof text === "string" ? utf8(text) : text),
  })),
};
