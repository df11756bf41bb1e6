// Goal: a browser reads and writes the same bytes as Node. Method: what differs between the two, held against each other.
import fc from "fast-check";
import { expect, it } from "vitest";
import * as node from "../src/runtime/node.ts";
import * as web from "../src/runtime/web.ts";

const plain = (bytes: Uint8Array | null) => bytes && [...bytes];
const texts = fc.oneof(
  fc.uint8Array({ maxLength: 70 }).map(web.toBase64),
  fc.uint8Array({ maxLength: 70 }).map(web.toBase64url),
  fc.string({ unit: fc.constantFrom(..."AQgwZz09-_+/= \n\t.é"), maxLength: 12 }),
);

it("hashes and writes alike", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(plain(node.sha256(bytes))).toEqual(plain(web.sha256(bytes)));
      expect(node.toBase64(bytes)).toBe(web.toBase64(bytes));
      expect(node.toBase64url(bytes)).toBe(web.toBase64url(bytes));
    }),
  );
});

it("reads the same texts and refuses the same", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(plain(node.fromBase64(text))).toEqual(plain(web.fromBase64(text)));
      expect(plain(node.fromBase64url(text))).toEqual(plain(web.fromBase64url(text)));
    }),
    { numRuns: 2_000 },
  );
});
