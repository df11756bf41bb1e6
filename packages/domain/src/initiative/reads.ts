/** What a decision about an initiative has read: whatever happens to that before the append, it is decided anew. */
import { networkIfLeft } from "../network-if-left.ts";
import type { WholeView } from "../whole.ts";
import type { Initiative } from "./view.ts";

/** Who led, leads or is to lead may have left the network: that decides who leads. */
export const readsOf = ({ ref, leads, handoffs }: Initiative, { cut }: WholeView): readonly string[] => [
  ref,
  ...networkIfLeft([...leads.map((one) => one.lead), ...handoffs.map((one) => one.to)], cut),
];
