/**
 * Which of the entries that a new one relies on become its parents: those that nothing else reaches. What the author's own
 * log knows, or another parent knows, is in the new entry's past anyway.
 */
import { type LogId, type PinnedRef, splitRef } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { Past, Pasts } from "./pasts.ts";

export type ChosenParents = {
  /** Parents of the `subject.merged` entries that must go before, one list each: an entry has at most sixteen. */
  readonly merges: readonly (readonly PinnedRef[])[];
  /** Sorted by code units, at most one a log. */
  readonly parents: readonly PinnedRef[];
};

/**
 * @param wanted Held entries the new one must have in its past, in any order, repeated or not.
 * @param own The log it will stand in, and what that log knows at its end.
 */
export function chooseParents(
  wanted: Iterable<PinnedRef>,
  own: { readonly log: LogId; readonly knows: Past },
  pasts: Pick<Pasts, "of">,
): ChosenParents {
  const newest = new Map<LogId, { readonly ref: PinnedRef; readonly log: LogId; readonly seq: number }>();
  for (const ref of wanted) {
    const { log, seq } = splitRef(ref);
    if (log === own.log || own.knows(log) >= seq) continue;
    if ((newest.get(log)?.seq ?? -1) < seq) newest.set(log, { ref, log, seq });
  }
  const candidates = [...newest.values()];
  const chosen = candidates
    .filter(
      ({ log, seq }) =>
        !candidates.some((other) => pasts.of(other.log, other.seq)(log) >= seq && other.log !== log),
    )
    .map(({ ref }) => ref)
    .sort();
  const merges: PinnedRef[][] = [];
  while (chosen.length > limits.parents) merges.push(chosen.splice(0, limits.parents));
  return { merges, parents: chosen };
}
