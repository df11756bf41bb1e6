/**
 * The heads of every subject: its entries that are in the past of no other entry of that subject. Who decides on a subject
 * says which heads it saw; who appends to it names them as parents.
 */
import { sha256, toB64u } from "@handfast/protocol/bytes";
import { type Hash, type LogId, type PinnedRef, pin, refOf, splitRef } from "@handfast/protocol/ids";
import { createAtHand } from "./at-hand.ts";
import type { Past } from "./pasts.ts";

/** b64u SHA-256 of the heads joined by LF: what HTTP shows as ETag. */
export const etagOf = (heads: readonly PinnedRef[]): Hash => toB64u(sha256(heads.join("\n")));

export type Heads = {
  /**
   * Takes an entry of `subject`, every entry of its past having been taken before.
   *
   * @returns The subject's heads from now on, sorted by code units.
   */
  add(
    subject: string,
    entry: { readonly log: LogId; readonly seq: number; readonly hash: Hash },
    past: Past,
  ): readonly PinnedRef[];
  /** Empty for a subject without entries. */
  of(subject: string): readonly PinnedRef[];
  /** As `of`, without what was added since `keep`. */
  keptOf(subject: string): readonly PinnedRef[];
  /** Reads the kept heads of many subjects at once, so that `add` finds them at hand; at most `prefetchedAtOnce`. */
  prefetch(subjects: readonly string[]): void;
  /** Subjects whose heads changed since `keep`, each as its heads joined by LF. */
  readonly changed: ReadonlyMap<string, string>;
  /** Says that the changes are kept now, where `readKept` reads. */
  keep(): void;
};

/** Subjects whose heads stay at hand, besides those that changed. */
const subjectsAtHand = 10_000;
export const prefetchedAtOnce = 1_000;

/**
 * @param readKept Reads heads that are kept elsewhere, joined by LF: of one subject, and of many, where subjects without
 *   entries are left out. Without it everything stays in memory.
 */
export function createHeads(readKept?: {
  one(subject: string): string | null;
  many(subjects: readonly string[]): ReadonlyMap<string, string>;
}): Heads {
  // One text a subject, joined as for the ETag: a tenth of the memory of arrays of refs.
  const changed = new Map<string, string>();
  const atHand = createAtHand<string, string>(
    readKept === undefined ? Number.POSITIVE_INFINITY : subjectsAtHand,
  );

  const keptText = (subject: string): string => {
    const known = atHand.get(subject);
    if (known !== undefined || readKept === undefined) return known ?? "";
    const read = readKept.one(subject) ?? "";
    atHand.set(subject, read);
    return read;
  };
  const refs = (text: string): readonly PinnedRef[] => (text === "" ? [] : text.split("\n"));
  const of = (subject: string): readonly PinnedRef[] => refs(changed.get(subject) ?? keptText(subject));

  return {
    add: (subject, entry, past) => {
      const stands = (head: PinnedRef): boolean => {
        const place = splitRef(head);
        return past(place.log) < place.seq;
      };
      const heads = [...of(subject).filter(stands), pin(refOf(entry.log, entry.seq), entry.hash)].sort();
      changed.set(subject, heads.join("\n"));
      return heads;
    },
    of,
    keptOf: (subject) => refs(keptText(subject)),
    prefetch: (subjects) => {
      if (readKept === undefined) return;
      const missing = [...new Set(subjects)].filter(
        (subject) => !changed.has(subject) && atHand.get(subject) === undefined,
      );
      const found = readKept.many(missing);
      for (const subject of missing) atHand.set(subject, found.get(subject) ?? "");
    },
    changed,
    keep: () => {
      for (const [subject, text] of changed) atHand.set(subject, text);
      changed.clear();
    },
  };
}
