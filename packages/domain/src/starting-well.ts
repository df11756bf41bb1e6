/**
 * Guards about starting well, asked of this node's own commands alone. Peers' entries are never judged by them, and a
 * fact recorded elsewhere first may tell of what they would refuse: the past is what it was.
 */
import type { Day } from "@handfast/protocol/ids";
import type { View } from "./view.ts";

type Dated = { readonly occurredAt?: number | undefined };

/** A fact recorded elsewhere first. */
export const isImport = ({ occurredAt }: Dated): boolean => occurredAt !== undefined;

/** Whether a command names a day that is over, and so cannot be promised any more. */
export const isOver = (day: Day | undefined, command: Dated, { today }: Pick<View, "today">): boolean =>
  day !== undefined && !isImport(command) && day < today;
