/**
 * All logs as this node knows them. Receives foreign frames: what is verified and has its parents is held, what is verified
 * and lacks some waits, bounded; everything else is one exact refusal, and changes nothing.
 *
 * Acceptance is by prefix: all-or-nothing would deadlock where two logs name each other. The state lives in memory. Its
 * owner makes what it answers durable before telling anyone, and builds it anew from storage when that failed.
 */
import { type Charter, type HeaderVersion, headerVersionOf } from "@handfast/protocol/charter";
import type { Frame } from "@handfast/protocol/frame";
import type { At, Header } from "@handfast/protocol/header";
import { type LineId, type LogId, type NetworkId, type PartnerId, refOf } from "@handfast/protocol/ids";
import { closedBy, LogOpenedX } from "@handfast/protocol/log";
import { leafHash } from "@handfast/tlog/tree";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import { createBranchBudget } from "./branch-budget.ts";
import { createLineChoice } from "./choose-line.ts";
import type { Edge } from "./edge.ts";
import { type Base, createHeldLog, type HeldLog, sharedSegments } from "./held-log.ts";
import { type JudgeContext, judge } from "./judge.ts";
import { createKnownForks, type KnownFork, type KnownForks } from "./known-forks.ts";
import { createKnownLogs, type SponsoredLog, sponsoredBy } from "./known-logs.ts";
import { createLines, type Lines } from "./lines.ts";
import { createPasts, type Pasts } from "./pasts.ts";
import { createReceiving, type Outcome, type Received } from "./receive.ts";
import { type Known, type Segment, type SegmentReader, segmentEntries } from "./segment.ts";
import { closedState } from "./succession.ts";
import { type Arrival, createTaking, type Need } from "./taking.ts";
import {
  type Evidence,
  type Refused,
  refuse,
  type Verdict,
  type VerifiedEntry,
  type VerifiedRun,
} from "./verdict.ts";

export type {
  Arrival,
  Base,
  Edge,
  Evidence,
  HeldLog,
  Need,
  Outcome,
  Received,
  Refused,
  SponsoredLog,
  Verdict,
  VerifiedEntry,
};

/** A line whose first full segments are kept elsewhere. */
export type ResumedLine = {
  /** The header of its entry 0; of a branch that of the entry it shares, unless it leaves its base there. */
  readonly opening: Pick<Header, "log" | "by" | "x">;
  /** Of a branch: how it is named here, what it leaves, and where. */
  readonly branch?: { readonly line: LineId; readonly base: LineId; readonly size: number } | undefined;
  /** The roots of these segments, of a branch those behind the ones it shares. */
  readonly roots: readonly Uint8Array[];
  /** What it knows of other lines at their end; of no use where there are none. */
  readonly knows: Known;
};
export { originOf };

