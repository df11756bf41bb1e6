/**
 * The forks that this node knows of: by histories that it holds, and by entries that prove one. From where on a log is in doubt
 * follows from what is held alone, so nodes that hold the same agree.
 */
import { readEvent } from "@handfast/protocol/events";
import {
  type LineId,
  type LineRef,
  type LogId,
  type NetworkId,
  type PartnerId,
  refOf,
} from "@handfast/protocol/ids";
import type { ProvenFork } from "@handfast/protocol/log";
import type { Edge } from "./edge.ts";
import type { HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import type { Pasts } from "./pasts.ts";
import { contradictionOf, doubtFrom, type ProvenX, provenX, type Signed } from "./prove-fork.ts";
import type { VerifiedEntry } from "./verdict.ts";

/** A log that signed several histories. */
export type KnownFork = {
  readonly log: LogId;
  readonly by: PartnerId;
  /** From which entry on it is in doubt. */
  readonly from: number;
  /** How many histories are held beside the first. */
  readonly branches: number;
  /** Whether an entry that proves it is held. */
  readonly isProven: boolean;
};

export type KnownForks = {
  /** From which entry on nothing of a log is to be named: it is in doubt, or what waits here contradicts it. Null: nothing is. */
  forkedFrom(log: LogId): number | null;
  /** Every log that is forked by what is held: the same wherever the same is held. */
  all(): readonly KnownFork[];
  /** Whether a `fork.proven` of the log is held that was verified. */
  isProven(log: LogId): boolean;
  /**
   * What a `fork.proven` may state of a log of which several histories are held; null where too little of them is known to show it.
   *
   * @param keptAbove Reads a checkpoint of a line of at least this size that is kept elsewhere.
   */
  proofOf(log: LogId, keptAbove?: (line: LineId, size: number) => Edge | null): ProvenX | null;
  /** What a held entry proves. */
  provenBy(ref: LineRef): ProvenFork | null;
  /** Takes what an entry proves that was verified before. */
  believe(ref: LineRef, proven: ProvenFork): void;
  /** Takes an entry that is held now: it may prove a fork. */
  learn(entry: VerifiedEntry, line: LineId): void;
};

export function createKnownForks(net: NetworkId, lines: Lines, pasts: Pasts): KnownForks {
  const proofs = new Map<LineRef, ProvenFork>();
  const proven = new Map<LogId, number>();

  const believe = (ref: LineRef, fork: ProvenFork): void => {
    proofs.set(ref, fork);
    proven.set(fork.log, Math.min(fork.from, proven.get(fork.log) ?? fork.from));
  };
  /** A proof counts with the log's opening in its past: so it is the same for everyone. */
  const learn: KnownForks["learn"] = ({ header }, line) => {
    if (header.type !== "fork.proven") return;
    const read = readEvent(header);
    if (!read.ok || read.event.type !== "fork.proven") return;
    const { x } = read.event;
    const past = pasts.of(line, header.seq);
    for (const candidate of lines.of(x.log)) {
      if (past(candidate.line) < (candidate.base?.size ?? 0)) continue;
      const from = doubtFrom(net, candidate, x);
      if (from === null) continue;
      believe(refOf(line, header.seq), { log: x.log, from });
      return;
    }
  };
  const doubtOf = (log: LogId, parting: number | null): number | null => {
    const said = proven.get(log);
    return said === undefined ? parting : Math.min(said, parting ?? said);
  };
  return {
    forkedFrom: (log) => doubtOf(log, lines.partingOf(log)),
    all: () =>
      [...new Set([...lines.forked, ...proven.keys()])].sort().flatMap((log) => {
        const [from, held] = [doubtOf(log, lines.heldPartingOf(log)), lines.of(log)];
        const by = held[0]?.by;
        return from === null || by === undefined
          ? []
          : [{ log, by, from, branches: held.length - 1, isProven: proven.has(log) }];
      }),
    isProven: (log) => proven.has(log),
    proofOf: (log, keptAbove = () => null) => {
      for (const branch of lines.of(log)) {
        const { base } = branch;
        if (base === null) continue;
        const signed = (line: HeldLog): readonly Signed[] =>
          [keptAbove(line.line, base.size + 1), line.edge, waitingEdge(line)].flatMap((edge) =>
            edge === null || edge.noteSize <= base.size ? [] : [{ edge, read: line.tree.read }],
          );
        for (const one of signed(base.line))
          for (const other of signed(branch)) {
            const proof = contradictionOf(one, other);
            const x = proof === null ? null : provenX(net, base.line, proof);
            if (x !== null) return x;
          }
      }
      return null;
    },
    provenBy: (ref) => proofs.get(ref) ?? null,
    believe,
    learn,
  };
}

/** What proves all that is known of a line, where some of it waits. */
function waitingEdge({ waiting, tree }: HeldLog): Edge | null {
  const run = waiting.at(-1);
  if (run === undefined || run.from + run.entries.length !== tree.size) return null;
  return { size: tree.size, noteSize: run.noteSize, note: run.note, proof: run.proof };
}
