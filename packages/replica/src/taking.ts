/**
 * Takes verified runs: holds the longest prefix whose parents are all held, lets the rest wait, and goes on with it when the
 * parent arrives. What waits is indexed by the log it waits for, and bounded: the newest is dropped, ranges bring it again.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { compareAt } from "@handfast/protocol/header";
import {
  type Hash,
  hashOf,
  type LineId,
  type LogId,
  type PartnerId,
  type Ref,
  refOf,
  splitRef,
} from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { LogOpenedX } from "@handfast/protocol/log";
import { type Edge, proofTo } from "./edge.ts";
import type { Base, HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import type { Pasts } from "./pasts.ts";
import { lastOfClosed } from "./succession.ts";
import { type Refused, refuse, type VerifiedEntry, type VerifiedRun } from "./verdict.ts";

/** Entries of one line that are held now; `edge` proves them. */
export type Arrival = {
  readonly line: LineId;
  readonly log: LogId;
  readonly by: PartnerId;
  readonly from: number;
  readonly entries: readonly VerifiedEntry[];
  readonly edge: Edge;
  /** Of a branch: what it leaves, and where. */
  readonly base: Base | null;
};

/** A parent that is not held: this log is needed up to this size, on the line that ends there with this leaf hash. */
export type Need = { readonly log: LogId; readonly size: number; readonly tip: Hash };

type Taken = { readonly arrivals: Arrival[]; readonly refused: Refused | null };

