/** multikey.json, base64url.json, canonical.json: how values are written. */
import {
  type Bytes,
  b64u,
  base58,
  base64,
  canonical,
  hex,
  type Json,
  keyOf,
  multikey,
  trippingNames,
  utf8,
} from "./primitives.ts";

const keys = [keyOf(0x11), keyOf(0x12), keyOf(0x21)].map((key) => key.publicKey);
const extremes = [Buffer.alloc(32), Buffer.alloc(32, 0xff)];
const good = multikey(keys[0] as Bytes);
const coded = (prefix: number[], length = 32) =>
  `z${base58(Buffer.concat([Buffer.from(prefix), Buffer.alloc(length, 7)]))}`;

export const multikeyVectors = {
  source: "made by this project; the form only: whether a key is admitted is told in ed25519-speccheck.json",
  valid: [...keys, ...extremes].map((key) => ({ publicKey: hex(key), multikey: multikey(key) })),
  invalid: [
    { why: "nothing", text: "" },
    { why: "no multibase letter", text: good.slice(1) },
    { why: "another multibase letter", text: `u${good.slice(1)}` },
    { why: "one character short", text: good.slice(0, -1) },
    { why: "one character long", text: `${good}1` },
    { why: "white space behind it", text: `${good}\n` },
    { why: "0, which base58 does not have", text: `${good.slice(0, -1)}0` },
    { why: "l, which base58 does not have", text: `${good.slice(0, -1)}l` },
    { why: "the code of X25519", text: coded([0xec, 0x01]) },
    { why: "the code of secp256k1", text: coded([0xe7, 0x01], 33) },
    { why: "a key of 31 bytes", text: coded([0xed, 0x01], 31) },
    { why: "a key of 33 bytes", text: coded([0xed, 0x01], 33) },
    { why: "looks like one, and its code is below 0xed 0x01", text: `z6Mk${"1".repeat(44)}` },
    { why: "looks like one, and its code is above 0xed 0x01", text: `z6Mk${"z".repeat(44)}` },
    { why: "did:key, not multikey", text: `did:key:${good}` },
  ],
};

const counted = (length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 37 + 251) % 256));

export const base64urlVectors = {
  source: "made by this project",
  valid: [
    Buffer.alloc(0),
    Buffer.of(0),
    Buffer.of(0xff),
    counted(2),
    counted(3),
    counted(16),
    counted(32),
  ].map((bytes) => ({ bytes: hex(bytes), text: b64u(bytes) })),
  invalid: [
    { why: "padding", length: 16, text: `${"A".repeat(22)}==` },
    { why: "spare bits behind 16 bytes", length: 16, text: `${"A".repeat(21)}B` },
    { why: "the highest spare bit behind 16 bytes", length: 16, text: `${"A".repeat(21)}I` },
    { why: "spare bits behind 32 bytes", length: 32, text: `${"A".repeat(42)}B` },
    { why: "the alphabet of plain base64: slash", length: 16, text: `${"A".repeat(20)}/A` },
    { why: "the alphabet of plain base64: plus", length: 16, text: `${"A".repeat(20)}+A` },
    { why: "a length that no bytes have", length: 3, text: "AAAAA" },
    { why: "a space in it", length: 3, text: "AA AA" },
    { why: "a line feed behind it", length: 3, text: "AAAA\n" },
    { why: "a letter outside ASCII", length: 3, text: "AA\u00c4A" },
    { why: "U+0141, whose low byte is that of A", length: 3, text: "AA\u0141A" },
  ],
};

const values: readonly Json[] = [
  null,
  true,
  false,
  "",
  0,
  1,
  9007199254740991,
  [],
  {},
  [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],
  { b: 1, a: 2, A: 3, "": 4 },
  { "10": 1, "9": 1, "1": 1 },
  {
    "\u{1f600}": "by UTF-16 code unit this is below U+FB33",
    "\ufb33": 1,
    "\u20ac": 1,
    "\u007f": 1,
    "\u0080": 1,
  },
  '"\\/\b\f\n\r\t',
  "\u0000\u0001\u000b\u001f\u007f\u0080\u2028\u2029\ufeff",
  "\u00e9 and e\u0301 stay as they are",
  "<script>",
  trippingNames,
  ["__proto__", '"__proto__', '"__proto__":1'],
  { ":__proto__": ":", __proto: '\\":' },
];

const numbers: readonly number[] = [
  -1, 0.5, -0.1, 9007199254740992, 333333333.3333333, 123456789012345680000, 0.000001,
];

