/** The seat a pledge is made from: the lead of an initiative may pledge as its lead, and hand the pledge over with it. */
import type { Ref } from "@handfast/protocol/ids";
import type { WholeView } from "../whole.ts";

export function seatOf(
  ref: Ref,
  { cut, self }: WholeView,
): { readonly initiative: Ref; readonly term: number } | null {
  const initiative = cut.initiative(ref);
  return initiative?.lead === self ? { initiative: ref, term: initiative.term } : null;
}
