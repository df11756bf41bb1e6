// Goal: an entry is judged by what its author had seen, whatever the order of arrival, and costs one rule. Method: a toy
// machine whose only rule tells how many entries its author had seen.
import { describe, expect, it } from "vitest";
import type { Cut } from "../cut.ts";
import type { Fact } from "../fact.ts";
import { noDoubts } from "../laws/relying.ts";
import { Fold, foldThing, maxCounting } from "./fold.ts";
import type { Counted, Machine } from "./machine.ts";

type Seen = { readonly refs: string[] };
const asked: { ref: string; seen: readonly string[] }[] = [];

/** An author who has seen an entry called "stop" no longer counts; everything else counts. */
const machine: Machine<Seen> = {
  gate: ({ told }) => (told.ok ? { event: told.event, reason: null } : { event: null, reason: told.reason }),
  opens:
    ({ fact }) =>
    () => ({ refs: [fact.ref] }),
  rules: {
    "initiative.joined": {
      judge: ({ fact }, seen) => {
        asked.push({ ref: fact.ref, seen: [...seen.refs].sort() });
        return seen.refs.some((ref) => ref.startsWith("stop")) ? "closed" : { seen: seen.refs.length };
      },
      add: (state, { fact }) => void state.refs.push(fact.ref),
    },
  },
  hears: () => [],
  learn: (state, heard) => void state.refs.push(`heard ${heard.ref}`),
  // Authors who had seen nothing but the beginning, once there is more than this.
  isCrossed: ({ note }: Counted, whole) =>
    (note as { readonly seen: number } | null)?.seen === 1 &&
    whole.refs.length > 40 &&
    whole.refs.length < 200,
  mayCross: () => true,
  crossesAtOnce: () => false,
  touchesOthers: new Set(),
  isTouchedByOthers: true,
};

/** Facts by hand: `saw` names how much of each other log its author had seen. */
function entry(log: string, seq: number, saw: Readonly<Record<string, number>> = {}, at = seq): Fact {
  const past = (of: string) => (of === log ? seq - 1 : (saw[of] ?? -1));
  return {
    ref: `${log}.${seq}`,
    hash: "h",
    by: log,
    log,
    seq,
    at: [at, 0],
    subject: "root.0",
    names: seq === 0 && log === "root" ? null : "root.0",
    told: { ok: true, event: { type: log === "root" ? "initiative.proposed" : "initiative.joined", x: {} } },
    past,
  };
}
const creation = entry("root", 0);
const cutOf = (facts: readonly Fact[]): Cut => ({ factsOf: () => facts, doubts: noDoubts }) as unknown as Cut;
const foldOf = (facts: readonly Fact[], kept?: number) =>
  foldThing(machine, creation, cutOf([creation, ...facts]), kept);
const seenBy = (ref: string) => asked.findLast((one) => one.ref === ref)?.seen;

