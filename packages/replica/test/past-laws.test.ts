// Goal: an entry's past is what can be reached, heads are what nothing reaches, and chosen parents reach all that was
// wanted and nothing twice. Method: random small histories, with plain reachability as oracle.

import { subjectOf } from "@handfast/protocol/events";
import { type PinnedRef, pin, type Ref, refOf, splitRef, unpin } from "@handfast/protocol/ids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeads, etagOf } from "../src/heads.ts";
import { chooseParents } from "../src/parents.ts";
import { createPasts } from "../src/pasts.ts";

const logs = ["A", "B", "C", "D"].map((letter) => `${letter.repeat(21)}A`);
const hash = "A".repeat(43);
type Entry = {
  readonly log: string;
  readonly seq: number;
  readonly parents: readonly PinnedRef[];
  readonly subject: string;
};

const history = fc
  .array(
    fc.record({ who: fc.nat(3), subject: fc.nat(2), back: fc.array(fc.option(fc.nat(4)), { maxLength: 4 }) }),
    { maxLength: 40 },
  )
  .map((turns) => {
    const entries: Entry[] = [];
    const sizes = [0, 0, 0, 0];
    for (const { who, subject, back } of turns) {
      const parents = sizes.flatMap((size, other) => {
        const step = back[other] ?? null;
        return other === who || step === null || step >= size
          ? []
          : [pin(refOf(logs[other] as string, size - 1 - step), hash)];
      });
      entries.push({ log: logs[who] as string, seq: sizes[who] as number, parents, subject: `s${subject}` });
      sizes[who] = (sizes[who] as number) + 1;
    }
    return entries;
  });

const refOfEntry = ({ log, seq }: Pick<Entry, "log" | "seq">): Ref => refOf(log, seq);
/** Everything reachable from an entry over predecessors and parents. */
function reachable(entries: readonly Entry[], from: readonly Ref[]): Set<Ref> {
  const byRef = new Map(entries.map((entry) => [refOfEntry(entry), entry]));
  const found = new Set<Ref>();
  const queue = [...from];
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (found.has(ref)) continue;
    found.add(ref);
    const entry = byRef.get(ref) as Entry;
    queue.push(...entry.parents.map(unpin), ...(entry.seq > 0 ? [refOf(entry.log, entry.seq - 1)] : []));
  }
  return found;
}
const directly = (entry: Entry): Ref[] => [
  ...entry.parents.map(unpin),
  ...(entry.seq > 0 ? [refOf(entry.log, entry.seq - 1)] : []),
];

describe("a past", () => {
  it("is exactly what can be reached", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const pasts = createPasts();
        for (const entry of entries) pasts.add(entry);
        for (const entry of entries) {
          const past = pasts.of(entry.log, entry.seq);
          const reached = reachable(entries, directly(entry));
          for (const other of entries)
            expect(past(other.log) >= other.seq).toBe(reached.has(refOfEntry(other)));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("what an entry learned", () => {
  it("gives every past when it is put into the one before it, and never names what stays", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const pasts = createPasts();
        const known = new Map<string, Map<string, number>>();
        for (const entry of entries) {
          const past = pasts.add(entry);
          const before = known.get(entry.log) ?? new Map<string, number>();
          const learned = pasts.learned(entry.log, entry.seq);
          for (const [other, seq] of learned) expect(before.get(other) ?? -1).toBeLessThan(seq);
          const now = new Map([...before, ...learned]);
          known.set(entry.log, now);
          expect(now.has(entry.log)).toBe(false);
          for (const other of logs.filter((log) => log !== entry.log))
            expect(now.get(other) ?? -1).toBe(past(other));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("the heads of a subject", () => {
  it("are its entries that no other entry of it reaches", () => {
    fc.assert(
      fc.property(history, (entries) => {
        const pasts = createPasts();
        const heads = createHeads();
        for (const entry of entries) heads.add(entry.subject, { ...entry, hash }, pasts.add(entry));
        for (const subject of ["s0", "s1", "s2"]) {
          const own = entries.filter((entry) => entry.subject === subject);
          const reached = own.map((entry) => reachable(entries, directly(entry)));
          const expected = own.filter((entry) => !reached.some((past) => past.has(refOfEntry(entry))));
          expect(heads.of(subject)).toEqual(expected.map((entry) => pin(refOfEntry(entry), hash)).sort());
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are the network's for network-level types, and the creator's ref where subject is null", () => {
    const place = { net: "N", log: logs[0] as string, seq: 4, subject: null };
    expect(subjectOf({ ...place, type: "member.left", subject: "x.1" })).toBe("N");
    expect(subjectOf({ ...place, type: "initiative.proposed" })).toBe(`${logs[0]}.4`);
    expect(subjectOf({ ...place, type: "handoff.offered", subject: "x.1" })).toBe("x.1");
    expect(etagOf([])).toBe("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
  });
});

describe("chosen parents", () => {
  it("reach all that was wanted, and none reaches another", () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(39), { maxLength: 12 }), (entries, picks) => {
        const pasts = createPasts();
        for (const entry of entries) pasts.add(entry);
        const own = logs[0] as string;
        const size = entries.filter(({ log }) => log === own).length;
        const knows = (log: string) =>
          log === own ? size - 1 : size === 0 ? -1 : pasts.of(own, size - 1)(log);
        const wanted = picks
          .flatMap((pick) => entries[pick] ?? [])
          .map((entry) => pin(refOfEntry(entry), hash));
        const { parents, merges } = chooseParents(wanted, { log: own, knows }, pasts);
        expect(merges).toEqual([]);
        expect(parents).toEqual([...parents].sort());
        const known = size === 0 ? new Set<Ref>() : reachable(entries, [refOf(own, size - 1)]);
        const reached = reachable(entries, parents.map(unpin));
        for (const ref of wanted) expect(known.has(unpin(ref)) || reached.has(unpin(ref))).toBe(true);
        for (const parent of parents) {
          expect(known.has(unpin(parent))).toBe(false);
          const others = parents.filter((other) => other !== parent).map(unpin);
          expect(reachable(entries, others).has(unpin(parent))).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("above sixteen are gathered by merges that go before", () => {
    const wanted = Array.from({ length: 40 }, (_, index) =>
      pin(
        refOf(`${String.fromCharCode(65 + (index % 26))}${index < 26 ? "a" : "b"}${"A".repeat(20)}`, 0),
        hash,
      ),
    );
    const { merges, parents } = chooseParents(wanted, { log: "own", knows: () => -1 }, createPasts());
    expect(merges.map(({ length }) => length)).toEqual([16, 16]);
    expect(parents).toHaveLength(8);
    expect([...merges.flat(), ...parents].sort()).toEqual([...wanted].sort());
    expect(new Set(parents.map((parent) => splitRef(parent).log)).size).toBe(8);
  });
});
