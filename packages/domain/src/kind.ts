/** The kinds of things above the network, what creates them, and which entries speak of them. */
import {
  type Event,
  type EventName,
  type EventOf,
  events,
  machines,
  type NameAbout,
  type Opening,
  openedBy,
} from "@handfast/protocol/events";
import type { Machine } from "@handfast/protocol/machines";
import type { Fact } from "./fact.ts";

export type Kind = Exclude<Machine, "network" | "any">;

/** Events about things of one kind. */
export type EventAbout<K extends Kind> = EventOf<NameAbout<K>>;
/** Types of entries about a thing of one kind that is there already. */
export type Acting<K extends Kind> = Exclude<NameAbout<K>, Opening<K>>;
/** Events about the network itself. */
export type NetworkEvent = EventOf<NameAbout<"network">>;

const isKind = (machine: Machine | null): machine is Kind =>
  machine !== null && machine !== "network" && machine !== "any";

/** Every kind, in the order of reading: a fold asks for verdicts on things of the kinds before its own alone. */
export const kinds: readonly Kind[] = machines.map(({ machine }) => machine).filter(isKind);

/** What kind of thing an entry creates, if any. */
export function createdBy({ told }: Fact): Kind | null {
  const machine = told.ok ? openedBy(told.event.type) : null;
  return isKind(machine) ? machine : null;
}

/** Whether entries of this type may be about a thing of this kind. */
export const speaksOf = (type: EventName, kind: Kind): boolean => events[type].machine === kind;

export const isAbout = <K extends Kind>(event: Event, kind: K): event is EventAbout<K> & Event =>
  speaksOf(event.type, kind);

export const isAboutNetwork = (event: Event): event is NetworkEvent =>
  events[event.type].machine === "network";
