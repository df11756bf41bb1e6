/**
 * What the machines share: the entries inside the cut, their pasts, and the verdicts given so far. Machines run in the
 * order network, initiatives, challenges, commitments, conversations, and each reads verdicts of those before it only.
 */
import { type Entry, elsewhere, entriesAt, entryAt, type Held, hashOf, isForked, none } from "../held.ts";
import type { Past } from "../past.ts";
import { parseRef, type Ref } from "../ref.ts";
import type { Acts } from "./acts.ts";
import { type EventType, eventTypes, hasMust, isOfNetwork, type Machine } from "./contract.ts";
import { openDoubts } from "./doubt.ts";
import { findForks } from "./fork.ts";
import type { Completion } from "./seat.ts";
import { openSight, type Sight } from "./sight.ts";

/** `effective`, `crossed`, `quarantined`, `stranded`, or the reason why an entry has no effect. */
export type Verdict = string;

export type Timeline = "recorded" | "occurred";

export type Cut = { readonly asOf: number; readonly timeline: Timeline };

export type Book = {
  readonly held: Held;
  readonly past: Past;
  readonly sight: Sight;
  /** By index; undefined outside the cut. */
  readonly verdicts: (Verdict | undefined)[];
  /** Entries inside the cut in fold order, by the index of the entry that created what they are about. */
  readonly subjects: ReadonlyMap<number, Entry[]>;
  /** The same by the machine that judges them, in fold order of the creating entries. */
  readonly things: Readonly<Record<Machine, Entry[][]>>;
  /** Valid retractions of help by the index of their offer; filled by the challenges' machine. */
  readonly helpRetractions: Map<number, Acts>;
  /** Valid completions of handoffs by index; filled by the initiatives' machine. */
  readonly completions: Map<number, Completion>;
  /** The network's entries inside the cut, in fold order. */
  readonly network: readonly Entry[];
  /** The entry that `x[member]` names, when it is inside the cut. Hashes were compared before. */
  named(entry: Entry, member: string): Entry | undefined;
  /** The entry that `x.seat` of a pledge names as its initiative. */
  namedBySeat(entry: Entry): Entry | undefined;
  at(index: number): Entry;
  /** Whether one is in the other's past, be it set aside there. */
  has(earlier: Entry, later: Entry): boolean;
  /** Whether a reader sees an entry: it is in its past, and not set aside there. */
  knows(reader: Entry | undefined, entry: Entry): boolean;
  areConcurrent(one: Entry, other: Entry): boolean;
  /** Fold order. */
  isVisitedBefore(one: Entry, other: Entry): boolean;
  refOf(entry: Entry): string;
  /** Whether an entry is of this type; one that could not be read is of none. */
  isOf(entry: Entry | undefined, type: string): entry is Entry;
  /** Whether an entry lies inside the cut. */
  isInside(index: number): boolean;
  /** The thing that `x[member]` names, when it was opened with effect inside the cut. */
  thingNamed(entry: Entry, member: string): { readonly kind: Machine; readonly entry: Entry } | undefined;
  /** The initiative that a ref in an entry names, as a ref, when it was proposed with effect inside the cut. */
  initiativeNamed(ref: unknown, entry: Entry): string | undefined;
};

