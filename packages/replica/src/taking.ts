/**
 * Takes verified runs: holds the longest prefix whose parents are all held, lets the rest wait, and goes on with it when the
 * parent arrives. What waits is indexed by the log it waits for, and bounded: the newest is dropped, ranges bring it again.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { compareAt } from "@handfast/protocol/header";
import { hashOf, type LogId, type PartnerId, splitRef } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { LogOpenedX } from "@handfast/protocol/log";
import type { Authority } from "./authority.ts";
import { type Edge, proofTo } from "./edge.ts";
import type { HeldLog } from "./held-log.ts";
import type { Pasts } from "./pasts.ts";
import { lastOfClosed } from "./succession.ts";
import { type Refused, refuse, type VerifiedEntry, type VerifiedRun } from "./verdict.ts";

/** Entries of one log that are held now; `edge` proves them. */
export type Arrival = {
  readonly log: LogId;
  readonly by: PartnerId;
  readonly from: number;
  readonly entries: readonly VerifiedEntry[];
  readonly edge: Edge;
};

/** A parent that is not held: this log is needed up to this size. */
export type Need = { readonly log: LogId; readonly size: number };

type Taken = { readonly arrivals: Arrival[]; readonly refused: Refused | null };

export function createTaking(state: {
  readonly logs: Map<LogId, HeldLog>;
  readonly pasts: Pasts;
  /** Makes a log of which nothing was known, and puts it among `logs`. */
  readonly create: (log: LogId, by: PartnerId, authority: Authority) => HeldLog;
  /** Told of each entry when it is held. */
  readonly onHeld: (entry: VerifiedEntry) => void;
}) {
  const { logs, pasts, create, onHeld } = state;
  const needs = new Map<LogId, readonly Need[]>();
  /** Logs that wait, by a log they wait for. */
  const waitingFor = new Map<LogId, Set<HeldLog>>();
  let waitingEntries = 0;
  let waitingBytes = 0;

  const count = (entries: readonly VerifiedEntry[], sign: 1 | -1): void => {
    waitingEntries += sign * entries.length;
    for (const { bytes } of entries) waitingBytes += sign * bytes.length;
  };

  const hold = (known: HeldLog, entry: VerifiedEntry): void => {
    const { parents, x } = entry.header;
    // An opening has no parents: what it closes is in its past.
    const before = known.held === 0 ? lastOfClosed(LogOpenedX.parse(x)) : parents;
    pasts.add({ log: known.log, seq: known.held, parents: before });
    known.held += 1;
    onHeld(entry);
  };

  /** What of an entry's parents is missing; or that one of them makes it impossible. */
  const missing = (entry: VerifiedEntry): readonly Need[] | Refused => {
    const missed: Need[] = [];
    for (const parent of entry.header.parents) {
      const place = splitRef(parent);
      const log = logs.get(place.log);
      // A parent that is held with other bytes is not held: it may stand in another branch.
      if (log === undefined || place.seq >= log.held || toB64u(log.tree.leaf(place.seq)) !== hashOf(parent))
        missed.push({ log: place.log, size: place.seq + 1 });
      else if (compareAt(entry.header.at, log.ats.at(place.seq)) <= 0)
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
    if (known.waiting.length === 0) needs.delete(known.log);
  };

  /** Holds what can be held of one log. */
  const advance = (known: HeldLog): { arrival: Arrival | null; refused: Refused | null } => {
    const from = known.held;
    const held: VerifiedEntry[] = [];
    let refused: Refused | null = null;
    let last: VerifiedRun | null = null;
    needs.delete(known.log);
    walk: for (const run of known.waiting) {
      for (const entry of run.entries.slice(known.held - run.from)) {
        const missed = missing(entry);
        if ("kind" in missed) {
          refused = missed;
          break walk;
        }
        if (missed.length > 0) {
          needs.set(known.log, missed);
          for (const { log } of missed) waitingFor.set(log, (waitingFor.get(log) ?? new Set()).add(known));
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
      arrival = { log: known.log, by: known.by, from, entries: held, edge: known.edge };
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
      waitingFor.delete(known.log);
    }
    return { arrivals, refused };
  };

  return {
    hold,
    /** Takes a run that was judged against this very state. */
    take: (run: VerifiedRun): Taken => {
      let known = logs.get(run.log);
      if (known === undefined) {
        if (run.authority === null) throw new Error("a log begins with its entry 0");
        known = create(run.log, run.by, run.authority);
      }
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
    freeze: (known: HeldLog): void => {
      drop(known, known.held);
      known.isFrozen = true;
    },
    needs: (log: LogId): readonly Need[] => needs.get(log) ?? [],
    get waiting() {
      return { entries: waitingEntries, bytes: waitingBytes };
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
