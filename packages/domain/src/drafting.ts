/**
 * Small parts of drafts: where a fact comes from, which members it has, and the words of a command. Words go into the
 * payload of its first entry, and nothing ever follows from them.
 */
import { type Command, type CommandName, type PlainCommandName, verbs } from "@handfast/api/verbs";
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

/** The texts of a command that is decided by hand. */
export const textsOf = (body: { readonly [name: string]: unknown }): Pick<Draft, "body"> =>
  payloadOf(textNames, body);

/** Whether a command writes the one event that its verb says. */
export const isPlain = <Given extends Command>(
  command: Given,
): command is Extract<Given, { readonly name: PlainCommandName }> => verbs[command.name].says !== null;

/** Members of `x` that the node knows of the thing, for the verbs whose rows name them. */
type Known = { readonly [Member in (typeof verbs)[CommandName]["fills"][number]]?: unknown };

/** The entry of a plain command: members of its body go into `x` and the texts under the names of the event's row. */
export function plainDraft({ name, on, body }: Command<PlainCommandName>, known: Known = {}): Draft {
  const { says, fills } = verbs[name];
  const { members, texts } = events[says];
  const given: { readonly [member: string]: unknown } = {
    ...body,
    ...Object.fromEntries(fills.map((member) => [member, known[member]])),
  };
  const own = Object.fromEntries(Object.keys(members).map((member) => [member, given[member]]));
  return {
    type: says,
    subject: on,
    x: { ...provenance(body), ...present(own) },
    ...payloadOf(texts, given),
  } as Draft;
}

/** The payload's texts, where there are any. */
function payloadOf(
  names: readonly string[],
  given: { readonly [name: string]: unknown },
): Pick<Draft, "body"> {
  const texts = names.flatMap((name) => {
    const text = given[name];
    return typeof text === "string" && text !== "" ? [[name, text] as const] : [];
  });
  return texts.length === 0 ? {} : { body: Object.fromEntries(texts) };
}
