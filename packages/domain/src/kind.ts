/** The kinds of things above the network, what creates them, and which entries speak of them. */
import type { EventName } from "@handfast/protocol/events";
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
const nouns: { readonly [noun: string]: Kind } = {
  initiative: "initiative",
  lead: "initiative",
  handoff: "initiative",
  challenge: "challenge",
  help: "challenge",
  commitment: "commitment",
};

/** What kind of thing an entry creates, if any. */
export const createdBy = ({ told }: Fact): Kind | null =>
  told.ok ? (creators[told.event.type] ?? null) : null;

/** Whether entries of this type may be about a thing of this kind. */
export const speaksOf = (type: EventName, kind: Kind): boolean =>
  nouns[type.slice(0, type.indexOf("."))] === kind;
