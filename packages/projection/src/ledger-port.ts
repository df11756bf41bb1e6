/**
 * The ledger as its node's readers and deciders ask it, over the bus: typed questions, every answer checked against its
 * schema. Faults are thrown; refusals are in the answers.
 */

import {
  AppendReply,
  AppendRequest,
  PayloadsReply,
  PayloadsRequest,
  ReadReply,
  ReadRequest,
  RecallReply,
  RecallRequest,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson, encodeJson, type Schema } from "@handfast/bus/json";

/** The ledger answered something that is no answer: another version of it, or a bug. */
export class LedgerAnswerError extends Error {
  override readonly name = "LedgerAnswerError";
  readonly code = "ledger-answer";
  readonly retry = "never";
}

export type LedgerPort = ReturnType<typeof createLedgerPort>;

/** @param timeoutMs How long one answer may take; after it an append's outcome is unknown until it is recalled. */
export function createLedgerPort(bus: Bus, timeoutMs = 10_000) {
  const ask =
    <Request, Reply>(verb: string, requestOf: Schema<Request>, replyOf: Schema<Reply>) =>
    async (request: Request): Promise<Reply> => {
      const data = encodeJson(requestOf, request);
      const reply = decodeJson(
        replyOf,
        (await bus.request(subjects.service("ledger", verb), data, { timeoutMs, maxReplyBytes: 8_388_608 }))
          .data,
      );
      if (reply.ok) return reply.value;
      throw new LedgerAnswerError(`the ledger's answer to ${verb} has another shape`, { cause: reply.error });
    };
  return {
    /** Entries in this node's order of arrival. */
    read: ask("read", ReadRequest, ReadReply),
    payloads: ask("payloads", PayloadsRequest, PayloadsReply),
    append: ask("append", AppendRequest, AppendReply),
    /** What a key was answered before; null: it was never seen. */
    recall: ask("recall", RecallRequest, RecallReply),
  };
}
