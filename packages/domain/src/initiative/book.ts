/**
 * The book of one initiative: its entries that passed the gate, each judged at most once and only when asked.
 *
 * An entry is judged by its own past alone (`judge`); whether it crossed is asked afterwards, of everything in the cut.
 * Judging may ask whether an earlier completion crossed, hence the asking on demand: each such question goes strictly
 * back along the giver's and the receiver's own logs.
 */
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import { type Entry, type Fact, isBefore } from "../fact.ts";
import type { Gated } from "../gate.ts";

/** Any entry, where only its place and author matter. */
export type Placed = { readonly fact: Fact };

export interface Book {
  readonly cut: Cut;
  readonly creation: Entry<"initiative.proposed">;
  /** Entries of these types, judged or not, in the order of visiting. */
  all<Name extends EventName>(...types: readonly Name[]): readonly Entry<Name>[];
  /** Why an entry does not count, by its own past; `null` where it does. */
  reasonOf(fact: Fact): Reason | null;
}

/** What passes the gate of an initiative. */
export type InitiativeEvent = Gated<"initiative">;

/** Judges one entry by its own past. */
export type Judge = (fact: Fact, event: InitiativeEvent, book: Book) => Reason | null;

export function openBook(
  cut: Cut,
  creation: Entry<"initiative.proposed">,
  entries: readonly { readonly fact: Fact; readonly event: InitiativeEvent }[],
  judge: Judge,
): Book {
  const byType = Map.groupBy(entries, ({ event }): EventName => event.type);
  const eventOf = new Map(entries.map(({ fact, event }) => [fact.ref, event]));
  const reasons = new Map<Ref, Reason | null>();
  const book: Book = {
    cut,
    creation,
    all: <Name extends EventName>(...types: readonly Name[]) => {
      const found = types.map((type) => (byType.get(type) ?? []) as unknown as readonly Entry<Name>[]);
      if (found.length === 1) return found[0] ?? [];
      const wanted: ReadonlySet<EventName> = new Set<EventName>(types);
      return entries.filter(({ event }) => wanted.has(event.type)) as unknown as readonly Entry<Name>[];
    },
    reasonOf: (fact) => {
      const known = reasons.get(fact.ref);
      if (known !== undefined) return known;
      const event = eventOf.get(fact.ref);
      if (event === undefined) return "wrong-subject";
      // Met again while being judged only where one partner writes two logs against itself: that does not count.
      reasons.set(fact.ref, "wrong-state");
      const reason = judge(fact, event, book);
      reasons.set(fact.ref, reason);
      return reason;
    },
  };
  return book;
}

export const counting = <E extends Placed>(entries: readonly E[], book: Book): readonly E[] =>
  entries.filter((one) => book.reasonOf(one.fact) === null);

/** Those of `entries` in the past of `fact` that count. */
export const countingBefore = <E extends Placed>(
  fact: Fact,
  entries: readonly E[],
  book: Book,
): readonly E[] =>
  counting(
    entries.filter((one) => isBefore(one.fact, fact)),
    book,
  );

/** An entry of this initiative by its ref, if it is of that type. */
export const entryOf = <Name extends EventName>(book: Book, type: Name, ref: Ref): Entry<Name> | undefined =>
  book.all(type).find((one) => one.fact.ref === ref);
