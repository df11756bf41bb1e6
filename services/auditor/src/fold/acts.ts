/**
 * Lists of entries that a past can be asked about. What a past holds of a log is always the beginning of that log, so
 * what it holds of a list is the beginning of each log's part of that list, and its end is found by halving. This is
 * what keeps a fold of thousands of entries about one thing nearly linear: no question looks through a whole list.
 */
import type { Entry } from "../held.ts";
import type { Past } from "../past.ts";

/** Entries by log, each log's in order of seq. Never an empty part. */
export type Acts = Entry[][];

/** The reader of a question: an entry, asked what its past holds; undefined stands for everything inside the cut. */
export type Reader = Entry | undefined;

/** Adds an entry. Entries of one log must come in order of seq, as they do in fold order. */
export function addAct(acts: Acts, entry: Entry): void {
  const part = acts.find((entries) => (entries[0] as Entry).log === entry.log);
  if (part === undefined) acts.push([entry]);
  else part.push(entry);
}

/** The place of the first of `items` that passes, where every one after one that passes does so too. */
export function firstPlace<Item>(items: readonly Item[], passes: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many entries of one log's part the reader knows. */
export function countKnownPart(past: Past, part: readonly Entry[], reader: Reader): number {
  if (reader === undefined) return part.length;
  const reach = past.reach(reader.index, (part[0] as Entry).log);
  if ((part[0] as Entry).seq >= reach) return 0;
  if ((part.at(-1) as Entry).seq < reach) return part.length;
  return firstPlace(part, ({ seq }) => seq >= reach);
}

/** How many entries the reader knows. */
export function countKnown(past: Past, acts: Acts, reader: Reader): number {
  let count = 0;
  for (const part of acts) count += countKnownPart(past, part, reader);
  return count;
}

/** Whether the reader knows an entry of the list; with `by`, one of that partner. */
export function knowsAny(past: Past, acts: Acts, reader: Reader, by?: string): boolean {
  for (const part of acts) {
    const first = part[0] as Entry;
    if (by !== undefined && first.by !== by) continue;
    if (reader === undefined || first.seq < past.reach(reader.index, first.log)) return true;
  }
  return false;
}

/** The latest entry in fold order that the reader knows; with `by`, of that partner; with `counts`, of those that pass. */
export function latestKnown(
  past: Past,
  acts: Acts,
  reader: Reader,
  { by, counts }: { readonly by?: string; readonly counts?: (entry: Entry) => boolean } = {},
): Entry | undefined {
  let latest: Entry | undefined;
  for (const part of acts) {
    if (by !== undefined && (part[0] as Entry).by !== by) continue;
    let place = countKnownPart(past, part, reader) - 1;
    if (counts !== undefined) while (place >= 0 && !counts(part[place] as Entry)) place--;
    const entry = part[place];
    if (entry !== undefined && (latest === undefined || past.isVisitedBefore(latest.index, entry.index)))
      latest = entry;
  }
  return latest;
}

/**
 * The first entry of `by` in fold order that passes and that the reader knows. Along one log, every entry after one
 * that passes must pass too: so it is with what an entry's past holds.
 */
export function firstKnown(
  past: Past,
  acts: Acts,
  reader: Reader,
  by: string,
  passes: (entry: Entry) => boolean,
): Entry | undefined {
  let first: Entry | undefined;
  for (const part of acts) {
    if ((part[0] as Entry).by !== by) continue;
    const entry = part[firstPlace(part, passes)];
    if (entry === undefined || (reader !== undefined && !past.has(entry.index, reader.index))) continue;
    if (first === undefined || past.isVisitedBefore(entry.index, first.index)) first = entry;
  }
  return first;
}

/** Whether an entry of the list that the reader knows has `earlier` in its own past. */
export function knowsOneAfter(past: Past, acts: Acts, reader: Reader, earlier: Entry, by?: string): boolean {
  return acts.some((part) => {
    if (by !== undefined && (part[0] as Entry).by !== by) return false;
    const last = part[countKnownPart(past, part, reader) - 1];
    return last !== undefined && past.has(earlier.index, last.index);
  });
}

/** Entries of the list that are concurrent with `other`, as far as the reader knows them, log by log. */
export function concurrentWith(past: Past, acts: Acts, other: Entry, reader: Reader): Entry[] {
  return acts.flatMap((part) => {
    // The entry itself is neither in its past nor the other way round.
    if ((part[0] as Entry).log === other.log) return [];
    const from = countKnownPart(past, part, other);
    const to = firstPlace(part, (entry) => past.has(other.index, entry.index));
    return part.slice(from, Math.max(from, Math.min(to, countKnownPart(past, part, reader))));
  });
}
