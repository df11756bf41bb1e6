// Goal: a sponsorship names exactly the network's heads. Method: random small networks against reachability by hand.
import { toB64u } from "@handfast/protocol/bytes";
import { encodeHeader, type Header } from "@handfast/protocol/header";
import { pin, refOf, splitRef } from "@handfast/protocol/ids";
import { generateKey } from "@handfast/tlog/ed25519";
import { leafHash } from "@handfast/tlog/tree";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createNetwork, multikeyOf } from "../test/partner.ts";
import { followNetworkHeads } from "./network-heads.ts";

const root = generateKey();
const { net } = createNetwork(root);
const by = multikeyOf(root);
const logs = ["a", "b", "c"].map((letter) => toB64u(Buffer.alloc(16, letter)));

type Made = { readonly header: Header; readonly ref: string; readonly text: string; readonly hash: string };
/** What each entry is: whose log, of which kind, and which earlier entries it names. */
const plans = fc.array(
  fc.record({
    log: fc.nat(2),
    type: fc.constantFrom("member.endorsed", "commitment.offered", "charter.attested"),
    parents: fc.array(fc.nat(), { maxLength: 2 }),
  }),
  { maxLength: 25 },
);

function make(plan: readonly { log: number; type: string; parents: readonly number[] }[]): readonly Made[] {
  const made: Made[] = [];
  for (const { log: index, type, parents } of plan) {
    const log = logs[index] as string;
    const seq = made.filter((one) => one.header.log === log).length;
    const named = new Map<string, string>();
    for (const at of parents) {
      const parent = made[at % Math.max(1, made.length)];
      if (parent !== undefined && parent.header.log !== log) named.set(parent.header.log, parent.ref);
    }
    const header = {
      v: 1,
      net,
      by,
      log,
      seq,
      at: [made.length, 0],
      parents: [...named.values()].sort(),
      type: seq === 0 ? "log.opened" : type,
      subject: null,
      audience: "network",
      payload: null,
      x: seq === 0 ? { root: by, keys: [by], witness: by, next: net, name: "Orchard" } : {},
    } as unknown as Header;
    // log.opened has no parents.
    const bytes = encodeHeader(seq === 0 ? { ...header, parents: [] } : header);
    const hash = toB64u(leafHash(bytes));
    made.push({
      header: seq === 0 ? { ...header, parents: [] } : header,
      ref: pin(refOf(log, seq), hash),
      text: Buffer.from(bytes).toString(),
      hash,
    });
  }
  return made;
}

/** Reachable from an entry, by walking. */
function pastOf(entry: Made, all: readonly Made[]): ReadonlySet<Made> {
  const past = new Set<Made>();
  const walk = (one: Made) => {
    const { log, seq, parents } = one.header;
    const before = all.filter(
      (other) => (other.header.log === log && other.header.seq === seq - 1) || parents.includes(other.ref),
    );
    for (const other of before) {
      if (past.has(other)) continue;
      past.add(other);
      walk(other);
    }
  };
  walk(entry);
  return past;
}

it("are the network's entries that no other of them has in its past, read in pages, again and again", async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.integer({ min: 1, max: 7 }), async (plan, step) => {
      const all = make(plan);
      let held = 0;
      const network = followNetworkHeads({
        read: async ({ after, limit }) => ({
          entries: all
            .slice(after, Math.min(held, after + Math.min(limit, 3)))
            .map(({ text, hash }, index) => ({ position: after + index + 1, header: text, hash, past: {} })),
          head: held,
        }),
      });
      while (held < all.length) {
        held = Math.min(all.length, held + step);
        const ofNetwork = all.slice(0, held).filter(({ header }) => !header.type.startsWith("commitment."));
        const covered = ofNetwork.map((entry) => pastOf(entry, all));
        const expected = ofNetwork.filter((entry) => !covered.some((past) => past.has(entry)));
        const { heads } = await network.refresh();
        expect(heads).toEqual(expected.map(({ ref }) => ref).sort());
        expect(new Set(heads.map((head) => splitRef(head).log)).size).toBe(heads.length);
      }
    }),
    { numRuns: 300 },
  );
});
