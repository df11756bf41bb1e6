/** Everything that a set of entries comes to, as one text: equal sets must give equal texts, on every node. */
import { type Fact, isBefore } from "@handfast/domain/fact";
import type { WholeCut } from "@handfast/domain/whole";
import { createWorld } from "@handfast/domain/world";
import { network } from "./partners.ts";

export function everything(cut: WholeCut, facts: readonly Fact[]): string {
  const sorted = [...facts].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  return JSON.stringify({
    verdicts: sorted.map(({ ref, hash }) => [ref, hash, cut.verdictOf(ref)]),
    members: cut.members,
    initiatives: cut.subjects("initiative").map((ref) => cut.initiative(ref)),
    challenges: cut.subjects("challenge").map((ref) => cut.challenge(ref)),
    commitments: cut.subjects("commitment").map((ref) => cut.commitment(ref)),
  });
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
