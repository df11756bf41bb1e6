/**
 * Growing columns of fixed-width values outside the JavaScript heap. A column may begin with rows that are kept elsewhere:
 * these are read, a segment at a time, by the function it is given.
 */
import type { At } from "@handfast/protocol/header";
import { segmentEntries } from "./segment.ts";

const hashBytes = 32;

export type Column<Value> = {
  readonly length: number;
  push(value: Value): void;
  /** `index` lies below `length`. */
  at(index: number): Value;
  truncate(length: number): void;
  /** Forgets the rows of all segments before this one: from now on they are read from where they are kept. */
  release(segment: number): void;
};

/** Where rows before the first one in memory are read. */
export type ColdRows<Rows> = { readonly segments: number; readonly read: (segment: number) => Rows };

const segmentOf = (index: number): number => Math.floor(index / segmentEntries);

/** 32 bytes a row. What `at` answers is a view: nobody writes into it. */
export function createHashColumn(
  cold?: ColdRows<Uint8Array>,
): Column<Uint8Array> & { rows(segment: number): Uint8Array } {
  const chunks = new Map<number, Uint8Array>();
  let firstWarm = cold?.segments ?? 0;
  let length = firstWarm * segmentEntries;
  const chunkAt = (segment: number): Uint8Array => {
    const chunk = chunks.get(segment);
    if (chunk !== undefined) return chunk;
    if (segment >= firstWarm || cold === undefined) throw new RangeError(`no hashes of segment ${segment}`);
    return cold.read(segment);
  };
  return {
    get length() {
      return length;
    },
    push: (hash) => {
      const row = length % segmentEntries;
      if (row === 0) chunks.set(segmentOf(length), new Uint8Array(segmentEntries * hashBytes));
      chunkAt(segmentOf(length)).set(hash, row * hashBytes);
      length += 1;
    },
    at: (index) => {
      if (index < 0 || index >= length) throw new RangeError(`no hash at ${index}, only ${length}`);
      const start = (index % segmentEntries) * hashBytes;
      return chunkAt(segmentOf(index)).subarray(start, start + hashBytes);
    },
    truncate: (to) => {
      if (to < firstWarm * segmentEntries) throw new RangeError("rows that are kept elsewhere stay");
      for (let segment = Math.ceil(to / segmentEntries); segment * segmentEntries < length; segment++)
        chunks.delete(segment);
      length = Math.min(length, to);
    },
    release: (segment) => {
      for (; firstWarm < segment; firstWarm++) chunks.delete(firstWarm);
    },
    rows: chunkAt,
  };
}

export type AtRows = { readonly ms: Float64Array; readonly counters: Uint16Array };

/** Ten bytes a row. */
export function createAtColumn(cold?: ColdRows<AtRows>): Column<At> & { rows(segment: number): AtRows } {
  const chunks = new Map<number, AtRows>();
  let firstWarm = cold?.segments ?? 0;
  let length = firstWarm * segmentEntries;
  const chunkAt = (segment: number): AtRows => {
    const chunk = chunks.get(segment);
    if (chunk !== undefined) return chunk;
    if (segment >= firstWarm || cold === undefined) throw new RangeError(`no times of segment ${segment}`);
    return cold.read(segment);
  };
  return {
    get length() {
      return length;
    },
    push: ([ms, counter]) => {
      const row = length % segmentEntries;
      if (row === 0)
        chunks.set(segmentOf(length), {
          ms: new Float64Array(segmentEntries),
          counters: new Uint16Array(segmentEntries),
        });
      const chunk = chunkAt(segmentOf(length));
      chunk.ms[row] = ms;
      chunk.counters[row] = counter;
      length += 1;
    },
    at: (index) => {
      if (index < 0 || index >= length) throw new RangeError(`no time at ${index}, only ${length}`);
      const chunk = chunkAt(segmentOf(index));
      const row = index % segmentEntries;
      return [chunk.ms[row] as number, chunk.counters[row] as number];
    },
    truncate: (to) => {
      if (to < firstWarm * segmentEntries) throw new RangeError("rows that are kept elsewhere stay");
      for (let segment = Math.ceil(to / segmentEntries); segment * segmentEntries < length; segment++)
        chunks.delete(segment);
      length = Math.min(length, to);
    },
    release: (segment) => {
      for (; firstWarm < segment; firstWarm++) chunks.delete(firstWarm);
    },
    rows: chunkAt,
  };
}
