/**
 * What we name as parents once we know that a partner signed two histories: nothing of its log from where they part on, as long
 * as it is not in our past already, and unless a root has closed the log behind it, which is named with it then. What such an entry itself knew of everybody else is named in its place, so that a decision
 * still has in its past what it relied on.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { type LineId, type LogId, type PinnedLineRef, pin, refOf, splitRef } from "@handfast/protocol/ids";
import type { Past } from "@handfast/replica/pasts";
import type { Replica } from "@handfast/replica/replica";
import { keptByRoot } from "@handfast/replica/succession";
import { Refusal } from "./append-refusal.ts";

export type Prudence = {
  /** A head, or what is named instead. */
  prudent(head: PinnedLineRef): readonly PinnedLineRef[];
  /** What is named beside an entry, so that readers know as well that it is not in doubt any more. */
  settling(ref: PinnedLineRef): readonly PinnedLineRef[];
  /** @throws {Refusal} `in-doubt` for an entry that must not be named. */
  refuseInDoubt(ref: PinnedLineRef): void;
};

export function createPrudence(
  replica: Replica,
  own: { readonly log: LogId; readonly knows: Past },
): Prudence {
  const doubtOf = (line: LineId): number => {
    const known = replica.logs.get(line);
    return (known === undefined ? null : replica.forkedFrom(known.log)) ?? Number.POSITIVE_INFINITY;
  };
  const isNew = (line: LineId, seq: number): boolean => line !== own.log && own.knows(line) < seq;
  /** The openings by which a root has settled that an entry counts which would be in doubt; none of one that is. */
  const settling = (line: LineId, seq: number): readonly PinnedLineRef[] => {
    const known = replica.logs.get(line);
    if (known === undefined || seq < doubtOf(line)) return [];
    return keptByRoot(known, seq, replica).map((log) => pin(refOf(log.line, 0), toB64u(log.tree.leaf(0))));
  };
  const isInDoubt = (ref: PinnedLineRef): boolean => {
    const { log: line, seq } = splitRef(ref);
    return isNew(line, seq) && seq >= doubtOf(line) && settling(line, seq).length === 0;
  };
  /** The last entry of a line up to `seq` that is beyond doubt; none where all of it is in doubt. */
  const lastSound = (named: LineId, seq: number): readonly PinnedLineRef[] => {
    const sound = Math.min(seq, doubtOf(named) - 1);
    const line = replica.logs.get(named);
    if (line === undefined || sound < 0) return [];
    const owner = replica.lines.lineAt(line, sound);
    if (!isNew(owner.line, sound)) return [];
    return [pin(refOf(owner.line, sound), toB64u(owner.tree.leaf(sound)))];
  };
  return {
    prudent: (head) => {
      const { log: line, seq } = splitRef(head);
      if (!isInDoubt(head)) return [head, ...settling(line, seq)];
      const known = [...replica.pasts.known(line, seq)];
      return [...lastSound(line, seq), ...known.flatMap(([other, upTo]) => lastSound(other, upTo))];
    },
    settling: (ref) => {
      const { log: line, seq } = splitRef(ref);
      return settling(line, seq);
    },
    refuseInDoubt: (ref) => {
      if (isInDoubt(ref))
        throw new Refusal("in-doubt", `${ref}: its author signed two histories that part at or before it`);
    },
  };
}
