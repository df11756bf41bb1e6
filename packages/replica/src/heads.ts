/**
 * The heads of every subject: its entries that are in the past of no other entry of that subject. Who decides on a subject
 * says which heads it saw; who appends to it names them as parents.
 */
import { sha256, toB64u } from "@handfast/protocol/bytes";
import { type Hash, type LogId, type PinnedRef, pin, refOf, splitRef } from "@handfast/protocol/ids";
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
};

export function createHeads(): Heads {
  // One text a subject, joined as for the ETag: a tenth of the memory of arrays of refs.
  const joined = new Map<string, string>();
  const of = (subject: string): readonly PinnedRef[] => joined.get(subject)?.split("\n") ?? [];

  return {
    add: (subject, entry, past) => {
      const stands = (head: PinnedRef): boolean => {
        const place = splitRef(head);
        return past(place.log) < place.seq;
      };
      const heads = [...of(subject).filter(stands), pin(refOf(entry.log, entry.seq), entry.hash)].sort();
      joined.set(subject, heads.join("\n"));
      return heads;
    },
    of,
  };
}
