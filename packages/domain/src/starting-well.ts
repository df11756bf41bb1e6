/**
 * Guards about starting well, asked of this node's own commands alone. Peers' entries are never judged by them, and an
 * import may state what they would refuse: the past is what it was.
 */
import { hasCome } from "@handfast/protocol/begun";
import type { Day } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { type Refused, refuse } from "./decision.ts";
import { dayMs, dayOf } from "./laws/time.ts";
import type { View } from "./view.ts";

type Command = { readonly imported?: boolean | undefined };
type Clock = Pick<View, "nowMs">;

/** A fact recorded elsewhere first, and said to be so. That it happened earlier alone is not enough. */
export const isImport = ({ imported }: Command): boolean => imported === true;

/** The day where a day lasts longest, in UTC-12: what is due then can still be done. */
const lastToday = (nowMs: number): Day => dayOf(nowMs - dayMs / 2);

export const isOverEverywhere = (day: Day, nowMs: number): boolean => day < lastToday(nowMs);

/** Whether a command names a day that is over everywhere, and so cannot be promised any more. */
export const isOver = (day: Day | undefined, command: Command, { nowMs }: Clock): boolean =>
  day !== undefined && !isImport(command) && isOverEverywhere(day, nowMs);

/** Says that a day is over, and which day it is where. */
export const refuseOver = (day: Day | undefined, clock: Clock): Refused =>
  refuse(
    "due-in-the-past",
    `${day ?? "the day"} is over everywhere: it is ${dayOf(clock.nowMs)} in UTC and ${lastToday(clock.nowMs)} at UTC-12`,
  );

export const isAhead = (occurredAt: number | undefined, { nowMs }: Clock): boolean =>
  occurredAt !== undefined && !hasCome(occurredAt, nowMs + limits.futureMs);
