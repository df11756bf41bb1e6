// Goal: a statement counts only as exactly what its speaker signed, and a partner only as whom its root key names.
import { toB64u } from "@handfast/protocol/bytes";
import { statementKinds, statementMessage } from "@handfast/protocol/federation";
import { rootHash } from "@handfast/replica/authority";
import { generateKey } from "@handfast/tlog/signer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNetwork, createPartner, laterLog, multikeyOf } from "../test/partner.ts";
import { isNewer, readCredentials, type Speaker } from "./speaker.ts";
import { isSigned, signingInForce, signStatement, whyNotSigned } from "./statements.ts";

const root = generateKey();
const { net } = createNetwork(root);
const orchard = createPartner(net, "Orchard", root);
const text = orchard.openedBy(root);

describe("an opened log", () => {
  it("tells its partner, name and keys", () => {
    const read = readCredentials({ opened: text }, net);
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
    expect(readCredentials({ opened: frame }, network)).toMatchObject({ ok: false, code });
  });

  it("is refused when any character is another one", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("0", "a", "Z", "\n", "é"), (at, character) => {
        const altered = text.slice(0, at) + character + text.slice(at + 1);
        fc.pre(altered !== text);
        expect(readCredentials({ opened: altered }, net).ok).toBe(false);
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

describe("after a partner has set its keys anew", () => {
  const [first, second, third] = [generateKey(), generateKey(), generateKey()];
  const [nextRoot, lastRoot] = [generateKey(), generateKey()];
  const toNext = rootHash(multikeyOf(nextRoot));
  const toLast = rootHash(multikeyOf(lastRoot));
  const mill = createPartner(net, "Mill", first, toNext);
  const opened = mill.openedBy(first);
  const rotated = laterLog(mill.own, net, { root: first, key: second, next: toNext });
  const recovered = laterLog(mill.own, net, { root: nextRoot, key: third, next: toLast, at: 3 });
  const show = (...since: Parameters<typeof readCredentials>[0]["since"] & object): Speaker => {
    const read = readCredentials({ opened, ...(since.length === 0 ? {} : { since }) }, net);
    if (!read.ok) throw new Error(`${read.code}: ${read.detail}`);
    return read.value;
  };
  const signedBy = (key: typeof first) =>
    signStatement<{ a: string; sig: string }>(
      { sign: async ({ kind, text }) => ({ sig: toB64u(key.sign(statementMessage(kind, text))) }) },
      "invitation",
      { a: "one" },
    );

  it("its statements count by the key that its root set last, also under the next root", async () => {
    expect(isSigned("invitation", await signedBy(second), show(rotated))).toBe(true);
    expect(isSigned("invitation", await signedBy(mill.key), show(rotated))).toBe(false);
    expect(isSigned("invitation", await signedBy(third), show(rotated, recovered))).toBe(true);
    expect(isSigned("invitation", await signedBy(third), show(recovered))).toBe(true);
    expect(isSigned("invitation", await signedBy(second), show(recovered))).toBe(false);
    // The root that was lost does not take the keys back, however late it says it is.
    const late = laterLog(mill.own, net, { root: first, key: second, next: toNext, at: 9 });
    expect(isNewer(show(recovered), show(late))).toBe(true);
    expect(isNewer(show(late), show(rotated))).toBe(true);
  });

  it("nobody is led to other keys", () => {
    const thief = generateKey();
    const other = createPartner(net, "Other", thief);
    const wrong = {
      "the log key signed": { root: first, key: thief, next: toNext, signer: mill.key },
      "a log key opened it, as it says": { root: first, key: mill.key, next: toNext, isByLogKey: true },
      "the root is neither": { root: thief, key: thief, next: toNext },
      "the root stays and commits to another": { root: first, key: thief, next: toLast },
      "the next root commits to itself": { root: nextRoot, key: thief, next: toNext },
      "it is of another partner": { root: first, key: thief, next: toNext, by: other.own.partner },
      "it is not above the time before": { root: first, key: thief, next: toNext, at: 0 },
      "its checkpoint is of another size": { root: first, key: thief, next: toNext, size: 2 },
      "something stands before the first entry": { root: first, key: thief, next: toNext, before: [toNext] },
    } as const;
    for (const [why, change] of Object.entries(wrong)) {
      const since = [laterLog(mill.own, net, change)];
      expect(readCredentials({ opened, since }, net).ok, why).toBe(false);
    }
    for (const since of [[recovered, rotated], [rotated, rotated], [{ ...rotated, note: recovered.note }]])
      expect(readCredentials({ opened, since }, net).ok).toBe(false);
    expect(readCredentials({ opened: other.openedBy(thief), since: [rotated] }, net).ok).toBe(false);
    for (const at of Array.from({ length: 40 }, (_, index) => index * 7)) {
      const header = `${rotated.header.slice(0, at)}~${rotated.header.slice(at + 1)}`;
      expect(readCredentials({ opened, since: [{ ...rotated, header }] }, net).ok).toBe(false);
    }
  });

  it("a replaced key speaks for it no longer where the change is known, and a newer one does at once", async () => {
    const [old, now] = [await signedBy(mill.key), await signedBy(second)];
    expect(whyNotSigned("invitation", old, show(), null), "nothing is known of the change").toBeNull();
    expect(whyNotSigned("invitation", old, show(), show())).toBeNull();
    expect(whyNotSigned("invitation", old, show(), show(rotated))).toMatchObject({ code: "key-replaced" });
    expect(whyNotSigned("invitation", now, show(rotated), show())).toBeNull();
    expect(whyNotSigned("invitation", now, show(), show(rotated)), "shown too little").toBeNull();
    expect(whyNotSigned("invitation", now, show(rotated), show(rotated, recovered))).toMatchObject({
      code: "key-replaced",
    });
    expect(whyNotSigned("invitation", old, show(rotated), show())).toMatchObject({ code: "bad-checkpoint" });
  });

  it("a node whose own key was replaced elsewhere signs no statement", async () => {
    const sign = signingInForce(mill.ledger, async () => show(rotated));
    await expect(signStatement({ sign }, "grant", { a: "one" })).rejects.toMatchObject({
      code: "key-replaced",
    });
    const still = signingInForce(mill.ledger, async () => show());
    expect(await signStatement({ sign: still }, "grant", { a: "one" })).toMatchObject({ a: "one" });
  });
});