export type Replica = Omit<KnownForks, "all" | "learn"> & {
  /** Of the headers of this network. */
  readonly version: HeaderVersion;
  readonly pasts: Pasts;
  /** All lines by their names: the first of every log has the log's own. */
  readonly logs: ReadonlyMap<LineId, HeldLog>;
  readonly lines: Lines;
  /** Every log that is known to be forked. */
  forks(): readonly KnownFork[];
  /** Leaf hash and time of a held entry. */
  find(line: LineId, seq: number): { readonly hash: Uint8Array; readonly at: At } | null;
  /** Whose log a frame is of, where it may be held here; else null ("not now"). */
  authorOf(frame: Frame): PartnerId | null;
  /** Judges one frame and changes nothing. */
  judge(frame: Frame, nowMs: number): Verdict;
  /** Judges and takes frames in order of arrival; contiguous ones of one log cost one signature. */
  receive(frames: readonly Frame[], nowMs: number): Received;
  /** Takes an entry as held, unjudged: our own, or one that storage gave back. Parents were taken before. */
  hold(entry: VerifiedEntry, line?: LineId): void;
  /** Goes on with a line that storage gave back, its base and what it closes before it. */
  resume(line: ResumedLine): void;
  /** Takes an entry that storage gave back as held, with what it learned, whether or not its parents are held. */
  restore(entry: VerifiedEntry, learned: Known, line?: LineId): void;
  /** Full segments of a line whose entries are all held, and that are not kept elsewhere yet. */
  fullSegments(line: LineId): readonly { readonly index: number; readonly segment: Segment }[];
  /** Says that these are kept now: memory lets go of them. */
  keepSegments(line: LineId, count: number): void;
  /** Allows a log to be opened, as a held `member.sponsored` did before. */
  allow(sponsored: SponsoredLog): void;
  /** What proves a line, once it is signed or read back. */
  setEdge(line: LineId, edge: Edge): void;
  /** What entries that wait need of a log, and who wrote them. */
  needing(log: LogId): readonly (Need & { readonly by: PartnerId })[];
  /** Verified entries that wait for parents, and of how many logs these are. */
  readonly waiting: { readonly entries: number; readonly bytes: number; readonly logs: number };
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
  charter: Pick<Charter, "founders" | "headers">;
  readCold?: SegmentReader;
  opens?: (entry: VerifiedEntry, line: LineId) => SponsoredLog | null;
}): Replica {
  const version = headerVersionOf(charter);
  const logs = new Map<LineId, HeldLog>();
  const lines = createLines(logs);
  const pasts = createPasts(readCold);
  const knownLogs = createKnownLogs(charter.founders, logs, lines, opens);
  const forks = createKnownForks(net, lines, pasts);
  const branchBudget = createBranchBudget();

  const put = (
    identity: Pick<HeldLog, "line" | "log" | "by" | "base" | "authority">,
    kept: { readonly roots: readonly Uint8Array[]; readonly knows: Known },
  ): HeldLog => {
    const { line, base } = identity;
    const known = createHeldLog(identity, { roots: kept.roots, readCold });
    logs.set(line, known);
    lines.add(known);
    const segments = (base === null ? 0 : sharedSegments(base)) + kept.roots.length;
    if (base !== null && kept.roots.length === 0)
      pasts.branch(line, base.size, base.size === 0 ? null : refOf(base.line.line, base.size - 1));
    else pasts.resume(line, segments, kept.knows);
    return known;
  };
  const create = ({ line, log, by, base, authority: opened }: VerifiedRun): HeldLog => {
    const authority = opened ?? base?.line.authority;
    if (authority === undefined) throw new Error("a log begins with its entry 0");
    return put({ line, log, by, base, authority }, { roots: [], knows: new Map() });
  };

  const taking = createTaking({
    logs,
    lines,
    pasts,
    create,
    onHeld: (entry, line) => {
      // First what it proves: who asks what it opens may ask that too.
      forks.learn(entry, line);
      knownLogs.learn(entry, line);
    },
  });

  const chooseLine = createLineChoice({ lines, forks, taking, branchBudget });
  const authorOf = (frame: Frame): PartnerId | null => logs.get(frame.log)?.by ?? knownLogs.authorOf(frame);
  const judgeFrame = (frame: Frame, nowMs: number): Verdict => {
    const by = authorOf(frame);
    if (by === null)
      return refuse(
        "unknown-log",
        "no founder's, named by no sponsorship with effect, and of no partner's held log",
      );
    const closed: JudgeContext["closed"] = (earlier) => closedState(lines, by, earlier);
    const context = { net, nowMs, by, version, closed };
    const known = lines.of(frame.log);
    if (known.length === 0)
      return chooseLine([[null, judge(frame, { ...context, known: undefined })]], nowMs);
    return chooseLine(
      known.map((line) => [line, judge(frame, { ...context, known: line })] as const),
      nowMs,
    );
  };
  const receive = createReceiving({ logs, lines, taking, branchBudget, judge: judgeFrame });
  /** Who may sign a log that storage gave back: its opening passed the gate when it came in. */
  const storedAuthority = (log: LogId, by: PartnerId, x: Header["x"]): Authority => {
    const opened = LogOpenedX.parse(x);
    const [previous] = closedBy(opened);
    const before = previous === undefined ? null : closedState(lines, by, previous);
    if (previous !== undefined && before === null)
      throw new Error(`a stored log goes on from ${previous.log}, which is not stored as it says`);
    const answer = authorityOf({ origin: originOf(net, by, log), by }, opened, before?.before ?? null);
    if (!answer.ok) throw new Error(`a stored log is opened against the rules: ${answer.wrong}`);
    return answer.authority;
  };

  return {
    version,
    pasts,
    logs,
    lines,
    forkedFrom: forks.forkedFrom,
    forks: forks.all,
    isProven: forks.isProven,
    proofOf: forks.proofOf,
    provenBy: forks.provenBy,
    believe: forks.believe,
    find: (line, seq) => {
      const known = logs.get(line);
      return known === undefined || seq >= known.held
        ? null
        : { hash: known.tree.leaf(seq), at: known.ats.at(seq) };
    },
    authorOf,
    judge: judgeFrame,
    receive,
    hold: (entry, line = entry.header.log) => {
      const { log, by, seq, x } = entry.header;
      const known =
        logs.get(line) ??
        put(
          { line, log, by, base: null, authority: storedAuthority(log, by, x) },
          { roots: [], knows: new Map() },
        );
      if (seq !== known.tree.size || seq !== known.held)
        throw new RangeError(`${line} is held up to ${known.held}, not ${seq}`);
      known.tree.push(entry.hash);
      known.ats.push(entry.header.at);
      taking.hold(known, entry);
    },
    setEdge: (line, edge) => {
      const known = logs.get(line);
      if (known !== undefined) known.edge = edge;
    },
    needing: taking.needing,
    get waiting() {
      return taking.waiting;
    },
    resume: ({ opening, branch, roots, knows }) => {
      const { log, by, x } = opening;
      if (branch === undefined) {
        put({ line: log, log, by, base: null, authority: storedAuthority(log, by, x) }, { roots, knows });
        return;
      }
      const { line, size } = branch;
      const base = logs.get(branch.base);
      if (base === undefined) throw new Error(`a stored branch leaves ${branch.base}, which is not stored`);
      const authority = size === 0 ? storedAuthority(log, by, x) : base.authority;
      put({ line, log, by, base: { line: base, size }, authority }, { roots, knows });
    },
    restore: ({ header: { log, seq, at }, hash }, learned, line = log) => {
      const known = logs.get(line);
      if (known === undefined || seq !== known.tree.size || seq !== known.held)
        throw new RangeError(`${line} is held up to ${known?.held ?? 0}, not ${seq}`);
      known.tree.push(hash);
      known.ats.push(at);
      pasts.restore(line, seq, learned);
      known.held += 1;
    },
    fullSegments: (line) => {
      const known = logs.get(line);
      if (known === undefined) return [];
      const count = Math.floor(known.held / segmentEntries) - known.kept;
      return Array.from({ length: Math.max(0, count) }, (_, offset) => {
        const index = known.kept + offset;
        const segment: Segment = {
          hashes: known.tree.leaves(index),
          ...known.ats.rows(index),
          ...pasts.segment(line, index),
        };
        return { index, segment };
      });
    },
    keepSegments: (line, count) => {
      const known = logs.get(line);
      if (known === undefined || readCold === undefined) return;
      known.kept = count;
      known.tree.release(count);
      known.ats.release(count);
      pasts.release(line, count);
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
