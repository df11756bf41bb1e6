/** All commands in one table. */

import type { Ref } from "@handfast/protocol/ids";
import type { z } from "zod";
import { commitmentCommands } from "./commitments.ts";
import { helpCommands } from "./help.ts";
import { initiativeCommands } from "./initiatives.ts";
import { networkCommands } from "./network.ts";
import type { CommandSpec } from "./verb.ts";

export const commands = {
  ...networkCommands,
  ...initiativeCommands,
  ...helpCommands,
  ...commitmentCommands,
} as const satisfies Record<string, CommandSpec>;
export type CommandName = keyof typeof commands;
/** The parsed body of a command. */
export type CommandBody<Name extends CommandName> = z.infer<(typeof commands)[Name]["body"]>;
/** A command as the domain takes it: who gives it is the node's own partner, never taken from a body. */
export type Command<Name extends CommandName = CommandName> = {
  [N in Name]: {
    readonly name: N;
    readonly on: N extends `${string}.${"propose" | "share" | "request" | "offer" | "pledge"}` ? null : Ref;
    readonly body: CommandBody<N>;
  };
}[Name];
