// Goal: a statement counts only as exactly what its speaker signed, and a partner only as whom its root key names.
import { toB64u } from "@handfast/protocol/bytes";
import { statementKinds, statementMessage } from "@handfast/protocol/federation";
import { generateKey } from "@handfast/tlog/signer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNetwork, createPartner } from "../test/partner.ts";
import { isSigned, readOpened, signStatement } from "./statements.ts";

const root = generateKey();
const { net } = createNetwork(root);
const orchard = createPartner(net, "Orchard", root);
const text = orchard.openedBy(root);

describe("an opened log", () => {
  it("tells its partner, name and keys", () => {
    const read = readOpened(text, net);
    expect(read.ok && [read.value.name, read.value.partner, read.value.keys.length]).toEqual([
      "Orchard",
      orchard.own.partner,
      1,
    ]);
  });

  it.each([
    ["another key than the root signed", orchard.openedBy(orchard.key), net, "bad-checkpoint"],
    ["it is of another network", text, toB64u(new Uint8Array(32)), "unknown-network"],
    ["it opens nothing", orchard.openedBy(root, { type: "test.noted", seq: 1 }), net, "schema"],
    ["it is not a frame", "hello", net, "malformed"],
  ])("is refused when %s", (_why, frame, network, code) => {
    expect(readOpened(frame, network)).toMatchObject({ ok: false, code });
  });

  it("is refused when any character is another one", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("0", "a", "Z", "\n", "é"), (at, character) => {
        const altered = text.slice(0, at) + character + text.slice(at + 1);
        fc.pre(altered !== text);
        expect(readOpened(altered, net).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a signed statement", () => {
  it("is its speaker's, in its kind and its words, and nobody else's", async () => {
    const other = createPartner(net, "Mill");
    const statement = await signStatement<{ a: string; sig: string }>(orchard.ledger, "grant", { a: "one" });
    expect(isSigned("grant", statement, orchard.own)).toBe(true);
    for (const kind of statementKinds)
      if (kind !== "grant") expect(isSigned(kind, statement, orchard.own)).toBe(false);
    expect(isSigned("grant", statement, other.own)).toBe(false);
    expect(isSigned("grant", { ...statement, a: "two" }, orchard.own)).toBe(false);
    expect(isSigned("grant", { ...statement, sig: "" }, orchard.own)).toBe(false);
  });

  it("never has the form of a checkpoint", () => {
    for (const kind of statementKinds)
      expect(Buffer.from(statementMessage(kind, "x")).includes(0), "a note holds no NUL").toBe(true);
  });
});
