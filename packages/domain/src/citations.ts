/**
 * What an entry cites: every ref it names in its header's subject or in its `x`. A fold looks at nothing else of other
 * subjects, so this is also what decides which of them are folded again when something arrives late.
 */
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Fact } from "./fact.ts";

/** Members of `x` that hold one ref, pinned or not, whatever the type. */
const members = ["opening", "offer", "accept", "origin", "base", "terms", "completed", "accepted"] as const;

/** Refs and pinned refs an entry names; none where it could not be read. */
export function citedBy({ names, told }: Fact): readonly (Ref | PinnedRef)[] {
  const cited: (Ref | PinnedRef)[] = names === null ? [] : [names];
  if (!told.ok) return cited;
  const x: { readonly [member: string]: unknown } = told.event.x;
  for (const member of members) {
    const named = x[member];
    if (typeof named === "string") cited.push(named);
  }
  const { event } = told;
  if (event.type === "commitment.pledged" && event.x.seat !== undefined) cited.push(event.x.seat.initiative);
  if ("beneficiaries" in event.x) {
    // Partners and the word `network` have no dot; only refs do.
    for (const one of event.x.beneficiaries ?? []) if (one.includes(".")) cited.push(one);
  }
  return cited;
}

/** The ref inside a pinned ref, or a ref itself. */
export const plainRef = (ref: Ref | PinnedRef): Ref => {
  const end = ref.indexOf("@");
  return end < 0 ? ref : ref.slice(0, end);
};

/** Partners an entry is by or names, each once. */
export function partnersIn({ by, told }: Fact): readonly PartnerId[] {
  const named = new Set<PartnerId>([by]);
  if (!told.ok) return [...named];
  const x: { readonly [member: string]: unknown } = told.event.x;
  for (const member of ["debtor", "to", "root"]) {
    const partner = x[member];
    if (typeof partner === "string") named.add(partner);
  }
  for (const member of ["beneficiaries", "confirmers"]) {
    const list = x[member];
    if (!Array.isArray(list)) continue;
    for (const one of list as readonly string[]) if (one !== "network" && !one.includes(".")) named.add(one);
  }
  return [...named];
}
