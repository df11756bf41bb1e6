/** The kinds of things above the network, what creates them, and which entries speak of them. */
import type { Event, EventName, EventOf } from "@handfast/protocol/events";
import type { Fact } from "./fact.ts";

export type Kind = "initiative" | "challenge" | "commitment";

const creators: { readonly [type: string]: Kind } = {
  "initiative.proposed": "initiative",
  "challenge.shared": "challenge",
  "commitment.requested": "commitment",
  "commitment.offered": "commitment",
  "commitment.pledged": "commitment",
};

/** Lead and handoff are an initiative's; help is its challenge's. */
const nouns = {
  initiative: "initiative",
  lead: "initiative",
  handoff: "initiative",
  challenge: "challenge",
  help: "challenge",
  commitment: "commitment",
} as const satisfies Record<string, Kind>;
type NounOf<K extends Kind> = {
  [N in keyof typeof nouns]: (typeof nouns)[N] extends K ? N : never;
}[keyof typeof nouns];

/** Events about things of one kind. */
export type EventAbout<K extends Kind> = EventOf<Extract<EventName, `${NounOf<K>}.${string}`>>;
/** Events about the network itself. */
export type NetworkEvent = EventOf<Extract<EventName, `${"log" | "member" | "charter"}.${string}`>>;

/** What kind of thing an entry creates, if any. */
export const createdBy = ({ told }: Fact): Kind | null =>
  told.ok ? (creators[told.event.type] ?? null) : null;

/** Whether entries of this type may be about a thing of this kind. */
export const speaksOf = (type: EventName, kind: Kind): boolean =>
  (nouns as { readonly [noun: string]: Kind })[type.slice(0, type.indexOf("."))] === kind;

export const isAbout = <K extends Kind>(event: Event, kind: K): event is EventAbout<K> & Event =>
  speaksOf(event.type, kind);

/** Types that fold together as one subject, the network. */
export const isNetworkLevel = (type: string): boolean => /^(?:log|partner|member|charter)\./.test(type);

export const isAboutNetwork = (event: Event): event is NetworkEvent => isNetworkLevel(event.type);