export function createTaking(state: {
  readonly logs: Map<LineId, HeldLog>;
  readonly lines: Lines;
  readonly pasts: Pasts;
  /** Makes the line of a run of which nothing was known, and puts it among `logs`. */
  readonly create: (run: VerifiedRun) => HeldLog;
  /** Told of each entry when it is held. */
  readonly onHeld: (entry: VerifiedEntry, line: LineId) => void;
}) {
  const { logs, lines, pasts, create, onHeld } = state;
  const needs = new Map<LineId, readonly Need[]>();
  /** Lines that wait, by a log they wait for: those of `needs`, and no others, since anybody may name logs that nobody holds. */
  const waitingFor = new Map<LogId, Set<HeldLog>>();
  let waitingEntries = 0;
  let waitingBytes = 0;

  const setNeeds = (line: HeldLog, wanted: readonly Need[]): void => {
    for (const { log } of needs.get(line.line) ?? []) {
      const lines = waitingFor.get(log);
      lines?.delete(line);
      if (lines?.size === 0) waitingFor.delete(log);
    }
    if (wanted.length === 0) needs.delete(line.line);
    else needs.set(line.line, wanted);
    for (const { log } of wanted) waitingFor.set(log, (waitingFor.get(log) ?? new Set()).add(line));
  };
  const count = (entries: readonly VerifiedEntry[], sign: 1 | -1): void => {
    waitingEntries += sign * entries.length;
    for (const { bytes } of entries) waitingBytes += sign * bytes.length;
  };

  /** A parent as this node names the entry; none where it is not held, which storage alone may give back. */
  const standing = (parent: string): readonly Ref[] => {
    const { log, seq } = splitRef(parent);
    if (!lines.isForked(log)) return [parent];
    const line = lines.holding(log, seq, hashOf(parent));
    return line === null ? [] : [refOf(line.line, seq)];
  };

  const hold = (known: HeldLog, entry: VerifiedEntry): void => {
    const { parents, x } = entry.header;
    // An opening has no parents: what it closes is in its past.
    const before = known.held === 0 ? lastOfClosed(LogOpenedX.parse(x), lines) : parents.flatMap(standing);
    pasts.add({ log: known.line, seq: known.held, parents: before });
    known.held += 1;
    onHeld(entry, known.line);
  };

  /** What of an entry's parents is missing; or that one of them makes it impossible. */
  const missing = (entry: VerifiedEntry): readonly Need[] | Refused => {
    const missed: Need[] = [];
    for (const parent of entry.header.parents) {
      const { log, seq } = splitRef(parent);
      // Either history satisfies it that has this very entry.
      const line = lines.holding(log, seq, hashOf(parent));
      if (line === null) missed.push({ log, size: seq + 1, tip: hashOf(parent) });
      else if (compareAt(entry.header.at, line.ats.at(seq)) <= 0)
        return refuse("schema", `entry ${entry.header.seq}: its time is not above that of parent ${parent}`);
    }
    return missed;
  };

  /** Forgets what waits of a log from its entry `from` on. */
  const drop = (known: HeldLog, from: number): void => {
    for (const run of known.waiting)
      count(run.entries.slice(Math.max(0, waitingStart(run, known.held) - run.from)), -1);
    known.waiting = known.waiting.filter((run) => run.from < from).map((run) => cutRun(run, known, from));
    known.waiting = known.waiting.filter((run) => run.from + run.entries.length > known.held);
    for (const run of known.waiting)
      count(run.entries.slice(Math.max(0, waitingStart(run, known.held) - run.from)), 1);
    known.tree.truncate(from);
    known.ats.truncate(from);
    if (known.waiting.length === 0) setNeeds(known, []);
    // A branch of which nothing is left is forgotten: what it shares is on its base.
    if (known.base !== null && known.tree.size === known.base.size && logs.get(known.line) === known) {
      logs.delete(known.line);
      lines.remove(known);
      pasts.forget(known.line);
    }
  };

  /** Holds what can be held of one log. */
  const advance = (known: HeldLog): { arrival: Arrival | null; refused: Refused | null } => {
    const from = known.held;
    const held: VerifiedEntry[] = [];
    let refused: Refused | null = null;
    let last: VerifiedRun | null = null;
    setNeeds(known, []);
    walk: for (const run of known.waiting) {
      for (const entry of run.entries.slice(known.held - run.from)) {
        const missed = missing(entry);
        if ("kind" in missed) {
          refused = missed;
          break walk;
        }
        if (missed.length > 0) {
          setNeeds(known, missed);
          break walk;
        }
        hold(known, entry);
        held.push(entry);
        last = run;
      }
    }
    count(held, -1);
    let arrival: Arrival | null = null;
    if (last !== null) {
      known.edge = edgeAt(last, known);
      const { line, log, by, base } = known;
      arrival = { line, log, by, base, from, entries: held, edge: known.edge };
    }
    known.waiting = known.waiting.filter((run) => run.from + run.entries.length > known.held);
    if (refused !== null) drop(known, known.held);
    return { arrival, refused };
  };

  const advanceAll = (first: HeldLog): Taken => {
    const arrivals: Arrival[] = [];
    let refused: Refused | null = null;
    const queue = [first];
    for (let known = queue.shift(); known !== undefined; known = queue.shift()) {
      const step = advance(known);
      if (known === first) refused ??= step.refused;
      if (step.arrival === null) continue;
      arrivals.push(step.arrival);
      queue.push(...(waitingFor.get(known.log) ?? []));
    }
    return { arrivals, refused };
  };

  return {
    hold,
    /** Takes a run that was judged against this very state. */
    take: (run: VerifiedRun): Taken => {
      const known = logs.get(run.line) ?? create(run);
      for (const { hash, header } of run.entries) {
        known.tree.push(hash);
        known.ats.push(header.at);
      }
      known.waiting.push(run);
      count(run.entries, 1);
      const taken = advanceAll(known);
      const isTooMuch = waitingEntries > limits.pendingEntries || waitingBytes > limits.pendingBytes;
      if (isTooMuch) drop(known, Math.max(run.from, known.held));
      return taken;
    },
    /** Whether something waits for an entry that a run of this log has, or may have further on. */
    isNeeded: ({ log, from, entries }: Pick<VerifiedRun, "log" | "from" | "entries">): boolean =>
      [...(waitingFor.get(log) ?? [])]
        .flatMap((line) => needs.get(line.line) ?? [])
        .some(({ log: wanted, size, tip }) => {
          const place = size - 1 - from;
          const entry = entries[place];
          return wanted === log && place >= 0 && (entry === undefined || toB64u(entry.hash) === tip);
        }),
    needing: (log: LogId): readonly (Need & { readonly by: PartnerId })[] =>
      [...(waitingFor.get(log) ?? [])].flatMap(({ line, by }) =>
        (needs.get(line) ?? []).flatMap((need) => (need.log === log ? [{ ...need, by }] : [])),
      ),
    needs: (line: LineId): readonly Need[] => needs.get(line) ?? [],
    get waiting() {
      return { entries: waitingEntries, bytes: waitingBytes, logs: waitingFor.size };
    },
  };
}

const waitingStart = (run: VerifiedRun, held: number): number => Math.max(run.from, held);

/** What proves a log held up to `known.held`, by the run in which that lies. */
function edgeAt(run: VerifiedRun, known: HeldLog): Edge {
  const { note, noteSize } = run;
  const end = run.from + run.entries.length;
  const proof = proofTo({ size: end, noteSize, proof: run.proof }, known.held, known.tree.read);
  return { size: known.held, noteSize, note, proof };
}

/** A run without its entries from `from` on; what proved it proves the rest. */
function cutRun(run: VerifiedRun, known: HeldLog, from: number): VerifiedRun {
  const end = run.from + run.entries.length;
  if (end <= from) return run;
  const proof = proofTo({ size: end, noteSize: run.noteSize, proof: run.proof }, from, known.tree.read);
  return { ...run, entries: run.entries.slice(0, from - run.from), proof };
}
