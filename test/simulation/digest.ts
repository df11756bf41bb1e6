/** Everything that a set of entries comes to, as one text: equal sets must give equal texts, on every node. */
import { type Fact, isBefore } from "@handfast/domain/fact";
import { kinds } from "@handfast/domain/kind";
import type { WholeCut } from "@handfast/domain/whole";
import { createWorld } from "@handfast/domain/world";
import { network } from "./partners.ts";

export function everything(cut: WholeCut, facts: readonly Fact[]): string {
  const name = namesOf(facts);
  const told = JSON.stringify({
    members: cut.members,
    things: kinds.map((kind) => cut.subjects(kind).map((ref) => cut.thing(kind, ref))),
  });
  const verdicts = facts.map(
    (fact) => `${name(fact.ref)} ${fact.hash} ${JSON.stringify(cut.verdictOf(fact.ref))}`,
  );
  return `${verdicts.sort().join("\n")}\n${told.replaceAll(someRef, (ref) => name(ref))}`;
}

const someRef = /[A-Za-z0-9_-]{21}[A-Za-z0-9_~-]\.(?:0|[1-9][0-9]*)(?![0-9@])/g;

/** Where two entries stand in one place of a log, each node names one of them its own way: here both have their hash. */
function namesOf(facts: readonly Fact[]): (ref: string) => string {
  const places = Map.groupBy(facts, ({ branchOf, log, seq }) => `${branchOf ?? log}.${seq}`);
  const names = new Map<string, string>();
  for (const [place, held] of places)
    for (const { ref, hash } of held) names.set(ref, held.length === 1 ? place : `${place}@${hash}`);
  return (ref) => names.get(ref) ?? ref;
}

/** The same from nothing, in another order of arrival that causality allows: the last to come first. */
export function everythingAnew(facts: readonly Fact[]): string {
  const world = createWorld({ network: network.net, charter: network.charter });
  const left = [...facts].reverse();
  while (left.length > 0) {
    const index = left.findIndex((fact) => !left.some((other) => other !== fact && isBefore(other, fact)));
    for (const fact of left.splice(Math.max(0, index), 1)) world.add(fact);
  }
  return everything(world.now, facts);
}
