/**
 * One act at the node, done once: the idempotency key is made here, so an act whose outcome stayed unknown is sent again with the same
 * key, and the key is shown where that did not help either.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandName } from "@handfast/api/verbs";
import { ProblemError, UnreachableError } from "@handfast/client/client";
import { NodeError, usage } from "../node/fault.ts";
import type { NodeApi, Thing } from "./node-api.ts";
import { faultOf, type Output } from "./output.ts";

export type Act = {
  readonly name: CommandName;
  readonly on: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** As the person gave it; else one is made. */
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: string | undefined;
};

const pauseMs = 1_000;

/** @throws {NodeError} With the key to repeat it by, where the act may still be done. */
export async function perform(
  node: Pick<NodeApi, "command">,
  { name, on, body, idempotencyKey = randomUUID(), ifMatch }: Act,
  output: Pick<Output, "say">,
): Promise<Thing> {
  assertHeader("--idempotency-key", idempotencyKey, "crm-4711-pledge");
  if (ifMatch !== undefined) assertHeader("--if-match", ifMatch, '"3nS0uB..."');
  const send = () =>
    node.command(name, { on, body, idempotencyKey, ...(ifMatch === undefined ? {} : { ifMatch }) });
  try {
    return await send();
  } catch (err) {
    if (!isUnknown(err)) throw withKey(err, idempotencyKey);
    output.say(
      `handfast: no answer yet whether it was done; asking again with the same key, ${idempotencyKey}`,
    );
    await delay(pauseMs);
    return await send().catch((again: unknown) => {
      throw withKey(again, idempotencyKey);
    });
  }
}

/** What goes into a header as it is: HTTP would not carry anything else. @throws {NodeError} usage */
function assertHeader(option: string, text: string, example: string): void {
  if (/^[\x20-\x7e]{1,255}$/.test(text)) return;
  const given = text.length > 60 ? `${text.length} characters` : JSON.stringify(text);
  throw usage(
    `${option}: got ${given}, expected 1 to 255 printable ASCII characters`,
    `for example ${option} ${example}`,
  );
}

/** Whether it may have been done all the same. */
const isUnknown = (err: unknown): boolean =>
  err instanceof UnreachableError ||
  (err instanceof ProblemError && ["outcome-unknown", "moved"].includes(err.code));

/** What may do better later is repeated by its key; any other refusal stays as it is. */
function withKey(err: unknown, key: string): unknown {
  const isPassing =
    err instanceof UnreachableError ||
    (err instanceof ProblemError && (err.retry === "later" || err.code === "moved"));
  if (!isPassing) return err;
  const { code, message, exitCode } = faultOf(err);
  return new NodeError(code, message, {
    cause: err,
    exitCode,
    hint: `repeat the command with --idempotency-key ${key}: it is never done twice`,
  });
}
