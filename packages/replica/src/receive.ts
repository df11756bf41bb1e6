/** Takes frames in order of arrival, and says of each what came of it. */
import { budgets } from "@handfast/protocol/budgets";
import type { Frame } from "@handfast/protocol/frame";
import type { LineId } from "@handfast/protocol/ids";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { sameHash } from "@handfast/tlog/tree";
import type { BranchBudget } from "./branch-budget.ts";
import { contiguous, joined } from "./coalesce.ts";
import type { Edge } from "./edge.ts";
import type { HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import { contradictionOf } from "./prove-fork.ts";
import type { Arrival, createTaking, Need } from "./taking.ts";
import type { Evidence, Refused, Verdict, VerifiedRun } from "./verdict.ts";

const { perPartner } = budgets.branches;

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

export function createReceiving({
  logs,
  lines,
  taking,
  branchBudget,
  judge,
}: {
  logs: ReadonlyMap<LineId, HeldLog>;
  lines: Pick<Lines, "branchesBy">;
  taking: Pick<ReturnType<typeof createTaking>, "take" | "needs">;
  branchBudget: Pick<BranchBudget, "took">;
  judge: (frame: Frame, nowMs: number) => Verdict;
}): (frames: readonly Frame[], nowMs: number) => Received {
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
    const together = judge(joined(group), nowMs);
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

  return (frames, nowMs) => {
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
  };
}

/** An edge that ends with its checkpoint. */
const noneBeyond = (size: number) => ({ size, noteSize: size, proof: [] });
