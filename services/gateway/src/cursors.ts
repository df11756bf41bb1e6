/**
 * Cursors: opaque to callers, a place in one collection to us. Pages begin after it, so that nothing is skipped or shown twice. Places
 * are this node's own: a cursor names its log, so that one of another node, or of this one before it was restored, is noticed; and
 * one that is further than this node has ever been would skip events without a word.
 */
import type { Collection } from "@handfast/api/verbs";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Reads } from "@handfast/views/reads";
import { ProblemError } from "./problem.ts";

export type Paged = Collection | "events";

export interface Cursors {
  /** For the place after this position. */
  at(collection: Paged, position: number): Promise<string>;
  /**
   * The position behind which to go on; 0 where none is named. A bare position is taken of events only.
   *
   * @throws {ProblemError} `cursor-invalid`, `cursor-foreign`, `cursor-ahead`
   */
  position(collection: Paged, cursor: string | undefined): Promise<number>;
}

/** An answer may be ahead of the read model; a cursor made of it must not be refused for that. */
const behindMs = 2_000;

/** @param self This node's partner. */
export function createCursors(reads: Pick<Reads, "one" | "position" | "caughtUp">, self: PartnerId): Cursors {
  let known: string | undefined;
  /** The node's newest log; empty until its first entry is in the read model. It is another only after a restart. */
  const logOf = async (): Promise<string> => {
    known ??= (await reads.one("partners", self, null))?.logs.at(-1);
    return known ?? "";
  };
  const assertReached = async (position: number): Promise<number> => {
    if (position <= reads.position || (await reads.caughtUp(position, behindMs))) return position;
    const newest = String(reads.position);
    throw new ProblemError("cursor-ahead", {
      detail: `it is at position ${position}, and the newest here is ${newest}`,
      actual: newest,
    });
  };
  return {
    at: async (collection, position) => written(collection, await logOf(), position),
    position: async (collection, cursor) => {
      if (cursor === undefined) return 0;
      if (collection === "events" && /^\d{1,15}$/.test(cursor)) return assertReached(Number(cursor));
      const [, of = "", log = "", digits = ""] =
        /^([a-z]+) ([\w-]*) (\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
      if (of === "" || written(of, log, Number(digits)) !== cursor) throw new ProblemError("cursor-invalid");
      if (of !== collection)
        throw new ProblemError("cursor-invalid", {
          detail: `It is a cursor of ${of}, not of ${collection}.`,
        });
      const own = await logOf();
      if (log !== "" && own !== "" && log !== own)
        throw new ProblemError("cursor-foreign", { actual: String(reads.position) });
      return assertReached(Number(digits));
    },
  };
}

const written = (collection: string, log: string, position: number): string =>
  Buffer.from(`${collection} ${log} ${position}`).toString("base64url");
