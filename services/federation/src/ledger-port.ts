/** The ledger of this node, as this service asks it over the bus: typed questions, every answer checked against its schema. */

import {
  AppendReply,
  type AppendRequest,
  HeadsReply,
  IngestReply,
  KeepPayloadsReply,
  KeepPayloadsRequest,
  MissingPayloadsReply,
  MissingPayloadsRequest,
  type PayloadAnswer,
  PayloadsReply,
  PayloadsRequest,
  ProofReply,
  ReadReply,
  ReadRequest,
  SignReply,
  type SignRequest,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { encodeJson, type Schema } from "@handfast/bus/json";
import type { z } from "zod";

export type LedgerPort = ReturnType<typeof createLedgerPort>;

/** A fault of the ledger or the bus is thrown; refusals are in the answers. */
export function createLedgerPort(home: Bus, timeoutMs = 30_000) {
  const send = async (verb: string, data: Uint8Array): Promise<Uint8Array> =>
    (await home.request(subjects.service("ledger", verb), data, { timeoutMs })).data;
  const ask = async <Reply>(verb: string, data: Uint8Array, schema: Schema<Reply>): Promise<Reply> => {
    const reply = schema.safeParse(parse(await send(verb, data)));
    if (!reply.success)
      throw new Error(`the ledger's answer to ${verb} has another shape`, { cause: reply.error });
    return reply.data;
  };
  return {
    heads: () => ask("heads", json({}), HeadsReply),
    /** A frame, or JSON that starts with `{`: handed on as it is. */
    range: (request: { net: string; log: string; from: number; limit: number }) =>
      send("range", json(request)),
    proof: async (request: { log: string; from: number; to: number }) => {
      const answer = parse(await send("proof", json(request)));
      const proof = ProofReply.safeParse(answer);
      return proof.success ? { ok: true as const, ...proof.data } : { ok: false as const, answer };
    },
    ingest: (frame: Uint8Array) => ask("ingest", frame, IngestReply),
    append: (request: AppendRequest) => ask("append", json(request), AppendReply),
    read: (request: z.infer<typeof ReadRequest>) => ask("read", encodeJson(ReadRequest, request), ReadReply),
    payloads: async (refs: readonly string[]): Promise<readonly PayloadAnswer[]> =>
      (await ask("payloads", encodeJson(PayloadsRequest, { refs: [...refs] }), PayloadsReply)).payloads,
    keepPayloads: (payloads: z.infer<typeof KeepPayloadsRequest>["payloads"]) =>
      ask("keep-payloads", encodeJson(KeepPayloadsRequest, { payloads }), KeepPayloadsReply),
    missingPayloads: async (limit: number) =>
      (await ask("missing-payloads", encodeJson(MissingPayloadsRequest, { limit }), MissingPayloadsReply))
        .refs,
    sign: async (request: SignRequest) => (await ask("sign", json(request), SignReply)).sig,
  };
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (bytes: Uint8Array): unknown =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
