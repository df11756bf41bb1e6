/**
 * Happens-before. The past of an entry, within one log, is always a beginning of that log, so a past is one number a
 * log: how many entries of it are reachable. Such a row is made only where a parent adds something; the entries after
 * it in the same log share it. Rows lie one after another in large blocks, not as a million small arrays.
 */
import { entryAt, type Held, type HeldLog, hashOf, lineOf } from "./held.ts";

export type Past = {
  /** Every index, ascending by (at, by, log, seq): fold order. */
  readonly order: Int32Array;
  /**
   * Up to which seq, itself left out, entries of the log or branch at index `log` are in the past of the entry at index
   * `reader`: always its first ones.
   */
  reach(reader: number, log: number): number;
  /** Whether `earlier` is in the past of `later` (both indexes). No entry is in its own. */
  has(earlier: number, later: number): boolean;
  /** Whether `one` comes before `other` in fold order. */
  isVisitedBefore(one: number, other: number): boolean;
  /** Whether neither is in the past of the other. */
  areConcurrent(one: number, other: number): boolean;
};

/** Works out the pasts of all entries of a bundle that is whole. */
export function createPast(held: Held): Past {
  const { entryCount, logs, parents } = held;
  const width = logs.length;
  const order = visitingOrder(held);
  const logOf = new Int32Array(entryCount);
  for (const [index, { base, first, size }] of logs.entries()) logOf.fill(index, base, base + size - first);

  const rowsInBlock = Math.max(1, Math.floor(2 ** 20 / width));
  const blocks: Int32Array[] = [];
  let rowCount = 0;
  const rowOf = new Int32Array(entryCount).fill(-1);

  const firstPin = new Int32Array(entryCount + 1);
  for (let pin = 0; pin < parents.count; pin++) (firstPin[parents.child(pin) + 1] as number)++;
  for (let index = 0; index < entryCount; index++) {
    (firstPin[index + 1] as number) += firstPin[index] as number;
  }

  function cell(row: number, log: number): number {
    return (blocks[Math.floor(row / rowsInBlock)] as Int32Array)[(row % rowsInBlock) * width + log] as number;
  }

  /** A new row, a copy of `from` (all zero for -1). */
  function copyRow(from: number): Int32Array {
    if (rowCount % rowsInBlock === 0) blocks.push(new Int32Array(rowsInBlock * width));
    const place = rowCount++;
    const at = (place % rowsInBlock) * width;
    const row = (blocks.at(-1) as Int32Array).subarray(at, at + width);
    if (from >= 0) {
      const source = (from % rowsInBlock) * width;
      row.set((blocks[Math.floor(from / rowsInBlock)] as Int32Array).subarray(source, source + width));
    }
    return row;
  }

  /** Its place among the entries of its log or branch. */
  function seqOf(index: number): number {
    return index - (logs[logOf[index] as number] as HeldLog).base;
  }

  /** What the first entry of a later log or a branch goes on from, beside parents. */
  const closing = new Map<number, readonly number[]>();
  for (const { base, first, closes = [], partsFrom } of logs) {
    const shared = partsFrom === undefined || first === 0 ? undefined : entryAt(held, partsFrom, first - 1);
    if (closes.length > 0 || shared !== undefined)
      closing.set(base, shared === undefined ? closes : [...closes, shared]);
  }

  for (const index of order) {
    const seq = seqOf(index);
    const before = seq > 0 ? (rowOf[index - 1] as number) : -1;
    let row: Int32Array | undefined;
    const absorb = (parent: number): void => {
      const parentLog = logOf[parent] as number;
      const reached =
        row === undefined ? (before < 0 ? 0 : cell(before, parentLog)) : (row[parentLog] as number);
      if (reached > seqOf(parent)) return;
      row ??= copyRow(before);
      const theirs = rowOf[parent] as number;
      for (let log = 0; theirs >= 0 && log < width; log++) {
        const count = cell(theirs, log);
        if (count > (row[log] as number)) row[log] = count;
      }
      row[parentLog] = seqOf(parent) + 1;
    };
    if (seq === 0) closing.get(index)?.forEach(absorb);
    for (let pin = firstPin[index] as number; pin < (firstPin[index + 1] as number); pin++) {
      absorb(parents.target(pin));
    }
    rowOf[index] = row === undefined ? before : rowCount - 1;
  }

  function has(earlier: number, later: number): boolean {
    const log = logOf[earlier] as number;
    if (log === logOf[later]) return earlier < later;
    const row = rowOf[later] as number;
    return row >= 0 && seqOf(earlier) < cell(row, log);
  }
  function reach(reader: number, log: number): number {
    const { first } = logs[log] as HeldLog;
    if (log === logOf[reader]) return first + seqOf(reader);
    const row = rowOf[reader] as number;
    return row < 0 ? first : first + cell(row, log);
  }
  return {
    order,
    reach,
    isVisitedBefore: (one, other) =>
      isVisitedBefore(
        held,
        one,
        other,
        logs[logOf[one] as number] as HeldLog,
        logs[logOf[other] as number] as HeldLog,
      ),
    has,
    areConcurrent: (one, other) => one !== other && !has(one, other) && !has(other, one),
  };
}

/** Each log is in order already, so the logs are merged: a heap holds the next entry of each. */
function visitingOrder(held: Held): Int32Array {
  const { logs, entryCount } = held;
  const order = new Int32Array(entryCount);
  const heap: number[] = [];
  const next = logs.map(({ base }) => base);

  function isBefore(one: number, other: number): boolean {
    const [a, b] = [logs[one] as HeldLog, logs[other] as HeldLog];
    return isVisitedBefore(held, next[one] as number, next[other] as number, a, b);
  }
  function sink(start: number): void {
    const log = heap[start] as number;
    let at = start;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as number, heap[child] as number)) child++;
      if (!isBefore(heap[child] as number, log)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = log;
  }
  for (const [log, { size }] of logs.entries()) if (size > 0) heap.push(log);
  for (let at = Math.floor(heap.length / 2) - 1; at >= 0; at--) sink(at);
  for (let visited = 0; visited < entryCount; visited++) {
    const log = heap[0] as number;
    const index = next[log] as number;
    order[visited] = index;
    next[log] = index + 1;
    const { base, first, size } = logs[log] as HeldLog;
    if (index + 1 === base + size - first) {
      const last = heap.pop() as number;
      if (heap.length === 0) break;
      if (last !== log) heap[0] = last;
      else continue;
    }
    sink(0);
  }
  return order;
}

/** Whether `one` comes before `other` in fold order. */
export function comesBefore(held: Held, one: number, other: number): boolean {
  const [a, b] = [one, other].map((index) => held.logs[lineOf(held, index)] as HeldLog);
  return isVisitedBefore(held, one, other, a as HeldLog, b as HeldLog);
}

/** Fold order. Logs, and with them indexes, are in order of (by, log); of one log's branches seq and hash decide. */
function isVisitedBefore(held: Held, one: number, other: number, line: HeldLog, otherLine: HeldLog): boolean {
  const ms = (held.atMs[one] as number) - (held.atMs[other] as number);
  if (ms !== 0) return ms < 0;
  const counts = (held.atCount[one] as number) - (held.atCount[other] as number);
  if (counts !== 0) return counts < 0;
  if (line === otherLine || line.log !== otherLine.log) return one < other;
  const places = one - line.base + line.first - (other - otherLine.base + otherLine.first);
  return places !== 0 ? places < 0 : hashOf(held, one) < hashOf(held, other);
}
