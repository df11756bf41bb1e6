/**
 * All logs as this node knows them. Receives foreign frames: what is verified and has its parents is held, what is verified
 * and lacks some waits, bounded; everything else is one exact refusal, and changes nothing.
 *
 * Acceptance is by prefix: all-or-nothing would deadlock where two logs name each other. The state lives in memory. Its
 * owner makes what it answers durable before telling anyone, and builds it anew from storage when that failed.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { Frame } from "@handfast/protocol/frame";
import type { At, Header } from "@handfast/protocol/header";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { closedBy, LogOpenedX } from "@handfast/protocol/log";
import { leafHash } from "@handfast/tlog/tree";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import { contiguous, joined } from "./coalesce.ts";
import type { Edge } from "./edge.ts";
import { createHeldLog, type HeldLog } from "./held-log.ts";
import { type JudgeContext, judge } from "./judge.ts";
import { createKnownLogs, type SponsoredLog, sponsoredBy } from "./known-logs.ts";
import { createPasts, type Pasts } from "./pasts.ts";
import { type Known, type Segment, type SegmentReader, segmentEntries } from "./segment.ts";
import { closedState } from "./succession.ts";
import { type Arrival, createTaking, type Need } from "./taking.ts";
import { type Fork, type Refused, refuse, type Verdict, type VerifiedEntry } from "./verdict.ts";

export type { Arrival, Edge, Fork, HeldLog, Need, Refused, SponsoredLog, Verdict, VerifiedEntry };

/** A log whose first full segments are kept elsewhere. */
export type ResumedLog = {
  /** The header of its entry 0. */
  readonly opening: Pick<Header, "log" | "by" | "x">;
  /** The roots of these segments. */
  readonly roots: readonly Uint8Array[];
  /** What it knows of other logs at their end. */
  readonly knows: Known;
};
export { originOf };

/** The outcome of one frame. `held` counts its entries that are held now and were not; `waiting` those that lack parents. */
export type Outcome =
  | {
      readonly kind: "taken";
      readonly size: number;
      readonly held: number;
      readonly waiting: number;
      readonly need: readonly Need[];
    }
  | { readonly kind: "fork"; readonly fork: Fork }
  | Refused;

export type Received = {
  /** One a frame, in their order. */
  readonly outcomes: readonly Outcome[];
  /** What is held now, in causal order: to be made durable before anything is told. */
  readonly arrivals: readonly Arrival[];
};

export type Replica = {
  readonly pasts: Pasts;
  readonly logs: ReadonlyMap<LogId, HeldLog>;
  /** Leaf hash and time of a held entry. */
  find(log: LogId, seq: number): { readonly hash: Uint8Array; readonly at: At } | null;
  /** Whose log a frame is of, where it may be held here; else null ("not now"). */
  authorOf(frame: Frame): PartnerId | null;
  /** Judges one frame and changes nothing. */
  judge(frame: Frame, nowMs: number): Verdict;
  /** Judges and takes frames in order of arrival; contiguous ones of one log cost one signature. */
  receive(frames: readonly Frame[], nowMs: number): Received;
  /** Takes an entry as held, unjudged: our own, or one that storage gave back. Parents were taken before. */
  hold(entry: VerifiedEntry): void;
  /** Goes on with a log whose first segments are kept elsewhere: `knows` is what it knows of other logs at their end. */
  resume(log: ResumedLog): void;
  /** Takes an entry that storage gave back as held, with what it learned, whether or not its parents are held. */
  restore(entry: VerifiedEntry, learned: Known): void;
  /** Full segments of a log whose entries are all held, and that are not kept elsewhere yet. */
  fullSegments(log: LogId): readonly { readonly index: number; readonly segment: Segment }[];
  /** Says that these are kept now: memory lets go of them. */
  keepSegments(log: LogId, count: number): void;
  /** Allows a log to be opened, as a held `member.sponsored` did before. */
  allow(sponsored: SponsoredLog): void;
  /** What proves a log, once it is signed or read back. */
  setEdge(log: LogId, edge: Edge): void;
  /** Ends a log for this node: it signed two histories. */
  freeze(log: LogId): void;
  /** Verified entries that wait for parents. */
  readonly waiting: { readonly entries: number; readonly bytes: number };
};

/**
 * @param readCold Reads full segments that are kept elsewhere; without it everything stays in memory.
 * @param opens The log that an entry just held allows to be opened: of an owner who knows which sponsorships have effect.
 *   Default: whatever a `member.sponsored` names.
 */
