/**
 * Happens-before: what each entry knows of every log (docs/reference/fold.md section 1).
 *
 * Everything here goes by lines: `log` names a line, and refs are made of lines' names.
 *
 * What a log knows of another only grows, and only where an entry has parents. So a log's past is one map, advanced by what
 * each entry learned; an older entry's past is read off the map at the beginning of its segment and what was learned since.
 */
import { type LineId, type LogId, type PinnedRef, type Ref, splitRef } from "@handfast/protocol/ids";
import { type Known, type SegmentPasts, segmentEntries } from "./segment.ts";

/** For a log, the highest seq in an entry's past; -1 where nothing of that log is. An entry's past excludes itself. */
export type Past = (log: LogId) => number;

export type Pasts = {
  /** Takes an entry whose parents and predecessor were taken before. Entries of one log come in order of seq. */
  add(entry: {
    readonly log: LogId;
    readonly seq: number;
    readonly parents: readonly (Ref | PinnedRef)[];
  }): Past;
  /** The past of an entry that was taken. Costs nothing until it is asked. */
  of(log: LogId, seq: number): Past;
  /** What an entry that was taken knows of other logs and the entry before it in its log did not: the highest seq, by log. */
  learned(log: LogId, seq: number): Known;
  /** The pasts of one segment of a log, full or not. */
  segment(log: LogId, index: number): SegmentPasts;
  /** Forgets all segments of a log before this one; they are kept elsewhere now. */
  release(log: LogId, segment: number): void;
  /** Takes an entry together with what it learned, as `learned` told it. */
  restore(log: LogId, seq: number, learned: Known): void;
  /** Begins a branch behind an entry of another line: that and all in its past are in the past of whatever stands on it. */
  branch(line: LineId, size: number, last: Ref | null): void;
  /** Forgets a line of which nothing was taken after all. */
  forget(line: LineId): void;
  /** All that an entry that was taken knows of other lines than its own. */
  known(line: LineId, seq: number): Known;
  /** Goes on with a log of which `segments` full segments are kept elsewhere, and that knows this much at their end. */
  resume(log: LogId, segments: number, knows: Known): void;
};

type WarmSegment = { readonly base: Known; readonly learned: Map<number, Known> };
type LogPasts = {
  size: number;
  /** What the log knows of others at its end. */
  knows: Map<LogId, number>;
  readonly warm: Map<number, WarmSegment>;
};

const nothing: Known = new Map();

/** @param readCold Reads segments that were released, or that came before the log was resumed. */
export function createPasts(readCold?: (log: LogId, segment: number) => SegmentPasts): Pasts {
  const logs = new Map<LogId, LogPasts>();

  const logOf = (log: LogId): LogPasts => {
    let pasts = logs.get(log);
    if (pasts === undefined) {
      pasts = { size: 0, knows: new Map(), warm: new Map() };
      logs.set(log, pasts);
    }
    return pasts;
  };
  const segmentOf = (log: LogId, index: number): SegmentPasts => {
    const warm = logs.get(log)?.warm.get(index);
    if (warm !== undefined) return warm;
    if (readCold === undefined) throw new RangeError(`no pasts of segment ${index} of ${log}`);
    return readCold(log, index);
  };
  const valueAt = (log: LogId, seq: number, other: LogId): number => {
    const { base, learned } = segmentOf(log, Math.floor(seq / segmentEntries));
    for (let place = seq % segmentEntries; place >= 0; place--) {
      const value = learned.get(place)?.get(other);
      if (value !== undefined) return value;
    }
    return base.get(other) ?? -1;
  };
  /** All that an entry knows of logs other than its own. */
  const knownBy = (log: LogId, seq: number): Known => {
    const pasts = logs.get(log);
    if (pasts === undefined || seq >= pasts.size) return nothing;
    if (seq === pasts.size - 1) return pasts.knows;
    const { base, learned } = segmentOf(log, Math.floor(seq / segmentEntries));
    const known = new Map(base);
    for (const [place, rises] of learned)
      if (place <= seq % segmentEntries) for (const [other, value] of rises) known.set(other, value);
    return known;
  };
  const of =
    (log: LogId, seq: number): Past =>
    (other) => {
      if (other === log) return seq - 1;
      const pasts = logs.get(log);
      if (pasts === undefined || seq < 0) return -1;
      return seq >= pasts.size - 1 ? (pasts.knows.get(other) ?? -1) : valueAt(log, seq, other);
    };

  const put = (log: LogId, seq: number, learned: Known): void => {
    const pasts = logOf(log);
    const index = Math.floor(seq / segmentEntries);
    let segment = pasts.warm.get(index);
    if (segment === undefined) {
      segment = { base: new Map(pasts.knows), learned: new Map() };
      pasts.warm.set(index, segment);
    }
    if (learned.size > 0) segment.learned.set(seq % segmentEntries, learned);
    for (const [other, upTo] of learned) pasts.knows.set(other, upTo);
    pasts.size = seq + 1;
  };

  return {
    add: ({ log, seq, parents }) => {
      const pasts = logOf(log);
      const learned = new Map<LogId, number>();
      const learn = (other: LogId, upTo: number): void => {
        if (other === log || (learned.get(other) ?? pasts.knows.get(other) ?? -1) >= upTo) return;
        learned.set(other, upTo);
      };
      for (const parent of parents) {
        const place = splitRef(parent);
        learn(place.log, place.seq);
        for (const [other, upTo] of knownBy(place.log, place.seq)) learn(other, upTo);
      }
      put(log, seq, learned);
      return of(log, seq);
    },
    restore: put,
    of,
    known: knownBy,
    forget: (line) => void logs.delete(line),
    branch: (line, size, last) => {
      const pasts = logOf(line);
      pasts.size = size;
      if (last === null) return;
      const place = splitRef(last);
      pasts.knows = new Map(knownBy(place.log, place.seq)).set(place.log, place.seq);
    },
    learned: (log, seq) =>
      segmentOf(log, Math.floor(seq / segmentEntries)).learned.get(seq % segmentEntries) ?? nothing,
    segment: segmentOf,
    release: (log, segment) => {
      const { warm } = logOf(log);
      for (const index of warm.keys()) if (index < segment) warm.delete(index);
    },
    resume: (log, segments, knows) => {
      const pasts = logOf(log);
      pasts.size = segments * segmentEntries;
      pasts.knows = new Map(knows);
    },
  };
}
