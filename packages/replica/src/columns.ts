/** Growing columns of fixed-width values outside the JavaScript heap: what a node remembers of each entry, and no more. */
import type { At } from "@handfast/protocol/header";

const rowsPerChunk = 1_024;
const hashBytes = 32;

export type Column<Value> = {
  readonly length: number;
  push(value: Value): void;
  /** `index` lies below `length`. */
  at(index: number): Value;
  truncate(length: number): void;
};

/** 32 bytes a row. What `at` answers is a view: nobody writes into it. */
export function createHashColumn(): Column<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: (hash) => {
      const row = length % rowsPerChunk;
      if (row === 0) chunks[Math.floor(length / rowsPerChunk)] = new Uint8Array(rowsPerChunk * hashBytes);
      (chunks[Math.floor(length / rowsPerChunk)] as Uint8Array).set(hash, row * hashBytes);
      length += 1;
    },
    at: (index) => {
      if (index < 0 || index >= length) throw new RangeError(`no hash at ${index}, only ${length}`);
      const start = (index % rowsPerChunk) * hashBytes;
      return (chunks[Math.floor(index / rowsPerChunk)] as Uint8Array).subarray(start, start + hashBytes);
    },
    truncate: (to) => {
      length = Math.min(length, to);
      chunks.length = Math.ceil(length / rowsPerChunk);
    },
  };
}

/** Ten bytes a row. */
export function createAtColumn(): Column<At> {
  const chunks: { readonly ms: Float64Array; readonly counter: Uint16Array }[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: ([ms, counter]) => {
      const row = length % rowsPerChunk;
      if (row === 0) {
        chunks[Math.floor(length / rowsPerChunk)] = {
          ms: new Float64Array(rowsPerChunk),
          counter: new Uint16Array(rowsPerChunk),
        };
      }
      const chunk = chunks[Math.floor(length / rowsPerChunk)] as (typeof chunks)[number];
      chunk.ms[row] = ms;
      chunk.counter[row] = counter;
      length += 1;
    },
    at: (index) => {
      if (index < 0 || index >= length) throw new RangeError(`no time at ${index}, only ${length}`);
      const chunk = chunks[Math.floor(index / rowsPerChunk)] as (typeof chunks)[number];
      const row = index % rowsPerChunk;
      return [chunk.ms[row] as number, chunk.counter[row] as number];
    },
    truncate: (to) => {
      length = Math.min(length, to);
      chunks.length = Math.ceil(length / rowsPerChunk);
    },
  };
}
