/**
 * Which logs may be opened here: those of the founding charter's roots, those that a held `member.sponsored` names by root and
 * log, and those that go on from a log of the same partner that is held. Nobody else's bytes are even parsed by the gate.
 */

import { budgets } from "@handfast/protocol/budgets";
import { fromUtf8 } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import type { Header } from "@handfast/protocol/header";
import type { LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, isOpenedByLogKey, LogOpenedX } from "@handfast/protocol/log";
import type { HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import { closedState } from "./succession.ts";
import type { VerifiedEntry } from "./verdict.ts";

export type KnownLogs = {
  /** The author that a frame of a log not held yet names, where that author may open this log; else null ("not now"). */
  authorOf(frame: Frame): PartnerId | null;
  /** Takes an entry that is held now. */
  learn(entry: VerifiedEntry, line: LineId): void;
  /** Takes what was learned before. */
  allow(sponsored: SponsoredLog): void;
};

/** A newcomer's log, as a `member.sponsored` names it. */
export type SponsoredLog = { readonly root: PartnerId; readonly log: LogId };

/** The log that an entry names as to be opened, whether or not it has effect; null for all others. */
export function sponsoredBy({ type, x }: Pick<Header, "type" | "x">): SponsoredLog | null {
  if (type !== "member.sponsored") return null;
  const { root, log } = x as { root?: unknown; log?: unknown };
  return typeof root === "string" && typeof log === "string" ? { root, log } : null;
}

/** @param opens The log that an entry just held allows to be opened. */
export function createKnownLogs(
  founders: readonly PartnerId[],
  logs: ReadonlyMap<LineId, HeldLog>,
  lines: Lines,
  opens: (entry: VerifiedEntry, line: LineId) => SponsoredLog | null,
): KnownLogs {
  const roots = new Set(founders);
  const sponsored = new Set<string>();
  const allow = ({ root, log }: SponsoredLog): void => {
    sponsored.add(`${root} ${log}`);
  };
  return {
    authorOf: (frame) => {
      const claimed = claimOf(frame.headers[0]);
      if (claimed === null) return null;
      const { by, closed, isByLogKey } = claimed;
      const isNamed =
        closed.length > 0
          ? closed.every((earlier) => closedState(lines, by, earlier) !== null)
          : roots.has(by) || sponsored.has(`${by} ${frame.log}`);
      return isNamed && hasRoom(logs, by, isByLogKey) ? by : null;
    },
    learn: (entry, line) => {
      const named = opens(entry, line);
      if (named !== null) allow(named);
    },
    allow,
  };
}

/** A stolen log key must not close its owner's way to a new log: half of the places are the root's alone, and branches count by themselves. */
function hasRoom(logs: ReadonlyMap<LineId, HeldLog>, by: PartnerId, isByLogKey: boolean): boolean {
  const own = [...logs.values()].filter((line) => line.by === by && line.base === null);
  const ofLogKeys = own.filter(({ authority }) => isOpenedByLogKey(authority.opened));
  const { partner } = budgets;
  return own.length < partner.logs && !(isByLogKey && ofLogKeys.length >= partner.logsByLogKey);
}

const Closing = LogOpenedX.pick({ previous: true, also: true });

/** What the first header says of itself, unverified: enough to decide whether it is worth looking at. */
function claimOf(
  bytes: Uint8Array | undefined,
): { readonly by: PartnerId; readonly closed: readonly ClosedLog[]; readonly isByLogKey: boolean } | null {
  const text = bytes === undefined ? null : fromUtf8(bytes);
  try {
    const value = JSON.parse(text ?? "null") as {
      by?: unknown;
      seq?: unknown;
      x?: { previous?: unknown; also?: unknown };
    } | null;
    if (typeof value?.by !== "string") return null;
    const { by, seq, x } = value;
    if (seq !== 0 || x?.previous === undefined) return { by, closed: [], isByLogKey: false };
    const closing = Closing.safeParse({
      previous: x.previous,
      ...(x.also === undefined ? {} : { also: x.also }),
    });
    return closing.success
      ? { by, closed: closedBy(closing.data), isByLogKey: isOpenedByLogKey(closing.data) }
      : null;
  } catch {
    // Bytes that are not JSON name nobody.
    return null;
  }
}
