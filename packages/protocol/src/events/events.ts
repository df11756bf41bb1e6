/**
 * Every event type this release applies, with the schema of its `x` (docs/reference/fold.md section 7).
 *
 * An unknown type is never refused: it is kept, passed on and folded as `opaque`.
 */
import type { z } from "zod";
import type { Header } from "../header.ts";
import { eventX } from "./any.ts";
import { commitmentEvents } from "./commitment.ts";
import { helpEvents } from "./help.ts";
import { initiativeEvents } from "./initiative.ts";
import { LogOpenedX } from "./log.ts";
import { networkEvents } from "./network.ts";

export const events = {
  "log.opened": LogOpenedX,
  ...networkEvents,
  ...initiativeEvents,
  ...helpEvents,
  ...commitmentEvents,
  /** Names heads that do not fit under one entry's sixteen parents. */
  "subject.merged": eventX({}),
} as const satisfies Record<string, z.ZodType>;

export type EventName = keyof typeof events;
type EventXOf<Name extends EventName> = z.infer<(typeof events)[Name]>;
/** A known event: its type and its parsed `x`, told apart by `type`. */
export type Event = { [Name in EventName]: { readonly type: Name; readonly x: EventXOf<Name> } }[EventName];
export type EventOf<Name extends EventName> = Extract<Event, { type: Name }>;

const isKnownType = (type: string): type is EventName => Object.hasOwn(events, type);

/** Types whose entry creates the thing it is about (`subject` is null); `charter.attested` may be either. */
const creating: ReadonlySet<string> = new Set([
  "log.opened",
  "member.sponsored",
  "initiative.proposed",
  "challenge.shared",
  "commitment.requested",
  "commitment.offered",
  "commitment.pledged",
]);

export type ReadEvent =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly reason: "opaque" | "malformed" };

/** The event a header tells, or why the fold passes it over. Total: never throws, never refuses. */
export function readEvent(header: Pick<Header, "type" | "subject" | "x">): ReadEvent {
  if (!isKnownType(header.type)) return { ok: false, reason: "opaque" };
  const must = header.x["must"];
  // This release knows no extension by name, so whatever must be understood is not.
  if (Array.isArray(must) && must.length > 0) return { ok: false, reason: "opaque" };
  const x = events[header.type].safeParse(header.x);
  if (!x.success) return { ok: false, reason: "malformed" };
  const fits = header.type === "charter.attested" || (header.subject === null) === creating.has(header.type);
  return fits
    ? { ok: true, event: { type: header.type, x: x.data } as Event }
    : { ok: false, reason: "malformed" };
}

/** Types that fold together as one subject, the network. */
export const isNetworkLevel = (type: string): boolean => /^(?:log|partner|member|charter)\./.test(type);
