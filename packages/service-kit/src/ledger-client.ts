/**
 * The ledger as the other services of its node ask it, over the bus. Requests are written as they were built; each answer is
 * checked once, against its schema, where it arrives. Faults are thrown; refusals are in the answers.
 */

import {
  AppendReply,
  AppendRequest,
  CheckpointsReply,
  CheckpointsRequest,
  CompareReply,
  CompareRequest,
  CredentialsReply,
  CredentialsRequest,
  HeadsReply,
  IngestReply,
  KeepPayloadsReply,
  KeepPayloadsRequest,
  LedgerStatus,
  MissingPayloadsReply,
  MissingPayloadsRequest,
  PayloadsReply,
  PayloadsRequest,
  type ProofRequest,
  ProveReply,
  ProveRequest,
  type RangeRequest,
  ReadReply,
  ReadRequest,
  RecallReply,
  RecallRequest,
  SignReply,
  SignRequest,
  StandingReply,
  SubjectHeadsReply,
  SubjectHeadsRequest,
} from "@handfast/api/messages/ledger";
import {
  AskRootReply,
  AskRootRequest,
  ConfirmReply,
  KeysReply,
  OpenNextReply,
  OpenNextRequest,
  PeersHeardReply,
  PeersHeardRequest,
  TakeRootReply,
  TakeRootRequest,
} from "@handfast/api/messages/own-log";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import type { z } from "zod";

/** The ledger's answer does not fit its schema: it runs another version, or this is a bug. */
export class LedgerAnswerError extends Error {
  override readonly name = "LedgerAnswerError";
  readonly code = "ledger-answer";
  readonly retry = "never";
}

export type LedgerClient = ReturnType<typeof createLedgerClient>;

const defaultTimeoutMs = 10_000;

/**
 * Every method throws a `BusError` when the ledger cannot be reached.
 *
 * @param timeoutMs How long one answer may take. After that the outcome of an append is unknown until it is recalled.
 */
export function createLedgerClient(bus: Bus, timeoutMs = defaultTimeoutMs) {
  const send = async (verb: string, data: Uint8Array): Promise<Uint8Array> =>
    (await bus.request(subjects.service("ledger", verb), data, { timeoutMs })).data;
  const parse = <Reply extends z.ZodType>(verb: string, schema: Reply, bytes: Uint8Array): z.infer<Reply> => {
    const reply = decodeJson(schema, bytes);
    if (reply.ok) return reply.value as z.infer<Reply>;
    throw new LedgerAnswerError(`the ledger's answer to ${verb} does not fit its schema`, {
      cause: reply.error,
    });
  };
  /** The request's schema is named for its type alone: the ledger checks it. */
  const ask =
    <Request extends z.ZodType, Reply extends z.ZodType>(verb: string, _request: Request, schema: Reply) =>
    async (request: z.infer<Request>): Promise<z.infer<Reply>> =>
      parse(verb, schema, await send(verb, json(request)));

  return {
    append: ask("append", AppendRequest, AppendReply),
    /** What a key was answered before; null when it was never seen. */
    recall: ask("recall", RecallRequest, RecallReply),
    /** Entries in this node's order of arrival. */
    read: ask("read", ReadRequest, ReadReply),
    payloads: ask("payloads", PayloadsRequest, PayloadsReply),
    keepPayloads: ask("keep-payloads", KeepPayloadsRequest, KeepPayloadsReply),
    missingPayloads: ask("missing-payloads", MissingPayloadsRequest, MissingPayloadsReply),
    subjectHeads: ask("subject-heads", SubjectHeadsRequest, SubjectHeadsReply),
    /** Who the ledger is and how it is. */
    status: async () => parse("status", LedgerStatus, await send("status", json({}))),
    /** Every log held, with the checkpoint that proves it. */
    heads: async () => parse("heads", HeadsReply, await send("heads", json({}))),
    /** How histories that a peer has compare with those held here. */
    compare: ask("compare", CompareRequest, CompareReply),
    prove: ask("prove", ProveRequest, ProveReply),
    /** What this node takes of whom. */
    standing: async () => parse("standing", StandingReply, await send("standing", json({}))),
    checkpoints: ask("checkpoints", CheckpointsRequest, CheckpointsReply),
    /** The bytes of a frame, or JSON that starts with `{` for a refusal: passed on unread. */
    range: (request: z.infer<typeof RangeRequest>) => send("range", json(request)),
    /** The bytes of a `ProofReply`, or of a refusal: passed on unread. */
    proof: (request: z.infer<typeof ProofRequest>) => send("proof", json(request)),
    ingest: async (frame: Uint8Array) => parse("ingest", IngestReply, await send("ingest", frame)),
    sign: ask("sign", SignRequest, SignReply),
    /** Which keys speak for a partner, by the newest of its logs that are held. */
    credentials: ask("credentials", CredentialsRequest, CredentialsReply),
    /** What peers hold of this partner's logs, told by federation. */
    peersHeard: ask("peers-heard", PeersHeardRequest, PeersHeardReply),
    /** The operator vouches for the data folder. */
    confirm: async () => parse("confirm", ConfirmReply, await send("confirm", json({}))),
    /** Closes our log and opens the next one. */
    /** The keys in force in our log. */
    keys: async () => parse("keys", KeysReply, await send("keys", json({}))),
    /** Asks for a next log that the root key opens. */
    askRoot: ask("ask-root", AskRootRequest, AskRootReply),
    /** Opens the log that the root key signed for, or takes the request back. */
    takeRoot: ask("take-root", TakeRootRequest, TakeRootReply),
    openNext: ask("open-next", OpenNextRequest, OpenNextReply),
  };
}

const encoder = new TextEncoder();
const json = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));
