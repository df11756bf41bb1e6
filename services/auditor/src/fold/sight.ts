/**
 * What a reader sees (fold.md section 9.2): its past, without the entries that are set aside there. An entry in doubt is
 * seen by those who do not know of the doubt, and by those who know of somebody else that built on it in good faith.
 */
import { type Entry, none } from "../held.ts";
import type { Past } from "../past.ts";
import type { Reader } from "./acts.ts";
import { isOfNetwork } from "./contract.ts";
import type { Doubt, Doubts } from "./doubt.ts";

export type Sight = {
  /** Whether nothing at all is in doubt. */
  readonly isClear: boolean;
  /** To be called with an entry before it is judged, in fold order: marks it where it may be set aside for somebody. */
  enter(entry: Entry): void;
  /** Takes a valid entry, after `enter`. */
  note(entry: Entry): void;
  /** Whether a reader sees an entry. The whole sees everything about a thing that is not closed yet. */
  sees(reader: Reader, entry: Entry): boolean;
  /** Those who relied on an entry first, where it is in doubt and they are why it stands in the whole. */
  standsBy(entry: Entry): readonly Entry[];
  /** Ends the noting of what is about one thing, or of all memberships, and answers what is set aside in the whole, and how it is called. */
  close(entries: readonly Entry[]): ReadonlyMap<Entry, Doubt["word"]>;
};

type Item = {
  readonly entry: Entry;
  readonly doubts: readonly Doubt[];
  /** Of the same partner, and it falls with them. */
  readonly upon: readonly Item[];
  /** Valid entries of others to whom it was not set aside. */
  readonly reliedOnBy: Entry[];
  /** Whether it counts for its thing in any case. */
  readonly isCreating: boolean;
};
type Thing = { readonly items: Item[]; isClosed: boolean };

export function openSight(past: Past, doubts: Doubts): Sight {
  const things = new Map<number, Thing>();
  const itemOf = new Map<number, Item>();
  /** Of an entry that is being judged: what it is written on top of. */
  let pending:
    | { readonly entry: Entry; readonly upon: readonly Item[]; readonly relies: readonly Item[] }
    | undefined;

  function thingOf(entry: Entry): Thing {
    const about = entry.subject === none ? entry.index : entry.subject;
    // A membership is not the thing of that index which an entry at network level may name wrongly.
    const key = isOfNetwork(entry.type) ? -1 - about : about;
    const thing = things.get(key) ?? { items: [], isClosed: false };
    things.set(key, thing);
    return thing;
  }

  const holds = (reader: Reader, { index }: Entry) => reader === undefined || past.has(index, reader.index);

  function asideIn({ items, isClosed }: Thing, reader: Reader): ReadonlySet<Item> {
    const aside = new Set<Item>();
    if (reader === undefined && !isClosed) return aside;
    for (const item of items) {
      if (!holds(reader, item.entry)) continue;
      const isDoubted =
        item.doubts.some((doubt) => doubt.isKnownTo(reader)) || item.upon.some((one) => aside.has(one));
      if (isDoubted && !item.reliedOnBy.some((one) => holds(reader, one))) aside.add(item);
    }
    return aside;
  }

  function enter(entry: Entry): void {
    const { items } = thingOf(entry);
    const aside = asideIn(thingOf(entry), entry);
    const visible = items.filter((item) => holds(entry, item.entry) && !aside.has(item));
    const upon = visible.filter(({ entry: { by } }) => by === entry.by);
    pending = { entry, upon, relies: visible.filter(({ entry: { by } }) => by !== entry.by) };
    if (upon.length > 0 || doubts.about(entry).length > 0) entry.isDoubtful = true;
  }

  function note(entry: Entry): void {
    if (pending?.entry !== entry) return;
    const { upon, relies } = pending;
    for (const item of relies) {
      if (!item.reliedOnBy.some((one) => past.has(one.index, entry.index))) item.reliedOnBy.push(entry);
    }
    if (entry.isDoubtful !== true) return;
    const isCreating = entry.subject === none && entry.type !== "charter.attested";
    const item = { entry, doubts: doubts.about(entry), upon, reliedOnBy: [], isCreating };
    thingOf(entry).items.push(item);
    itemOf.set(entry.index, item);
  }

  function sees(reader: Reader, entry: Entry): boolean {
    if (!holds(reader, entry)) return false;
    const item = entry.isDoubtful === true ? itemOf.get(entry.index) : undefined;
    return item === undefined || item.isCreating || !asideIn(thingOf(entry), reader).has(item);
  }

  /** By the first doubt that holds in the whole; else by what it stands on. */
  function wordOf({ doubts: own, upon }: Item): Doubt["word"] {
    const known = own.find((doubt) => doubt.isKnownTo(undefined));
    const last = upon.at(-1);
    return known?.word ?? (last === undefined ? (own[0] as Doubt).word : wordOf(last));
  }

  return {
    isClear: doubts.isEmpty,
    enter: doubts.isEmpty ? () => undefined : enter,
    note: doubts.isEmpty ? () => undefined : note,
    sees: doubts.isEmpty ? holds : sees,
    standsBy(entry) {
      const item = itemOf.get(entry.index);
      const isDoubted = item?.doubts.some((doubt) => doubt.isKnownTo(undefined)) === true;
      return item !== undefined && isDoubted ? item.reliedOnBy : [];
    },
    close(entries) {
      const words = new Map<Entry, Doubt["word"]>();
      if (doubts.isEmpty) return words;
      for (const thing of new Set(entries.map(thingOf))) {
        thing.isClosed = true;
        for (const item of asideIn(thing, undefined)) words.set(item.entry, wordOf(item));
      }
      return words;
    },
  };
}
