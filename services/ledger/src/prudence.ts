/**
 * What we name as parents once we know that a partner signed two histories: nothing of its log from where they part on, as long
 * as it is not in our past already. What such an entry itself knew of everybody else is named in its place, so that a decision
 * still has in its past what it relied on.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { type LineId, type LogId, type PinnedLineRef, pin, refOf, splitRef } from "@handfast/protocol/ids";
import type { Past } from "@handfast/replica/pasts";
import type { Replica } from "@handfast/replica/replica";
import { Refusal } from "./append-refusal.ts";

export type Prudence = {
  /** A head, or what is named instead. */
  prudent(head: PinnedLineRef): readonly PinnedLineRef[];
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
  const isInDoubt = (ref: PinnedLineRef): boolean => {
    const { log: line, seq } = splitRef(ref);
    return isNew(line, seq) && seq >= doubtOf(line);
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
      if (!isInDoubt(head)) return [head];
      const { log: line, seq } = splitRef(head);
      const known = [...replica.pasts.known(line, seq)];
      return [...lastSound(line, seq), ...known.flatMap(([other, upTo]) => lastSound(other, upTo))];
    },
    refuseInDoubt: (ref) => {
      if (isInDoubt(ref))
        throw new Refusal("in-doubt", `${ref}: its author signed two histories that part at or before it`);
    },
  };
}
