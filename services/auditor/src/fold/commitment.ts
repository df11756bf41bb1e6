/** The machine of a commitment (fold.md section 6): its negotiation, which terms bind, and its course under them. */
import type { Entry } from "../held.ts";
import { type Book, isValid, settleAside } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { type Course, openCourse } from "./course.ts";
import { type Counted, crossEntries } from "./crossings.ts";
import { createNegotiation, negotiatedTypes } from "./negotiation.ts";
import { enter, hasRoom, type Membership } from "./network.ts";
import { openRoll, type Roll } from "./roll.ts";
import { type Outcome, openStanding, type Standing } from "./standing.ts";
import type { Terms } from "./terms.ts";

export type Commitment = {
  readonly state: string;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  readonly due: string;
  /** The last claim that has effect, once it binds. */
  readonly claim: Entry | undefined;
};

/** What a debtor that left the network may still do, so that it can finish what it had open. */
const finishing: ReadonlySet<string> = new Set<EventOf<"commitment">>([
  "commitment.progressed",
  "commitment.claimed",
  "commitment.withdrawn",
]);
/** Acts that presume the bond. */
const presuming: ReadonlySet<string> = new Set<EventOf<"commitment">>([
  "commitment.claimed",
  "commitment.confirmed",
]);

/** Folds the commitment that `entries[0]` created; undefined when it has no effect. */
export function foldCommitment(
  book: Book,
  membership: Membership,
  entries: readonly Entry[],
): Commitment | undefined {
  const { verdicts } = book;
  const created = entries[0] as Entry;
  const roll = openRoll(book);
  const standing = openStanding(book, membership, created, roll);
  const negotiate = createNegotiation(book, membership, standing);
  const courses = new Map<Terms, Course>();
  const counted: Counted[] = [];

  function courseUnder(bound: Terms): Course {
    const course = courses.get(bound) ?? openCourse(book, standing, bound);
    courses.set(bound, course);
    return course;
  }

  /** An act is judged under the terms that bound in its own past. */
  function judgeAct(entry: Entry): Counted & { readonly verdict: string } {
    const under = standing.binding(entry, presuming.has(entry.type)).bound;
    const judged = under && courseUnder(under).judge(entry);
    return { entry, under, verdict: judged?.verdict ?? "not-active", carried: judged?.carried };
  }

  for (const entry of entries) {
    if (!enterCommitment(book, membership, roll, created, entry)) continue;
    const judged = negotiatedTypes.has(entry.type)
      ? { entry, under: undefined, carried: undefined, verdict: negotiate(entry) }
      : judgeAct(entry);
    verdicts[entry.index] = judged.verdict;
    if (!isValid(judged.verdict)) continue;
    roll.add(entry);
    counted.push(judged);
  }
  if (!isValid(verdicts[created.index])) return undefined;

  book.sight.close(entries);
  crossEntries(book, standing, counted);
  settleAside(book, entries);
  const { bound } = standing.binding(undefined);
  return bound === undefined ? describeUnbound(book, standing) : courseUnder(bound).describe();
}

/** As `enter`, but a former member may finish what stood open when it left. */
function enterCommitment(
  book: Book,
  membership: Membership,
  roll: Roll,
  created: Entry,
  entry: Entry,
): boolean {
  const isFinishing = finishing.has(entry.type) && isValid(book.verdicts[created.index]);
  if (!isFinishing || membership.isActive(entry.by, entry)) return enter(book, membership, roll, entry);
  if (book.verdicts[entry.index] !== undefined) return false;
  book.sight.enter(entry);
  const leftOwing = membership
    .leaves(entry.by)
    .some((part) => part.some((left) => book.knows(entry, left) && book.has(created, left)));
  if (leftOwing) return hasRoom(book, roll, entry);
  book.verdicts[entry.index] = "not-a-member";
  return false;
}

function describeUnbound(book: Book, standing: Standing): Commitment {
  const stated = standing.stated.filter(({ entry }) => book.knows(undefined, entry));
  const outcomes = standing.outcomes();
  const open = stated.findLast((terms) => outcomes.get(terms) === "open");
  const { debtor, beneficiaries, due } = open ?? (stated[0] as Terms);
  const state = unboundState(book, stated, outcomes, open);
  return { state, debtor, beneficiaries, due, claim: undefined };
}

function unboundState(
  book: Book,
  stated: readonly Terms[],
  outcomes: ReadonlyMap<Terms, Outcome>,
  open: Terms | undefined,
): string {
  if ([...outcomes.values()].includes("crossed")) return "crossed";
  if (open !== undefined) return open.statedBy === open.debtor ? "offered" : "requested";
  const isDeclined = stated.some(({ refusals }) =>
    refusals.some((part) =>
      part.some((entry) => entry.type === "commitment.declined" && book.knows(undefined, entry)),
    ),
  );
  return isDeclined ? "declined" : "retracted";
}
