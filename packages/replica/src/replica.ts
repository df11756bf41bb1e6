/**
 * All logs as this node knows them. Receives foreign frames: what is verified and has its parents is held, what is verified
 * and lacks some waits, bounded; everything else is one exact refusal, and changes nothing.
 *
 * Acceptance is by prefix: all-or-nothing would deadlock where two logs name each other. The state lives in memory. Its
 * owner makes what it answers durable before telling anyone, and builds it anew from storage when that failed.
 */
import { budgets } from "@handfast/protocol/budgets";
import { type Charter, type HeaderVersion, headerVersionOf } from "@handfast/protocol/charter";
import type { Frame } from "@handfast/protocol/frame";
import type { At, Header } from "@handfast/protocol/header";
import { type LineId, type LogId, type NetworkId, type PartnerId, refOf } from "@handfast/protocol/ids";
import { closedBy, LogOpenedX } from "@handfast/protocol/log";
import { notNow } from "@handfast/protocol/refusals";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import { createBranchBudget } from "./branch-budget.ts";
import { contiguous, joined } from "./coalesce.ts";
import type { Edge } from "./edge.ts";
import { type Base, createHeldLog, type HeldLog, sharedSegments } from "./held-log.ts";
import { type JudgeContext, judge, type Parting } from "./judge.ts";
import { createKnownForks, type KnownFork, type KnownForks } from "./known-forks.ts";
import { createKnownLogs, type SponsoredLog, sponsoredBy } from "./known-logs.ts";
import { createLines, type Lines, nameOfBranch } from "./lines.ts";
import { createPasts, type Pasts } from "./pasts.ts";
import { contradictionOf } from "./prove-fork.ts";
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

export type { Arrival, Base, Edge, Evidence, HeldLog, Need, Refused, SponsoredLog, Verdict, VerifiedEntry };

const { perPartner } = budgets.branches;

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

/** The outcome of one frame. `held` counts its entries that are held now and were not; `waiting` those that lack parents. */
export type Outcome =
  | {
      readonly kind: "taken";
      readonly line: LineId;
      readonly size: number;
      readonly held: number;
      readonly waiting: number;
      readonly need: readonly Need[];
    }
  | Refused;