describe("a fold", () => {
  it("asks of an entry what its author had seen, and no more", () => {
    const [a, b, c] = [entry("a", 0, {}, 1), entry("b", 0, {}, 2), entry("c", 0, { a: 0 }, 3)];
    foldOf([a, b, c]);
    expect(seenBy("a.0")).toEqual(["root.0"]);
    expect(seenBy("b.0")).toEqual(["root.0"]);
    expect(seenBy("c.0")).toEqual(["a.0", "root.0"]);
  });

  it("comes to the same in every order that keeps causes before effects", () => {
    const facts = [
      entry("a", 0),
      entry("b", 0),
      entry("stop", 0, { a: 0 }),
      entry("c", 0, { stop: 0, a: 0 }),
    ];
    const orders = [
      [0, 1, 2, 3],
      [1, 0, 2, 3],
      [0, 2, 1, 3],
      [0, 2, 3, 1],
    ];
    for (const order of orders) {
      const fold = new Fold(machine, creation, cutOf([]));
      for (const index of order) expect(fold.take(facts[index] as Fact)).toBe(true);
      const words = facts.map(({ ref }) => fold.verdictOf(ref)?.effect);
      expect(words).toEqual(["effective", "effective", "effective", "none"]);
    }
  });

  it("asks whether an entry crossed of everything, and only when it is looked at", () => {
    const facts = Array.from({ length: 60 }, (_, log) => entry(`log${log}`, 0, {}, log));
    const fold = foldOf(facts.slice(0, 10));
    expect(fold.verdictOf("log3.0")).toEqual({ effect: "effective" });
    for (const fact of facts.slice(10)) fold.take(fact);
    expect(fold.verdictOf("log3.0")).toEqual({ effect: "crossed" });
  });

  it("refuses to take a cause after its effect, and takes everything once", () => {
    const fold = new Fold(machine, creation, cutOf([]));
    const [cause, effect] = [entry("a", 0), entry("b", 0, { a: 0 })];
    expect(fold.take(effect)).toBe(true);
    expect(fold.take(cause)).toBe(false);
    expect(fold.take(effect)).toBe(true);
    expect(fold.whole?.refs).toEqual(["root.0", "b.0"]);
  });

  it("needs no state of its own for logs that keep up", () => {
    const facts: Fact[] = [];
    for (let at = 0; at < 200; at++) {
      const [log, other] = at % 2 === 0 ? ["a", "b"] : ["b", "a"];
      const seq = Math.floor(at / 2);
      facts.push(entry(log as string, seq, { [other as string]: at % 2 === 0 ? seq - 1 : seq }, at));
    }
    const fold = foldOf(facts);
    expect(fold.viewCount).toBe(0);
    expect(fold.whole?.refs).toHaveLength(201);
  });

  it("keeps so many states and no more, and takes over one that saw nothing else", () => {
    const early = Array.from({ length: 50 }, (_, seq) => entry("a", seq, {}, seq));
    const deaf = Array.from({ length: 20 }, (_, log) => entry(`deaf${log}`, 0, { a: 40 }, 100 + log));
    const fold = foldOf([...early, ...deaf], 2);
    expect(fold.viewCount).toBeLessThanOrEqual(2);
    for (const { ref } of deaf) expect(seenBy(ref)).toHaveLength(42);
  });

  it("judges a draft as the entry would be, and moves nothing by it", () => {
    const fold = foldOf([entry("a", 0), entry("stop", 0)]);
    const [deaf, keen] = [entry("b", 0), entry("b", 0, { a: 0, stop: 0 })];
    expect(fold.refuses(keen)).toBe("closed");
    expect(fold.refuses(deaf)).toBeNull();
    expect(fold.viewCount).toBe(1);
    expect(fold.whole?.refs).toEqual(["root.0", "a.0", "stop.0"]);
    expect(fold.take(entry("b", 0))).toBe(true);
    expect(fold.verdictOf("b.0")).toEqual({ effect: "effective" });
  });

  it("hears entries of other subjects in their place, without a verdict", () => {
    const fold = new Fold(machine, creation, cutOf([]));
    const left = { ...entry("net", 0), subject: "network" };
    expect(fold.take(left)).toBe(true);
    expect(fold.take(left)).toBe(true);
    fold.take(entry("a", 0));
    fold.take(entry("b", 0, { net: 0 }));
    expect(seenBy("a.0")).toEqual(["root.0"]);
    expect(seenBy("b.0")).toEqual(["heard net.0", "root.0"]);
    expect(fold.verdictOf("net.0")).toBeUndefined();
  });

  it("lets nothing count that has the most entries there may be in its past; who has seen fewer still counts", () => {
    const facts = Array.from({ length: maxCounting - 1 }, (_, seq) => entry("a", seq, {}, seq));
    const fold = foldOf(facts);
    const last = maxCounting - 2;
    expect(fold.verdictOf(`a.${last}`)?.effect).toBe("effective");
    expect(fold.refuses(entry("a", last + 1))).toBe("subject-full");
    expect(fold.take(entry("b", 0, { a: last }))).toBe(true);
    expect(fold.verdictOf("b.0")).toEqual({ effect: "none", reason: "subject-full" });
    expect(fold.refuses(entry("c", 0, { a: last - 1 }))).toBeNull();
    // Entries without effect fill nothing.
    expect(fold.whole?.refs).toHaveLength(maxCounting);
  });
});