const refusedText = (code: string, why: string, text: string) => ({ why, code, bytes: base64(utf8(text)) });
const refusedBytes = (why: string, ...bytes: readonly number[]) => ({
  why,
  code: "malformed",
  bytes: base64(Buffer.of(0x22, ...bytes, 0x22)),
});
const malformed = (why: string, text: string) => refusedText("malformed", why, text);
const notCanonical = (why: string, text: string) => refusedText("not-canonical", why, text);
const bySchema = (why: string, text: string) => refusedText("schema", why, text);

export const canonicalVectors = {
  source: "made by this project after RFC 8785",
  valid: values.map((value) => ({ value, text: canonical(value) })),
  numbers: numbers.map((value) => ({ value, text: canonical(value) })),
  refused: [
    malformed("nothing", ""),
    malformed("a byte order mark", "\ufeff{}"),
    { why: "UTF-16", code: "malformed", bytes: base64(Buffer.from("{}", "utf16le")) },
    refusedBytes("0xFF", 0xff),
    refusedBytes("an overlong slash", 0xc0, 0xaf),
    refusedBytes("a surrogate in UTF-8", 0xed, 0xa0, 0x80),
    refusedBytes("a cut sequence", 0xe2, 0x82),
    refusedBytes("above U+10FFFF", 0xf4, 0x90, 0x80, 0x80),
    refusedBytes("a raw control", 0x01),
    malformed("a comment", "{}//"),
    malformed("single quotes", "{'a':1}"),
    malformed("a trailing comma", "[1,]"),
    malformed("NaN", "NaN"),
    malformed("Infinity", "[Infinity]"),
    malformed("a plus sign", "[+1]"),
    malformed("a leading zero", "[01]"),
    malformed("hexadecimal", "[0x1]"),
    malformed("two documents", "{}{}"),
    malformed("cut", '{"a":'),
    malformed("17 levels", `${"[".repeat(17)}${"]".repeat(17)}`),
    notCanonical("a trailing line feed", "{}\n"),
    notCanonical("a leading space", " {}"),
    notCanonical("a space within", '{"a": 1}'),
    notCanonical("members out of order", '{"b":1,"a":1}'),
    notCanonical("members by code point", '{"\ufb33":1,"\u{1f600}":1}'),
    notCanonical("members by number", '{"9":1,"10":1}'),
    notCanonical("a member twice", '{"a":1,"a":1}'),
    notCanonical("a member twice with two values", '{"a":1,"a":2}'),
    notCanonical("a member twice by an escape", '{"a":1,"\\u0061":2}'),
    notCanonical("an escape for a letter", '"\\u0041"'),
    notCanonical("an escaped slash", '"\\/"'),
    notCanonical("a long escape for a line feed", '"\\u000a"'),
    notCanonical("an escape in capitals", '"\\u001F"'),
    notCanonical("an escape for DEL", '"\\u007f"'),
    notCanonical("an escape outside ASCII", '"\\u20ac"'),
    notCanonical("a pair of escaped surrogates", '"\\ud83d\\ude00"'),
    notCanonical("a lone surrogate", '"\\ud800"'),
    notCanonical("a lone low surrogate as a name", '{"\\udc00":1}'),
    notCanonical("a quote in a name", '{"\\"":1}'),
    notCanonical("a backslash in a name", '{"\\\\":1}'),
    notCanonical("a control in a name", '{"a":[{"\\u0000":1}]}'),
    notCanonical("an escape in a name, found before the rest is no JSON", '{"\\n":1,'),
    malformed("an escape in a name, and 17 levels", `{"\\n":${"[".repeat(16)}${"]".repeat(16)}}`),
    notCanonical("minus zero", "[-0]"),
    notCanonical("1.0", "[1.0]"),
    notCanonical("1e2", "[1e2]"),
    notCanonical("1E400", "[1E400]"),
    notCanonical("1e-400", "[1e-400]"),
    notCanonical("2^53+1", "[9007199254740993]"),
    notCanonical("400 digits", `[1${"0".repeat(399)}]`),
    bySchema("an exponent, though it is what RFC 8785 writes", "[1e+21]"),
    bySchema("a small exponent, though it is what RFC 8785 writes", "[1e-7]"),
    bySchema("a member named __proto__", '{"__proto__":1}'),
    bySchema("a member named __proto__ further in", '{"a":[{"__proto__":{}}]}'),
  ],
};
