/**
 * What an entry cites: every ref it names in its header's subject or in its `x`. A fold looks at nothing else of other
 * subjects, so this is also what decides which of them are folded again when something arrives late.
 */
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { citedBy as citedInX } from "@handfast/protocol/refs";
import type { Fact } from "./fact.ts";

/** Refs and pinned refs an entry names; none in `x` where it could not be read. */
export const citedBy = ({ names, told }: Pick<Fact, "names" | "told">): readonly (Ref | PinnedRef)[] => [
  ...(names === null ? [] : [names]),
  ...(told.ok ? citedInX(told.event) : []),
];

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