/** Sorts the entries of `held` into subjects and gives the verdicts that need no machine. */
export function openBook(held: Held, past: Past, cut: Cut): Book {
  const verdicts: (Verdict | undefined)[] = new Array(held.entryCount);
  const subjects = new Map<number, Entry[]>();
  const network: Entry[] = [];
  const things: Record<Machine, Entry[][]> = {
    network: [],
    initiative: [],
    challenge: [],
    commitment: [],
    conversation: [],
    any: [],
  };
  const inCut = new Uint8Array(held.entryCount);
  const sight = openSight(past, openDoubts(held, past, findForks(held, past)));

  const book: Book = {
    held,
    past,
    sight,
    verdicts,
    subjects,
    things,
    network,
    helpRetractions: new Map(),
    completions: new Map(),
    named(entry, member) {
      const index = find(entry.x[member], entry);
      return index >= 0 && inCut[index] === 1 ? book.at(index) : undefined;
    },
    namedBySeat(entry) {
      const index = find(initiativeOf(entry.x["seat"]), entry);
      return index >= 0 && inCut[index] === 1 ? book.at(index) : undefined;
    },
    at: (index) => held.entries[index] as Entry,
    has: (earlier, later) => past.has(earlier.index, later.index),
    knows: sight.sees,
    areConcurrent: (one, other) => past.areConcurrent(one.index, other.index),
    isVisitedBefore: (one, other) => past.isVisitedBefore(one.index, other.index),
    refOf: ({ index, log, seq }) => {
      const ref = `${held.logs[log]?.log}.${seq}`;
      return held.logs[log]?.branch === 0 ? ref : `${ref}@${hashOf(held, index)}`;
    },
    isOf: (entry, type): entry is Entry =>
      entry?.type === type && verdicts[entry.index] !== "opaque" && verdicts[entry.index] !== "malformed",
    isInside: (index) => inCut[index] === 1,
    thingNamed(entry, member) {
      const other = book.named(entry, member);
      const kind = other && machineOpenedBy(other);
      if (other === undefined || kind === undefined || kind === "network") return undefined;
      return isValid(verdicts[other.index]) ? { kind, entry: other } : undefined;
    },
    initiativeNamed(ref, entry) {
      const index = find(ref, entry);
      const isThere = index >= 0 && isValid(verdicts[index]) && book.at(index).type === "initiative.proposed";
      return isThere ? book.refOf(book.at(index)) : undefined;
    },
  };

  /**
   * The index of a ref that `entry` names; `elsewhere` when it names nothing here, something else than its hash says, or
   * may mean two.
   */
  function find(value: unknown, entry: Entry): number {
    const ref = parseRef(value);
    const log = ref && held.logs[held.logIndex.get(ref.log) ?? -1];
    if (ref === undefined || log === undefined) return elsewhere;
    if (isForked(held, ref.log)) return findAmong(held, past, ref, entry);
    if (ref.seq >= log.size) return elsewhere;
    const index = log.base + ref.seq;
    return ref.hash === undefined || hashOf(held, index) === ref.hash ? index : elsewhere;
  }

  function isInPast(index: number, entry: Entry): boolean {
    return index >= 0 && inCut[index] === 1 && past.has(index, entry.index);
  }

  function areRefsInPast({ refsIn }: EventType, entry: Entry): boolean {
    if (entry.subject !== none && !isInPast(entry.subject, entry)) return false;
    return refsIn(entry.x).every((ref) => isInPast(find(ref, entry), entry));
  }

  /** What is asked of an entry that could be read. */
  function judge(entry: Entry, type: EventType): Verdict | undefined {
    if (type.isControl) return "effective";
    if (!areRefsInPast(type, entry)) return "ref-not-in-past";
    if (type.machine === "any") return "effective";
    if (entry.subject === none) return undefined;
    return machineOpenedBy(book.at(entry.subject)) === type.machine ? undefined : "wrong-subject";
  }

  for (const [index, ref] of held.unsettled) {
    const entry = held.entries[index] as Entry;
    entry.subject = findAmong(held, past, ref, entry);
  }
  for (const index of past.order) {
    const entry = held.entries[index] as Entry;
    const isNetwork = isOfNetwork(entry.type);
    const shape = readType(entry);
    const { occurredAt } = entry.x;
    const at = held.atMs[index] as number;
    const when = cut.timeline === "recorded" || typeof shape === "string" ? at : (occurredAt ?? at);
    if (!(cut.timeline === "occurred" && isNetwork) && (when as number) > cut.asOf) continue;
    inCut[index] = 1;
    const verdict = typeof shape === "string" ? shape : judge(entry, shape);
    if (verdict !== undefined) verdicts[index] = verdict;
    if (isNetwork) {
      network.push(entry);
      continue;
    }
    if (entry.subject === none) {
      const machine = machineOpenedBy(entry);
      if (machine === undefined) continue;
      const created = [entry];
      subjects.set(index, created);
      things[machine].push(created);
    } else subjects.get(entry.subject)?.push(entry);
  }
  return book;
}

/**
 * Which of several entries at one place a ref means: the one with its hash; without, the one in the past of who names it,
 * of two the one that came first into the past of that author's log.
 */
function findAmong(held: Held, past: Past, ref: Ref, entry: Entry): number {
  const all = entriesAt(held, ref.log, ref.seq);
  if (ref.hash !== undefined) return all.find((index) => hashOf(held, index) === ref.hash) ?? elsewhere;
  const known = all.filter((index) => past.has(index, entry.index));
  if (known.length < 2) return known[0] ?? elsewhere;
  const since = known.map((index) => firstKnowing(held, past, index, entry));
  const first = Math.min(...since);
  return since.indexOf(first) === since.lastIndexOf(first)
    ? (known[since.indexOf(first)] as number)
    : elsewhere;
}

/** The seq of the first entry of an author's log, as it leads to `entry`, that has another one in its past, or is it. */
function firstKnowing(held: Held, past: Past, index: number, entry: Entry): number {
  let low = 0;
  let high = entry.seq;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = entryAt(held, entry.log, middle) as number;
    if (at === index || past.has(index, at)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The type of an entry, or why it has none that this release can apply. */
function readType({ type: name, subject, x }: Entry): EventType | "opaque" | "malformed" {
  const type = eventTypes.get(name);
  if (type === undefined || hasMust(x)) return "opaque";
  // Its `x` was judged where the log was read.
  if (type.isControl) return type;
  if (type.opens !== "either" && (type.opens === "always") !== (subject === none)) return "malformed";
  return type.fits(x) ? type : "malformed";
}

/** The initiative that `x.seat` names. */
export function initiativeOf(seat: unknown): unknown {
  return (seat as { initiative?: unknown } | undefined)?.initiative;
}

/** Which machine judges the thing that an entry opened, if it opened one. */
function machineOpenedBy(entry: Entry): Machine | undefined {
  if (entry.subject !== none) return undefined;
  const type = eventTypes.get(entry.type);
  return type === undefined || type.opens === "never" || type.isControl ? undefined : type.machine;
}

/** Whether a verdict says that the entry counts, be it crossed. */
export function isValid(verdict: Verdict | undefined): boolean {
  return verdict === "effective" || verdict === "crossed" || isAside(verdict);
}

/** Whether a verdict says that the entry is set aside in the whole. */
export function isAside(verdict: Verdict | undefined): verdict is "quarantined" | "stranded" {
  return verdict === "quarantined" || verdict === "stranded";
}

/** Ends what is noted about things, and tells which of their entries are set aside in the whole. */
export function settleAside(book: Book, entries: readonly Entry[]): void {
  for (const [{ index }, word] of book.sight.close(entries)) book.verdicts[index] = word;
}
