/**
 * Every event type this release applies, and what follows from its row (docs/reference/fold.md section 7).
 *
 * An unknown type is never refused: it is kept, passed on and folded as `opaque`.
 */
import type { z } from "zod";
import type { Header } from "../header.ts";
import { refOf } from "../ids.ts";
import { commitmentEvents } from "./commitment.ts";
import { conversationEvents } from "./conversation.ts";
import type { Level, Machine } from "./define.ts";
import { helpEvents } from "./help.ts";
import { initiativeEvents } from "./initiative.ts";
import { mergeEvents } from "./merge.ts";
import { networkEvents } from "./network.ts";

export const machines = [
  networkEvents.about,
  initiativeEvents.about,
  helpEvents.about,
  commitmentEvents.about,
  conversationEvents.about,
  mergeEvents.about,
] as const;

export const events = {
  ...networkEvents.rows,
  ...initiativeEvents.rows,
  ...helpEvents.rows,
  ...commitmentEvents.rows,
  ...conversationEvents.rows,
  ...mergeEvents.rows,
} as const;

export type EventName = keyof typeof events;
export const eventNames = Object.keys(events) as readonly EventName[];
type EventXOf<Name extends EventName> = z.infer<(typeof events)[Name]["x"]>;
/** A known event: its type and its parsed `x`, told apart by `type`. */
export type Event = { [Name in EventName]: { readonly type: Name; readonly x: EventXOf<Name> } }[EventName];
export type EventOf<Name extends EventName> = Extract<Event, { type: Name }>;

/** Names of the events that one machine judges. */
export type NameAbout<M extends Machine> = {
  [Name in EventName]: (typeof events)[Name]["machine"] extends M ? Name : never;
}[EventName];
/** Names of the events that open a thing of one machine, and nothing else. */
export type Opening<M extends Machine> = {
  [Name in NameAbout<M>]: (typeof events)[Name]["opens"] extends true ? Name : never;
}[NameAbout<M>];

const isKnownType = (type: string): type is EventName => Object.hasOwn(events, type);

export type ReadEvent =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly reason: "opaque" | "malformed" };

/** The event a header states, or why the fold passes it over. Total: never throws, never refuses. */
export function readEvent(header: Pick<Header, "type" | "subject" | "x">): ReadEvent {
  if (!isKnownType(header.type)) return { ok: false, reason: "opaque" };
  const must = header.x["must"];
  // This release knows no extension by name, so whatever must be understood is not.
  if (Array.isArray(must) && must.length > 0) return { ok: false, reason: "opaque" };
  const { x: schema, opens } = events[header.type];
  const x = schema.safeParse(header.x);
  const fits = x.success && (opens === "either" || opens === (header.subject === null));
  return fits
    ? { ok: true, event: { type: header.type, x: x.data } as Event }
    : { ok: false, reason: "malformed" };
}

const levelOfNoun: ReadonlyMap<string, Level> = new Map(
  machines.flatMap(({ nouns, level }) => nouns.map((noun) => [noun, level] as const)),
);

/** The level of any type; one that this release does not know has that of its noun, else it is about a thing. */
export const levelOf = (type: string): Level =>
  isKnownType(type) ? events[type].level : (levelOfNoun.get(type.slice(0, type.indexOf("."))) ?? "thing");

/** What an entry folds with: the network's id, its log's, or the ref of the entry that opened the thing it is about. */
export function subjectOf({
  type,
  net,
  log,
  seq,
  subject,
}: Pick<Header, "net" | "log" | "seq" | "type" | "subject">): string {
  switch (levelOf(type)) {
    case "network":
      return net;
    case "log":
      return log;
    case "thing":
      return subject ?? refOf(log, seq);
  }
}

/** What machine an entry of this type opens a thing of; null where it opens none. */
export const openedBy = (type: string): Machine | null =>
  isKnownType(type) && events[type].opens !== false ? events[type].machine : null;
