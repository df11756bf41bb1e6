/** What an audit bundle is made of, asked of the ledger: logs and sizes, headers, checkpoints, texts. Nothing here is kept. */

import {
  CheckpointsReply,
  HeadsReply,
  type PayloadAnswer,
  PayloadsReply,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson, type Schema } from "@handfast/bus/json";
import { toBytes } from "@handfast/protocol/bytes";
import { parseFrame } from "@handfast/protocol/frame";
import type { LogId, NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { z } from "zod";

export type ArchivedLog = { readonly by: PartnerId; readonly log: LogId; readonly size: number };
export type Note = { readonly size: number; readonly note: string };

export interface LedgerArchive {
  logs(): Promise<readonly ArchivedLog[]>;
  /** Exact headers of `[0, size)`, in order, some at a time. */
  headers(log: ArchivedLog): AsyncGenerator<readonly Uint8Array[], void>;
  /** Checkpoints up to `size`, ascending, some at a time. */
  checkpoints(log: ArchivedLog): AsyncGenerator<readonly Note[], void>;
  /** In the order asked. */
  payloads(refs: readonly Ref[]): Promise<readonly z.infer<typeof PayloadAnswer>[]>;
}

const timeoutMs = 30_000;
const pageNotes = 500;

/** @throws {BusError} From any of its methods, when the ledger cannot be asked. */
export function openLedgerArchive(bus: Bus, net: NetworkId): LedgerArchive {
  const send = async (verb: string, request: object): Promise<Uint8Array> =>
    (await bus.request(subjects.service("ledger", verb), toBytes(JSON.stringify(request)), { timeoutMs }))
      .data;
  const ask = async <Reply>(verb: string, request: object, schema: Schema<Reply>): Promise<Reply> => {
    const reply = decodeJson(schema, await send(verb, request));
    if (!reply.ok)
      throw new Error(`the ledger's answer to ${verb} has another shape`, { cause: reply.error });
    return reply.value;
  };

  return {
    logs: async () =>
      (await ask("heads", {}, HeadsReply)).logs.map(({ by, log, size }) => ({ by, log, size })),
    headers: async function* ({ log, size }) {
      for (let from = 0; from < size; ) {
        const limit = Math.min(limits.rangeEntries, size - from);
        const frame = parseFrame(await send("range", { net, log, from, limit }));
        if ("malformed" in frame)
          throw new Error(`the ledger gave no range of ${log} from ${from}: ${frame.malformed}`);
        // A range may end with the checkpoint that proves it, behind what was asked for.
        yield frame.headers.slice(0, size - from);
        from = frame.to;
      }
    },
    checkpoints: async function* ({ log, size }) {
      for (let after = 0; after < size; ) {
        const { notes } = await ask("checkpoints", { log, after, limit: pageNotes }, CheckpointsReply);
        const within = notes.filter((one) => one.size <= size);
        if (within.length > 0) yield within;
        const last = notes.at(-1);
        if (last === undefined) return;
        after = last.size;
      }
    },
    payloads: async (refs) => {
      const answers: z.infer<typeof PayloadAnswer>[] = [];
      while (answers.length < refs.length) {
        const rest = refs.slice(answers.length, answers.length + limits.payloadRefs);
        const { payloads } = await ask("payloads", { refs: rest }, PayloadsReply);
        if (payloads.length === 0) throw new Error("the ledger answered for no payload");
        answers.push(...payloads);
      }
      return answers;
    },
  };
}
