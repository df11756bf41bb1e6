/** All verbs in one table, and the commands that are given by them. */

import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { z } from "zod";
import { challengeVerbs } from "./challenge.ts";
import { commitmentVerbs } from "./commitment.ts";
import { conversationVerbs } from "./conversation.ts";
import type { Verb } from "./define.ts";
import { initiativeVerbs } from "./initiative.ts";
import { partnerVerbs } from "./partner.ts";

export const verbs = {
  ...partnerVerbs,
  ...initiativeVerbs,
  ...challengeVerbs,
  ...commitmentVerbs,
  ...conversationVerbs,
} as const;

export { maxCarried } from "./initiative.ts";

/** `<noun>.<verb>`, as in `commitment.accept`. */
export type CommandName = keyof typeof verbs;
export type Collection = (typeof verbs)[CommandName]["collection"];
/** Every verb with its name, in the order of the table. */
export const verbEntries = Object.entries(verbs) as readonly (readonly [CommandName, Verb<Collection>])[];

/** The parsed body of a command. */
export type CommandBody<Name extends CommandName> = z.infer<(typeof verbs)[Name]["body"]>;
/** A command as the domain takes it. Who gives it is the node's own partner, never taken from a body. */
export type Command<Name extends CommandName = CommandName> = {
  [N in Name]: {
    readonly name: N;
    readonly on: (typeof verbs)[N]["creates"] extends true ? null : Ref;
    readonly body: CommandBody<N>;
  };
}[Name];

/** Verbs that write the one event they say, without further decisions. */
export type PlainCommandName = {
  [Name in CommandName]: (typeof verbs)[Name]["says"] extends EventName ? Name : never;
}[CommandName];
