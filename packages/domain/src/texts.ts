/** The words of a command go into the payload of its first entry, and nothing ever follows from them. */
import { body } from "./commitment/drafting.ts";
import type { Draft } from "./decision.ts";

const words = ["title", "text", "reason", "problem", "benefits", "success", "wanted", "needs", "pack"];

export const textsOf = (command: { readonly [name: string]: unknown }): Pick<Draft, "body"> =>
  body(command, ...words);

/** A fact recorded elsewhere first: guards about starting well do not apply to the past. */
export const isImport = (command: { readonly occurredAt?: number | undefined }): boolean =>
  command.occurredAt !== undefined;
