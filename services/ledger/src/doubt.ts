/** Why this node does not sign entries of its own now, in words for its operator. Reads and replication go on meanwhile. */
import type { OwnLogDoubt } from "@handfast/api/messages/own-log";
import { counted } from "@handfast/service-kit/progress";

/**
 * - `no-fence`, `other-place`: this host never saw the log, or saw it in another folder; a peer's word settles it.
 * - `behind-fence`: this host saw `size` entries of the log, and the folder holds fewer.
 * - `copy`: the folder came out of a backup.
 * - `peer-has-more`: a peer proves `size` entries that were signed by our key and not here.
 * - `superseded`: this partner went on in a later log, which was not opened here.
 * - `forked`: the log holds two histories, or two logs of this partner go on side by side.
 * - `root-asked`: the root key was asked to open the next log, and has not answered yet.
 */
export type Doubt =
  | { readonly code: "no-fence" | "other-place" | "copy" | "superseded" | "forked" | "root-asked" }
  | { readonly code: "behind-fence" | "peer-has-more"; readonly size: number };

/** Doubts that a peer, or the operator's word, can take away: the others end with a new log. */
export const isOpen = ({ code }: Doubt): boolean => code === "no-fence" || code === "other-place";

export function doubtView(doubt: Doubt, held: number, heard: OwnLogDoubt["heard"]): OwnLogDoubt {
  return { code: doubt.code, detail: detailOf(doubt, held), heard };
}

function detailOf(doubt: Doubt, held: number): string {
  switch (doubt.code) {
    case "no-fence":
      return "this host has no record of how far the log was signed: the folder may be an older one";
    case "other-place":
      return "this host saw the log in another folder, or at another end: this one may be a copy or an older one";
    case "behind-fence":
      return `this host saw ${counted(doubt.size, ["entry", "entries"])} of the log, and the folder holds ${held}: it was put back from an older moment`;
    case "copy":
      return "the folder was restored from a backup: what was signed after it may be with peers";
    case "peer-has-more":
      return `a peer holds ${doubt.size} entries of the log, signed by its key, and they were not written here`;
    case "superseded":
      return "this partner went on in a later log that was opened elsewhere";
    case "root-asked":
      return "the root key was asked to open the next log, and has not answered yet";
    case "forked":
      return "two histories were signed by this log's key";
  }
}
