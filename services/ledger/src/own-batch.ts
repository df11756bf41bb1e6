/** Our own part of a round: waiting appends, composed in order into one batch for as long as they fit. */
import type { AppendReply, AppendRequest } from "@handfast/api/messages/ledger";
import type { KeptReply, NodeStore } from "@handfast/node-store/node-store";
import { type PinnedRef, refOf } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { Replica } from "@handfast/replica/replica";
import { type ComposeContext, composeEntries, type WrittenEntry } from "./compose-entries.ts";
import type { LedgerIdentity } from "./files.ts";
import type { Held } from "./held.ts";
import { keptReply, recallReply } from "./idempotency.ts";
import { ledgerEntry } from "./ledger-entry.ts";

export type WaitingAppend = {
  readonly request: AppendRequest;
  readonly answer: (reply: AppendReply) => void;
};
export type RecalledAppend = { readonly waiting: WaitingAppend; readonly recalled: AppendReply | null };

export type OwnBatch = {
  readonly entries: readonly WrittenEntry[];
  readonly appends: readonly (WaitingAppend & {
    readonly refs: readonly PinnedRef[];
    /** This append's entries are those of the batch from `start` up to but not with `end`. */
    readonly start: number;
    readonly end: number;
  })[];
  /** For the next batch. */
  readonly left: readonly WaitingAppend[];
};

/** Which of these were answered before. */
export const recallAll = (
  node: NodeStore,
  appends: readonly WaitingAppend[],
  nowMs: number,
): RecalledAppend[] =>
  appends.map((waiting) => ({ waiting, recalled: recallReply(node, waiting.request, nowMs) }));

/** Composes and holds them; those that are refused, or were answered before, are answered at once. */
export function composeBatch(asked: readonly RecalledAppend[], context: ComposeContext): OwnBatch {
  const { held } = context;
  const entries: WrittenEntry[] = [];
  const appends: OwnBatch["appends"][number][] = [];
  const left: WaitingAppend[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  prefetchHeads(asked, context);
  for (const { waiting, recalled } of asked) {
    const { request, answer } = waiting;
    // The same key twice at once: the second is answered from what the first leaves.
    const isNext = left.length > 0 || (request.key !== undefined && keys.has(request.key));
    const composed = recalled ?? (isNext ? null : composeEntries(request, context));
    if (composed === null) {
      left.push(waiting);
    } else if (!("written" in composed)) {
      answer(composed);
    } else if (!isWithinBatch(composed.written, 0, 0)) {
      answer({ ok: false, code: "too-large", detail: "more than one batch holds" });
    } else if (!isWithinBatch(composed.written, entries.length, bytes)) {
      left.push(waiting);
    } else {
      const start = entries.length;
      for (const written of composed.written) {
        held.replica.hold(written.entry);
        held.fold(written.entry, written.entry.header.log);
        entries.push(written);
        bytes += written.entry.bytes.length + 1;
      }
      if (request.key !== undefined) keys.add(request.key);
      appends.push({ ...waiting, refs: composed.refs, start, end: entries.length });
    }
  }
  return { entries, appends, left };
}

/**
 * Of the subjects that will probably be touched: new things have the refs of the next entries, unless merges come between,
 * and then they are read one by one.
 */
function prefetchHeads(
  asked: readonly RecalledAppend[],
  { held, identity: { log } }: { readonly held: Held; readonly identity: LedgerIdentity },
): void {
  const next = held.replica.logs.get(log)?.held ?? 0;
  const count = asked.reduce((sum, { waiting }) => sum + waiting.request.entries.length, 0);
  const refs = Array.from({ length: Math.min(count, limits.batchEntries) }, (_, index) =>
    refOf(log, next + index),
  );
  held.heads.prefetch(refs);
}

function isWithinBatch(more: readonly WrittenEntry[], entries: number, bytes: number): boolean {
  const added = more.reduce((sum, { entry }) => sum + entry.bytes.length + 1, 0);
  return entries + more.length <= limits.batchEntries && bytes + added <= limits.batchHeaderBytes;
}

/** What each append is answered once the batch that begins at this position is durable. */
export const answersOf = (
  { appends, entries }: OwnBatch,
  firstPosition: number,
  replica: Replica,
): Extract<AppendReply, { ok: true }>[] =>
  appends.map(({ refs, start, end }) => ({
    ok: true,
    refs: [...refs],
    position: firstPosition + end - 1,
    replayed: false,
    entries: entries
      .slice(start, end)
      .map(({ entry: { header, bytes, hash } }, index) =>
        ledgerEntry({ seq: header.seq, bytes, hash }, header.log, firstPosition + start + index, replica),
      ),
  }));

/** The rows that make a retry find its answer. */
export const keptReplies = (
  { appends }: OwnBatch,
  answers: readonly Extract<AppendReply, { ok: true }>[],
  nowMs: number,
): KeptReply[] =>
  appends.flatMap(({ request: { key, request = key } }, index) => {
    const answer = answers[index];
    if (key === undefined || request === undefined || answer === undefined) return [];
    return [keptReply(key, request, { refs: answer.refs, position: answer.position }, nowMs)];
  });
