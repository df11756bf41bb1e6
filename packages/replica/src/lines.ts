/**
 * The lines of a log: one where its author wrote one history, more where it signed several. A branch shares what lies below
 * its base's size, so an entry stands on exactly one line, and everything that goes by lines goes by entries.
 */
import { toB64u } from "@handfast/protocol/bytes";
import { branchNameOf, type Hash, type LineId, type LogId, type PartnerId } from "@handfast/protocol/ids";
import { sameHash } from "@handfast/tlog/tree";
import type { Base, HeldLog } from "./held-log.ts";

export { sharedSegments } from "./held-log.ts";

export type Lines = {
  /** All lines of a log, the one held first in front; none of a log that is not known. */
  of(log: LogId): readonly HeldLog[];
  /** Logs that have more than one. */
  readonly forked: Iterable<LogId> & { readonly size: number };
  /** Whether a log has more than one. */
  isForked(log: LogId): boolean;
  /** Takes a line that was just put among the logs. */
  add(line: HeldLog): void;
  remove(line: HeldLog): void;
  /** The line on which an entry stands that this line has. */
  lineAt(line: HeldLog, seq: number): HeldLog;
  /** The line on which an entry with this leaf hash is held at this place. */
  holding(log: LogId, seq: number, hash: Hash): HeldLog | null;
  /** A line of the log that is held so far and has this root there. */
  withRoot(log: LogId, size: number, root: Uint8Array): HeldLog | null;
  /** The line of that log which a branch would leave that has another entry at `seq` than `line` has there. */
  baseFor(line: HeldLog, seq: number): HeldLog;
  branchesBy(partner: PartnerId): number;
  /** The smallest place at which a log is known to have two histories; null where only one is held. */
  partingOf(log: LogId): number | null;
  /** The same of what is held: what only waits here, others may never come to know. */
  heldPartingOf(log: LogId): number | null;
};

export function createLines(logs: ReadonlyMap<LineId, HeldLog>): Lines {
  const branches = new Map<LogId, HeldLog[]>();
  const of = (log: LogId): readonly HeldLog[] => {
    const first = logs.get(log);
    const others = branches.get(log);
    if (first === undefined) return [];
    return others === undefined ? [first] : [first, ...others];
  };
  const lineAt = (line: HeldLog, seq: number): HeldLog => {
    let owner = line;
    while (owner.base !== null && seq < owner.base.size) owner = owner.base.line;
    return owner;
  };
  return {
    of,
    lineAt,
    get forked() {
      return { size: branches.size, [Symbol.iterator]: () => branches.keys() };
    },
    isForked: (log) => branches.has(log),
    add: (line) => {
      if (line.base !== null) branches.set(line.log, [...(branches.get(line.log) ?? []), line]);
    },
    remove: (line) => {
      const left = (branches.get(line.log) as HeldLog[]).filter((other) => other !== line);
      if (left.length > 0) branches.set(line.log, left);
      else branches.delete(line.log);
    },
    holding: (log, seq, hash) => {
      const line = of(log).find((each) => seq < each.held && toB64u(each.tree.leaf(seq)) === hash);
      return line === undefined ? null : lineAt(line, seq);
    },
    withRoot: (log, size, root) => {
      const line = of(log).find((each) => each.held >= size && sameHash(each.tree.root(size), root));
      return line === undefined ? null : lineAt(line, size - 1);
    },
    baseFor: (line, seq) => (seq === 0 ? lineAt(line, -1) : lineAt(line, seq - 1)),
    branchesBy: (partner) => {
      const all = [...branches.values()].flat();
      return all.filter(({ by }) => by === partner).length;
    },
    partingOf: (log) => smallest((branches.get(log) ?? []).map(({ base }) => (base as Base).size)),
    heldPartingOf: (log) => {
      const all = branches.get(log) ?? [];
      const partings = all.flatMap((branch) => {
        const { line, size } = branch.base as Base;
        const ways = [line, ...all.filter(({ base }) => base?.line === line && base.size === size)];
        return ways.filter(({ held }) => held > size).length > 1 ? [size] : [];
      });
      return smallest(partings);
    },
  };
}

const smallest = (places: readonly number[]): number | null =>
  places.length === 0 ? null : Math.min(...places);

/** The name of the branch that leaves `base` with the entry of this leaf hash. */
export const nameOfBranch = (base: HeldLog, leafHash: Uint8Array): LineId =>
  branchNameOf(base.log, base.line, toB64u(leafHash));
