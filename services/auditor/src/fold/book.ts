/**
 * What the machines share: the entries inside the cut, their pasts, and the verdicts given so far. Machines run in the
 * order network, initiatives, challenges, commitments, and each reads verdicts of those before it only.
 */
import { type Entry, elsewhere, type Held, none } from "../held.ts";
import type { Past } from "../past.ts";
import { parseRef } from "../ref.ts";
import type { Acts } from "./acts.ts";
import type { Completion } from "./seat.ts";
import { fits, hasMust, type Kind, type Shape, shapes } from "./shapes.ts";

/** `effective`, `crossed`, or the reason why an entry has no effect. */
export type Verdict = string;

export type Timeline = "recorded" | "occurred";

export type Cut = { readonly asOf: number; readonly timeline: Timeline };

export type Book = {
  readonly held: Held;
  readonly past: Past;
  /** By index; undefined outside the cut. */
  readonly verdicts: (Verdict | undefined)[];
  /** Entries inside the cut in order of visiting, by the index of the entry that created what they are about. */
  readonly subjects: ReadonlyMap<number, Entry[]>;
  /** The same by kind of thing, in order of visiting of the creating entries. */
  readonly things: Readonly<Record<Kind, Entry[][]>>;
  /** Valid retractions of help by the index of their offer; filled by the challenges' machine. */
  readonly helpRetractions: Map<number, Acts>;
  /** Valid completions of handoffs by index; filled by the initiatives' machine. */
  readonly completions: Map<number, Completion>;
  /** The network's entries inside the cut, in order of visiting. */
  readonly network: readonly Entry[];
  /** The entry that `x[member]` names, when it is inside the cut. Hashes were compared before. */
  named(entry: Entry, member: string): Entry | undefined;
  at(index: number): Entry;
  has(earlier: Entry, later: Entry): boolean;
  areConcurrent(one: Entry, other: Entry): boolean;
  /** The order of visiting. */
  isVisitedBefore(one: Entry, other: Entry): boolean;
  refOf(entry: Entry): string;
  /** Whether an entry is of this type; one that could not be read is of none. */
  isOf(entry: Entry | undefined, type: string): entry is Entry;
  /** Whether an entry lies inside the cut. */
  isInside(index: number): boolean;
  /** Whether a ref names an initiative that was proposed with effect inside the cut. */
  isInitiative(ref: unknown): boolean;
};

const networkNouns = /^(log|partner|member|charter)\./;

/** Sorts the entries of `held` into subjects and gives the verdicts that need no machine. */
export function openBook(held: Held, past: Past, cut: Cut): Book {
  const verdicts: (Verdict | undefined)[] = new Array(held.entryCount);
  const subjects = new Map<number, Entry[]>();
  const network: Entry[] = [];
  const things: Record<Kind, Entry[][]> = {
    log: [],
    membership: [],
    initiative: [],
    challenge: [],
    commitment: [],
    anything: [],
  };
  const inCut = new Uint8Array(held.entryCount);

  const book: Book = {
    held,
    past,
    verdicts,
    subjects,
    things,
    network,
    helpRetractions: new Map(),
    completions: new Map(),
    named(entry, member) {
      const index = find(entry.x[member]);
      return index >= 0 && inCut[index] === 1 ? book.at(index) : undefined;
    },
    at: (index) => held.entries[index] as Entry,
    has: (earlier, later) => past.has(earlier.index, later.index),
    areConcurrent: (one, other) => past.areConcurrent(one.index, other.index),
    isVisitedBefore: (one, other) => past.isVisitedBefore(one.index, other.index),
    refOf: ({ log, seq }) => `${held.logs[log]?.log}.${seq}`,
    isOf: (entry, type): entry is Entry =>
      entry?.type === type && verdicts[entry.index] !== "opaque" && verdicts[entry.index] !== "malformed",
    isInside: (index) => inCut[index] === 1,
    isInitiative(ref) {
      const index = find(ref);
      return index >= 0 && verdicts[index] === "effective" && book.at(index).type === "initiative.proposed";
    },
  };

  /** The index of a ref; `elsewhere` when it names nothing here, or something else than its hash says. */
  function find(value: unknown): number {
    const ref = parseRef(value);
    const log = ref && held.logs[held.logIndex.get(ref.log) ?? -1];
    if (ref === undefined || log === undefined || ref.seq >= log.size) return elsewhere;
    const index = log.base + ref.seq;
    if (ref.hash === undefined) return index;
    return held.hashes.toString("base64url", 32 * index, 32 * index + 32) === ref.hash ? index : elsewhere;
  }

  function isInPast(index: number, entry: Entry): boolean {
    return index >= 0 && inCut[index] === 1 && past.has(index, entry.index);
  }

  function areRefsInPast({ refs }: Shape, entry: Entry): boolean {
    if (entry.subject !== none && !isInPast(entry.subject, entry)) return false;
    for (const member of refs) {
      const value = entry.x[member];
      if (value === undefined) continue;
      const named = Array.isArray(value) ? value : [member === "seat" ? initiativeOf(value) : value];
      for (const ref of named) {
        if (member === "beneficiaries" && !String(ref).includes(".")) continue;
        if (!isInPast(find(ref), entry)) return false;
      }
    }
    return true;
  }

  /** What is asked of an entry that could be read. */
  function judge(entry: Entry, shape: Shape): Verdict | undefined {
    if (shape.kind === "log") return "effective";
    if (!areRefsInPast(shape, entry)) return "ref-not-in-past";
    if (shape.kind === "anything") return "effective";
    if (entry.subject === none) return undefined;
    return kindCreatedBy(book.at(entry.subject)) === shape.kind ? undefined : "wrong-subject";
  }

  for (const index of past.order) {
    const entry = held.entries[index] as Entry;
    const isNetwork = networkNouns.test(entry.type);
    const shape = readShape(entry);
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
      const kind = kindCreatedBy(entry);
      if (kind === undefined) continue;
      const created = [entry];
      subjects.set(index, created);
      things[kind].push(created);
    } else subjects.get(entry.subject)?.push(entry);
  }
  return book;
}

/** The shape that an entry has, or why it has none that this release can apply. */
function readShape({ type, subject, x }: Entry): Shape | "opaque" | "malformed" {
  const shape = shapes.get(type);
  if (shape === undefined || hasMust(x)) return "opaque";
  if (shape.kind === "log") return shape;
  if (shape.creates !== "either" && (shape.creates === "yes") !== (subject === none)) return "malformed";
  return fits(type, shape, x) ? shape : "malformed";
}

/** The initiative that `x.seat` names. */
export function initiativeOf(seat: unknown): unknown {
  return (seat as { initiative?: unknown } | undefined)?.initiative;
}

/** What kind of thing an entry created, if any. */
function kindCreatedBy(entry: Entry): Kind | undefined {
  if (entry.subject !== none) return undefined;
  const shape = shapes.get(entry.type);
  return shape === undefined || shape.creates === "no" ? undefined : shape.kind;
}

/** Whether a verdict says that the entry counts, be it crossed. */
export function isValid(verdict: Verdict | undefined): boolean {
  return verdict === "effective" || verdict === "crossed";
}