export type Received = {
  /** One a frame, in their order. */
  readonly outcomes: readonly Outcome[];
  /** What is held now, in causal order: to be made durable before anything is told. */
  readonly arrivals: readonly Arrival[];
  /** Forks that checkpoints showed, whether or not both histories are held. */
  readonly evidence: readonly Evidence[];
};

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
      return onSomeLine([[null, judge(frame, { ...context, known: undefined })]], nowMs);
    return onSomeLine(
      known.map((line) => [line, judge(frame, { ...context, known: line })] as const),
      nowMs,
    );
  };
  /**
   * It goes where most of it is held already; where it leaves every line, it begins a branch behind what it shares with most. A line
   * that let go of what waited ends where a branch of it begins: what the branch holds must not be taken there as well.
   */
  const onSomeLine = (
    judged: readonly (readonly [HeldLog | null, Verdict | Parting])[],
    nowMs: number,
  ): Verdict => {
    let fitting: Extract<Verdict, { kind: "verified" }> | null = null;
    let contradicting: Verdict | null = null;
    let refused: Refused | null = null;
    let parting: { readonly line: HeldLog; readonly run: Parting["run"] } | null = null;
    for (const [line, verdict] of judged) {
      if (verdict.kind === "verified") {
        if (fitting === null || fitting.run.from < verdict.run.from) fitting = verdict;
      } else if (verdict.kind === "known") {
        if (verdict.note === undefined) return verdict;
        contradicting = verdict;
      } else if (verdict.kind === "parting") {
        if (line !== null && (parting === null || parting.run.from < verdict.run.from))
          parting = { line, run: verdict.run };
      } else if (refused === null || (notNow.has(verdict.code) && !notNow.has(refused.code)))
        refused = verdict;
    }
    if (fitting !== null) return fitting;
    if (contradicting !== null) return contradicting;
    if (parting !== null) return branchOff(parting.line, parting.run, nowMs);
    if (refused === null) throw new Error("a frame was not judged");
    return refused;
  };
  const branchOff = (line: HeldLog, run: Parting["run"], nowMs: number): Verdict => {
    const [first] = run.entries;
    if (first === undefined) throw new Error("a branch begins with an entry");
    const base = lines.baseFor(line, run.from);
    if (base.held < run.from)
      return {
        ...refuse("gap", `held up to ${base.held}, and what parts there has to wait`),
        size: base.held,
      };
    if (lines.branchesBy(run.by) >= perPartner) {
      const isEarlier = run.from < (forks.forkedFrom(run.log) ?? Number.POSITIVE_INFINITY);
      if (!isEarlier && !taking.isNeeded(run))
        return refuse("busy", `no more than ${perPartner} branches of one partner are taken`);
      if (!branchBudget.mayTake(run.by, nowMs))
        return refuse(
          "busy",
          "branches of this partner come faster than they are taken: ask again in an hour",
        );
    }
    return {
      kind: "verified",
      run: { ...run, line: nameOfBranch(base, first.hash), base: { line: base, size: run.from } },
    };
  };

  /** What a checkpoint shows that tells another history than the line it came for; null where that cannot be shown from here. */
  const contradictionOn = (line: HeldLog, edge: Edge | null, other: Edge): Evidence | null => {
    if (edge === null) return null;
    const { read } = line.tree;
    const proof = contradictionOf({ edge, read }, { edge: other, read });
    return proof === null ? null : { log: line.log, proof };
  };
  const takeRun = (
    run: VerifiedRun,
    nowMs: number,
  ): { refused: Refused | null; arrivals: Arrival[]; evidence: Evidence[] } => {
    const edge = logs.get(run.line)?.edge ?? null;
    const before = logs.get(run.line)?.tree.size ?? 0;
    if (run.base !== null && lines.branchesBy(run.by) >= perPartner) branchBudget.took(run.by, nowMs);
    const taken = taking.take(run);
    const line = logs.get(run.line);
    const end = run.from + run.entries.length;
    // A checkpoint beyond what was known was believed before: what came now must lead to it.
    const isTested = edge !== null && edge.noteSize > before && edge.noteSize <= end;
    if (line === undefined || !isTested || line.tree.size < end) return { ...taken, evidence: [] };
    const believed = parseCheckpoint(edge.note);
    if (believed.ok && sameHash(line.tree.root(edge.noteSize), believed.checkpoint.root))
      return { ...taken, evidence: [] };
    const { note, noteSize, proof } = run;
    const found = contradictionOn(line, edge, { size: end, noteSize, note, proof });
    return { ...taken, evidence: found === null ? [] : [found] };
  };

  type Judged = { readonly verdict: Verdict; readonly before: number };
  type Group = { readonly judged: Judged[]; readonly arrivals: Arrival[]; readonly evidence: Evidence[] };
  /** Judges a group as one; where that fails, each frame alone, so that one bad frame spoils no good one. */
  const receiveGroup = (group: readonly Frame[], nowMs: number): Group => {
    const together = judgeFrame(joined(group), nowMs);
    const all = (verdict: Verdict, before: number): Judged[] => group.map(() => ({ verdict, before }));
    if (together.kind === "verified") {
      const { run } = together;
      const before = logs.get(run.line)?.held ?? run.base?.size ?? 0;
      const { arrivals, refused, evidence } = takeRun(run, nowMs);
      return { judged: all(refused ?? together, before), arrivals, evidence };
    }
    if (together.kind === "known") {
      const line = logs.get(together.line);
      const parsed = together.note === undefined ? null : parseCheckpoint(together.note);
      const found =
        line === undefined || together.note === undefined || !parsed?.ok
          ? null
          : contradictionOn(line, line.edge, {
              ...noneBeyond(parsed.checkpoint.size),
              note: together.note,
            });
      const evidence = found === null ? [] : [found];
      return { judged: all(together, line?.held ?? 0), arrivals: [], evidence };
    }
    if (group.length === 1) return { judged: all(together, 0), arrivals: [], evidence: [] };
    const alone = group.map((frame) => receiveGroup([frame], nowMs));
    return {
      judged: alone.flatMap(({ judged }) => judged),
      arrivals: alone.flatMap(({ arrivals }) => arrivals),
      evidence: alone.flatMap(({ evidence }) => evidence),
    };
  };

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

  const progressOf = (
    { from, to }: Frame,
    line: LineId,
    before: number,
  ): Omit<Extract<Outcome, { kind: "taken" }>, "kind"> => {
    const known = logs.get(line);
    const size = known?.held ?? 0;
    const count = (start: number, end: number): number => Math.max(0, end - start);
    return {
      line,
      size,
      held: count(Math.max(from, before), Math.min(to, size)),
      waiting: count(Math.max(from, size), Math.min(to, known?.tree.size ?? 0)),
      need: taking.needs(line),
    };
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
    receive: (frames, nowMs) => {
      const arrived = frames.map((frame, index) => ({ frame, index }));
      const outcomes: Outcome[] = [];
      const arrivals: Arrival[] = [];
      const evidence: Evidence[] = [];
      for (const group of contiguous(arrived)) {
        const result = receiveGroup(
          group.map(({ frame }) => frame),
          nowMs,
        );
        arrivals.push(...result.arrivals);
        evidence.push(...result.evidence);
        for (const [place, { frame, index }] of group.entries()) {
          const { verdict, before } = result.judged[place] as Judged;
          outcomes[index] =
            verdict.kind === "refused"
              ? verdict
              : {
                  kind: "taken",
                  ...progressOf(frame, verdict.kind === "known" ? verdict.line : verdict.run.line, before),
                };
        }
      }
      return { outcomes, arrivals, evidence };
    },
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

/** An edge that ends with its checkpoint. */
const noneBeyond = (size: number) => ({ size, noteSize: size, proof: [] });
