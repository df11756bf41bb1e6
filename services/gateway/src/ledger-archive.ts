/** What an audit bundle is made of, asked of the ledger: logs and sizes, headers, checkpoints, texts. Nothing here is kept. */

import { type EntryName, type PayloadAnswer, ProofReply } from "@handfast/api/messages/ledger";
import { decodeJson } from "@handfast/bus/json";
import { parseFrame } from "@handfast/protocol/frame";
import type { LineId, LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";

/** A log, or a branch of one: what its author signed beside the history that this node held first. */
export type ArchivedLog = {
  readonly by: PartnerId;
  readonly log: LogId;
  /** How this node names it. */
  readonly line: LineId;
  /** Of a branch: what it leaves, and how many entries it shares with it. */
  readonly base: { readonly line: LineId; readonly size: number } | null;
  readonly size: number;
  /** The newest checkpoint that proves it: of its size, or of a larger one where a batch is held in part. */
  readonly note: string;
};
type Note = { readonly size: number; readonly note: string };

export interface LedgerArchive {
  /** Every branch behind what it leaves. */
  logs(): Promise<readonly ArchivedLog[]>;
  /** Exact headers in order, some at a time; of a branch those that it does not share. */
  headers(log: ArchivedLog): AsyncGenerator<readonly Uint8Array[], void>;
  /** Checkpoints up to `size`, ascending, some at a time. */
  checkpoints(log: ArchivedLog): AsyncGenerator<readonly Note[], void>;
  /** The newest checkpoint of a log that is held up to an entry inside a batch, after the proof that leads there; else null. */
  beyond(log: ArchivedLog): Promise<string | null>;
  /** In the order asked. */
  payloads(refs: readonly EntryName[]): Promise<readonly PayloadAnswer[]>;
}

const pageNotes = 500;

/** Every method throws a `BusError` when the ledger cannot be reached. */
export function openLedgerArchive(ledger: LedgerClient, net: NetworkId): LedgerArchive {
  return {
    logs: async () =>
      (await ledger.heads()).logs.map(({ by, log, branch, size, note }) => ({
        by,
        log,
        line: branch?.line ?? log,
        base: branch === undefined ? null : { line: branch.base, size: branch.size },
        size,
        note,
      })),
    beyond: async ({ line, size, note }) => {
      const to = Number(note.split("\n")[1]);
      if (to === size) return null;
      const answer = decodeJson(ProofReply, await ledger.proof({ log: line, from: size, to }));
      // It has grown past that checkpoint since: what is held reaches a newer one.
      return answer.ok ? `${answer.value.proof.join("\n")}\n\n${note}` : null;
    },
    headers: async function* ({ log, line, size, base }) {
      for (let from = base?.size ?? 0; from < size; ) {
        const limit = Math.min(limits.rangeEntries, size - from);
        const frame = parseFrame(await ledger.range({ net, log, from, limit, line }));
        if ("malformed" in frame)
          throw new Error(`the ledger gave no range of ${log} from ${from}: ${frame.malformed}`);
        // A range may end with the checkpoint that proves it, behind what was asked for.
        yield frame.headers.slice(0, size - from);
        from = frame.to;
      }
    },
    checkpoints: async function* ({ line, size, base }) {
      for (let after = base?.size ?? 0; after < size; ) {
        const { notes } = await ledger.checkpoints({ log: line, after, limit: pageNotes });
        const within = notes.filter((note) => note.size <= size);
        if (within.length > 0) yield within;
        const last = notes.at(-1);
        if (last === undefined) return;
        after = last.size;
      }
    },
    payloads: async (refs) => {
      const answers: PayloadAnswer[] = [];
      while (answers.length < refs.length) {
        const rest = refs.slice(answers.length, answers.length + limits.payloadRefs);
        const { payloads } = await ledger.payloads({ refs: rest });
        if (payloads.length === 0) throw new Error("the ledger answered for no payload");
        answers.push(...payloads);
      }
      return answers;
    },
  };
}
