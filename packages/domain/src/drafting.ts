/**
 * Small parts of drafts: where a fact comes from, which members it has, and the words of a command. Words go into the
 * payload of its first entry, and nothing ever follows from them.
 */
import { eventNames, events } from "@handfast/protocol/events";
import type { Draft } from "./decision.ts";

type Provenance = {
  readonly occurredAt?: number | undefined;
  readonly externalId?: string | undefined;
  readonly externalStatus?: string | undefined;
};

/** What a command says of a fact that was recorded elsewhere first. */
export const provenance = ({ occurredAt, externalId, externalStatus }: Provenance) =>
  present({ occurredAt, externalId, externalStatus });

/** The members that have a value. */
export const present = <Members extends object>(members: Members): Present<Members> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<Members>;

type Present<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/** Every member of a command that is a text of some event, as the events' rows say. */
const textNames: readonly string[] = [...new Set(eventNames.flatMap((name) => events[name].texts))];

/** The payload's texts, where there are any. */
export function textsOf(command: { readonly [name: string]: unknown }): Pick<Draft, "body"> {
  const texts = textNames.flatMap((name) => {
    const text = command[name];
    return typeof text === "string" && text !== "" ? [[name, text] as const] : [];
  });
  return texts.length === 0 ? {} : { body: Object.fromEntries(texts) };
}
