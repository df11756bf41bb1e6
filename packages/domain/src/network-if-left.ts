/**
 * When a decision has to be appended after what the network knows. Who is a member is nearly always settled, and reading
 * it each time would let any admission anywhere stand in the way of everything that is decided.
 */
import type { PartnerId } from "@handfast/protocol/ids";
import type { Cut } from "./cut.ts";

/** The network as a subject that was read, where one of these partners ever left it; `null` is nobody. */
export const networkIfLeft = (
  concerned: readonly (PartnerId | null)[],
  { membership, network }: Cut,
): readonly string[] =>
  concerned.some((one) => one !== null && membership.departuresOf(one).length > 0) ? [network] : [];