export function createReplica({
  net,
  charter,
  readCold,
  opens = ({ header }) => sponsoredBy(header),
}: {
  net: NetworkId;
  charter: Pick<Charter, "founders">;
  readCold?: SegmentReader;
  opens?: (entry: VerifiedEntry) => SponsoredLog | null;
}): Replica {
  const logs = new Map<LogId, HeldLog>();
  const pasts = createPasts(readCold);
  const knownLogs = createKnownLogs(charter.founders, logs, opens);
  const create = (
    log: LogId,
    by: PartnerId,
    authority: Authority,
    roots: readonly Uint8Array[] = [],
  ): HeldLog => {
    const known = createHeldLog(log, by, authority, readCold && { roots, read: readCold });
    logs.set(log, known);
    return known;
  };
  const taking = createTaking({ logs, pasts, create, onHeld: knownLogs.learn });

  const authorOf = (frame: Frame): PartnerId | null => logs.get(frame.log)?.by ?? knownLogs.authorOf(frame);
  const judgeFrame = (frame: Frame, nowMs: number): Verdict => {
    const by = authorOf(frame);
    if (by === null)
      return refuse(
        "unknown-log",
        "no founder's, named by no sponsorship with effect, and of no partner's held log",
      );
    const closed: JudgeContext["closed"] = (earlier) => closedState(logs, by, earlier);
    return judge(frame, { net, nowMs, by, closed, known: logs.get(frame.log) });
  };

  /** Judges a group as one; where that fails, each frame alone, so that one bad frame spoils no good one. */
  const receiveGroup = (
    group: readonly Frame[],
    nowMs: number,
  ): { verdicts: Verdict[]; arrivals: Arrival[] } => {
    const together = judgeFrame(joined(group), nowMs);
    if (together.kind === "verified") {
      const { arrivals, refused } = taking.take(together.run);
      return { verdicts: group.map(() => refused ?? together), arrivals };
    }
    if (group.length === 1 || together.kind === "known")
      return { verdicts: group.map(() => together), arrivals: [] };
    const alone = group.map((frame) => receiveGroup([frame], nowMs));
    return {
      verdicts: alone.flatMap(({ verdicts }) => verdicts),
      arrivals: alone.flatMap(({ arrivals }) => arrivals),
    };
  };

  /** Who may sign a log that storage gave back: its opening passed the gate when it came in. */
  const storedAuthority = (log: LogId, by: PartnerId, x: Header["x"]): Authority => {
    const opened = LogOpenedX.parse(x);
    const [previous] = closedBy(opened);
    const before = previous === undefined ? null : closedState(logs, by, previous);
    if (previous !== undefined && before === null)
      throw new Error(`a stored log goes on from ${previous.log}, which is not stored as it says`);
    const answer = authorityOf({ origin: originOf(net, by, log), by }, opened, before?.before ?? null);
    if (!answer.ok) throw new Error(`a stored log is opened against the rules: ${answer.wrong}`);
    return answer.authority;
  };

  return {
    pasts,
    logs,
    find: (log, seq) => {
      const known = logs.get(log);
      return known === undefined || seq >= known.held
        ? null
        : { hash: known.tree.leaf(seq), at: known.ats.at(seq) };
    },
    authorOf,
    judge: judgeFrame,
    receive: (frames, nowMs) => {
      const arrived = frames.map((frame, index) => ({ frame, index }));
      const outcomes: Outcome[] = [];
      const arrivals: Arrival[] = [];
      for (const group of contiguous(arrived)) {
        const before = logs.get(group[0]?.frame.log ?? "")?.held ?? 0;
        const result = receiveGroup(
          group.map(({ frame }) => frame),
          nowMs,
        );
        arrivals.push(...result.arrivals);
        for (const [place, { frame, index }] of group.entries()) {
          const verdict = result.verdicts[place] as Verdict;
          outcomes[index] =
            verdict.kind === "refused" || verdict.kind === "fork"
              ? verdict
              : {
                  kind: "taken",
                  ...progressOf(frame, before, logs.get(frame.log)),
                  need: taking.needs(frame.log),
                };
        }
      }
      return { outcomes, arrivals };
    },
    hold: (entry) => {
      const { log, by, seq, x } = entry.header;
      const known = logs.get(log) ?? create(log, by, storedAuthority(log, by, x));
      if (seq !== known.tree.size || seq !== known.held)
        throw new RangeError(`${log} is held up to ${known.held}, not ${seq}`);
      known.tree.push(entry.hash);
      known.ats.push(entry.header.at);
      taking.hold(known, entry);
    },
    setEdge: (log, edge) => {
      const known = logs.get(log);
      if (known !== undefined) known.edge = edge;
    },
    freeze: (log) => {
      const known = logs.get(log);
      if (known !== undefined) taking.freeze(known);
    },
    get waiting() {
      return taking.waiting;
    },
    resume: ({ opening, roots, knows }) => {
      const { log, by, x } = opening;
      create(log, by, storedAuthority(log, by, x), roots);
      pasts.resume(log, roots.length, knows);
    },
    restore: ({ header: { log, seq, at }, hash }, learned) => {
      const known = logs.get(log);
      if (known === undefined || seq !== known.tree.size || seq !== known.held)
        throw new RangeError(`${log} is held up to ${known?.held ?? 0}, not ${seq}`);
      known.tree.push(hash);
      known.ats.push(at);
      pasts.restore(log, seq, learned);
      known.held += 1;
    },
    fullSegments: (log) => {
      const known = logs.get(log);
      if (known === undefined) return [];
      const count = Math.floor(known.held / segmentEntries) - known.kept;
      return Array.from({ length: Math.max(0, count) }, (_, offset) => {
        const index = known.kept + offset;
        const segment: Segment = {
          hashes: known.tree.leaves(index),
          ...known.ats.rows(index),
          ...pasts.segment(log, index),
        };
        return { index, segment };
      });
    },
    keepSegments: (log, count) => {
      const known = logs.get(log);
      if (known === undefined || readCold === undefined) return;
      known.kept = count;
      known.tree.release(count);
      known.ats.release(count);
      pasts.release(log, count);
    },
    allow: knownLogs.allow,
  };
}

/** The entry whose bytes these are, as `hold` takes it. */
export const verifiedEntry = (header: VerifiedEntry["header"], bytes: Uint8Array): VerifiedEntry => ({
  header,
  bytes,
  hash: leafHash(bytes),
});

function progressOf({ from, to }: Frame, before: number, known: HeldLog | undefined) {
  const size = known?.held ?? 0;
  const count = (start: number, end: number): number => Math.max(0, end - start);
  return {
    size,
    held: count(Math.max(from, before), Math.min(to, size)),
    waiting: count(Math.max(from, size), Math.min(to, known?.tree.size ?? 0)),
  };
}
