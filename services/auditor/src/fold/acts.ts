/**
 * Lists of entries that a past can be asked about. What a past holds of a log is always the beginning of that log, so
 * what it holds of a list is the beginning of each log's part of that list, and its end is found by halving. This is
 * what keeps a fold of thousands of entries about one thing nearly linear: no question looks through a whole list.
 *
 * An entry that may be set aside stands in a part of its own, which a reader sees or does not.
 */
import type { Entry } from "../held.ts";
import type { Past } from "../past.ts";
import type { Sight } from "./sight.ts";

/** Entries by log, each log's in order of seq. Never an empty part. */
export type Acts = Entry[][];

/** What is asked about pasts, and what of them is seen. */
export type Eyes = { readonly past: Past; readonly sight: Sight };

/** The reader of a question: an entry, asked what its past holds; undefined stands for everything inside the cut. */
export type Reader = Entry | undefined;

/** Adds an entry. Entries of one log must come in order of seq, as they do in fold order. */
export function addAct(acts: Acts, entry: Entry): void {
  const part = entry.isDoubtful
    ? undefined
    : acts.find(([first]) => first?.log === entry.log && first.isDoubtful !== true);
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
export function countKnownPart({ past, sight }: Eyes, part: readonly Entry[], reader: Reader): number {
  const first = part[0] as Entry;
  if (first.isDoubtful === true) return sight.sees(reader, first) ? 1 : 0;
  return countInPast(past, part, reader);
}

/** The same of everything in the reader's past, be it set aside. */
function countInPast(past: Past, part: readonly Entry[], reader: Reader): number {
  if (reader === undefined) return part.length;
  const reach = past.reach(reader.index, (part[0] as Entry).log);
  if ((part[0] as Entry).seq >= reach) return 0;
  if ((part.at(-1) as Entry).seq < reach) return part.length;
  return firstPlace(part, ({ seq }) => seq >= reach);
}

/** How many entries the reader's past holds, be they set aside. */
export function countHeld(past: Past, acts: Acts, reader: Reader): number {
  let count = 0;
  for (const part of acts) count += countInPast(past, part, reader);
  return count;
}

/** Whether the reader knows an entry of the list; with `by`, one of that partner. */
export function knowsAny(eyes: Eyes, acts: Acts, reader: Reader, by?: string): boolean {
  const { past } = eyes;
  for (const part of acts) {
    const first = part[0] as Entry;
    if (by !== undefined && first.by !== by) continue;
    if (first.isDoubtful === true) {
      if (countKnownPart(eyes, part, reader) > 0) return true;
    } else if (reader === undefined || first.seq < past.reach(reader.index, first.log)) return true;
  }
  return false;
}

/** The latest entry in fold order that the reader knows; with `by`, of that partner; with `counts`, of those that pass. */
export function latestKnown(
  eyes: Eyes,
  acts: Acts,
  reader: Reader,
  { by, counts }: { readonly by?: string; readonly counts?: (entry: Entry) => boolean } = {},
): Entry | undefined {
  let latest: Entry | undefined;
  for (const part of acts) {
    if (by !== undefined && (part[0] as Entry).by !== by) continue;
    let place = countKnownPart(eyes, part, reader) - 1;
    if (counts !== undefined) while (place >= 0 && !counts(part[place] as Entry)) place--;
    const entry = part[place];
    if (entry !== undefined && (latest === undefined || eyes.past.isVisitedBefore(latest.index, entry.index)))
      latest = entry;
  }
  return latest;
}

/**
 * The first entry of `by` in fold order that passes and that the reader knows. Along one log, every entry after one
 * that passes must pass too: so it is with what an entry's past holds.
 */
export function firstKnown(
  { past, sight }: Eyes,
  acts: Acts,
  reader: Reader,
  by: string,
  passes: (entry: Entry) => boolean,
): Entry | undefined {
  let first: Entry | undefined;
  for (const part of acts) {
    if ((part[0] as Entry).by !== by) continue;
    const entry = part[firstPlace(part, passes)];
    if (entry === undefined || !sight.sees(reader, entry)) continue;
    if (first === undefined || past.isVisitedBefore(entry.index, first.index)) first = entry;
  }
  return first;
}

/** Whether an entry of the list that the reader knows has `earlier` in its own past. */
export function knowsOneAfter(eyes: Eyes, acts: Acts, reader: Reader, earlier: Entry, by?: string): boolean {
  return acts.some((part) => {
    if (by !== undefined && (part[0] as Entry).by !== by) return false;
    const last = part[countKnownPart(eyes, part, reader) - 1];
    return last !== undefined && eyes.past.has(earlier.index, last.index);
  });
}

/** Entries of the list that are concurrent with `other`, as far as the reader knows them, log by log. */
export function concurrentWith(eyes: Eyes, acts: Acts, other: Entry, reader: Reader): Entry[] {
  return acts.flatMap((part) => {
    const [from, to] = placesBeside(eyes, part, other);
    return part.slice(from, Math.max(from, Math.min(to, countKnownPart(eyes, part, reader))));
  });
}

/** The same for all readers. */
export function allConcurrentWith(eyes: Eyes, acts: Acts, other: Entry): Entry[] {
  return acts.flatMap((part) => {
    const [from, to] = placesBeside(eyes, part, other);
    return part.slice(from, Math.max(from, to));
  });
}

/** From where and up to where a part is concurrent with an entry. */
function placesBeside({ past }: Eyes, part: readonly Entry[], other: Entry): [from: number, to: number] {
  // The entry itself is neither in its past nor the other way round.
  if ((part[0] as Entry).log === other.log) return [0, 0];
  return [countInPast(past, part, other), firstPlace(part, (entry) => past.has(other.index, entry.index))];
}
