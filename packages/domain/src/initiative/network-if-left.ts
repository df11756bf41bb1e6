/** When a decision about an initiative has to be appended after what the network knows. */
import type { WholeCut } from "../whole.ts";
import type { Initiative } from "./state.ts";

/** Where someone concerned left the network, its heads are named too: they decide who leads. */
export function networkIfLeft({ leads, handoffs }: Initiative, { membership, network }: WholeCut): string[] {
  const concerned = [...leads.map((one) => one.lead), ...handoffs.map((one) => one.to)];
  const left = concerned.some((one) => one !== null && membership.departuresOf(one).length > 0);
  return left ? [network] : [];
}
