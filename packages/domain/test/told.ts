/** What tests of the domain share: a world of a history's facts, and all that it comes to as one text. */
import type { History, Told } from "@handfast/testkit/histories";
import type { Fact } from "../src/fact.ts";
import { kinds } from "../src/kind.ts";
import type { WholeCut, WholeView } from "../src/whole.ts";
import { createWorld, type World } from "../src/world.ts";

export function worldOf(history: Pick<History, "net" | "charter" | "facts">, facts?: readonly Fact[]): World {
  const world = createWorld({ network: history.net, charter: history.charter });
  for (const fact of facts ?? history.facts) world.add(fact);
  return world;
}

export const verdictsIn = (cut: WholeCut, facts: readonly Fact[]): Record<string, string> =>
  Object.fromEntries(
    facts.map(({ ref }) => {
      const verdict = cut.verdictOf(ref);
      return [
        ref,
        verdict === undefined ? "not inside" : verdict.effect === "none" ? verdict.reason : verdict.effect,
      ];
    }),
  );

/** Everything a cut comes to, byte for byte. */
export const everythingIn = (cut: WholeCut, facts: readonly Fact[]): string => {
  const sorted = [...facts].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  return JSON.stringify({
    verdicts: verdictsIn(cut, sorted),
    members: cut.members,
    things: kinds.map((kind) => cut.subjects(kind).map((ref) => cut.thing(kind, ref))),
  });
};

/** The outcome of one entry, in a word. */
export const fateOf = (history: History, fact: Told): string =>
  verdictsIn(worldOf(history).now, [fact])[fact.ref] ?? "not inside";

/** What a partner decides by: all it has heard of, with every text at hand. */
export const viewOf = (history: History, who: number): WholeView => ({
  cut: worldOf(history, history.heardBy(who)).now,
  self: history.partners[who]?.by ?? "",
  nowMs: Date.UTC(2026, 0, 6, 12),
  holdsPayload: () => true,
});
