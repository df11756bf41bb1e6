/**
 * Which logs may be opened here: those of the founding charter's roots, and those that a held `member.sponsored` names by
 * root and log. Nobody else's bytes are even parsed by the gate.
 */

import { fromUtf8 } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import type { Header } from "@handfast/protocol/header";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { VerifiedEntry } from "./verdict.ts";

export type KnownLogs = {
  /** The author that a frame of a log not held yet names, where that author may open this log; else null ("not now"). */
  authorOf(frame: Frame): PartnerId | null;
  /** Takes an entry that is held now. */
  learn(entry: VerifiedEntry): void;
  /** Takes what was learned before. */
  allow(sponsored: SponsoredLog): void;
};

/** A newcomer's log, as a `member.sponsored` names it. */
export type SponsoredLog = { readonly root: PartnerId; readonly log: LogId };

/** The log that an entry allows to be opened; null for all others. */
export function sponsoredBy({ type, x }: Pick<Header, "type" | "x">): SponsoredLog | null {
  if (type !== "member.sponsored") return null;
  const { root, log } = x as { root?: unknown; log?: unknown };
  return typeof root === "string" && typeof log === "string" ? { root, log } : null;
}

export function createKnownLogs(founders: readonly PartnerId[]): KnownLogs {
  const roots = new Set(founders);
  const sponsored = new Set<string>();
  const allow = ({ root, log }: SponsoredLog): void => {
    sponsored.add(`${root} ${log}`);
  };
  return {
    authorOf: (frame) => {
      const claimed = claimOf(frame.headers[0]);
      if (claimed === null || claimed.isLaterLog) return null;
      return roots.has(claimed.by) || sponsored.has(`${claimed.by} ${frame.log}`) ? claimed.by : null;
    },
    learn: ({ header }) => {
      const named = sponsoredBy(header);
      if (named !== null) allow(named);
    },
    allow,
  };
}

/**
 * What the first header says of itself, unverified: enough to decide whether it is worth looking at. A log that goes on from an
 * earlier one is not spoken yet, so it is "not now" and never remembered as refused.
 */
function claimOf(
  bytes: Uint8Array | undefined,
): { readonly by: PartnerId; readonly isLaterLog: boolean } | null {
  const text = bytes === undefined ? null : fromUtf8(bytes);
  try {
    const value = JSON.parse(text ?? "null") as {
      by?: unknown;
      seq?: unknown;
      x?: { previous?: unknown };
    } | null;
    if (typeof value?.by !== "string") return null;
    return { by: value.by, isLaterLog: value.seq === 0 && value.x?.previous !== undefined };
  } catch {
    // Bytes that are not JSON name nobody.
    return null;
  }
}
