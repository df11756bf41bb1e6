/** The machine of a commitment (fold.md section 6): its negotiation, which terms bind, and its course under them. */
import type { Entry } from "../held.ts";
import { type Book, isValid } from "./book.ts";
import { type Course, openCourse } from "./course.ts";
import { type Counted, crossEntries } from "./crossings.ts";
import { createNegotiation } from "./negotiation.ts";
import { enter, type Membership } from "./network.ts";
import { type Binding, openStanding, type Standing } from "./standing.ts";
import type { Terms } from "./terms.ts";

export type Commitment = {
  readonly state: string;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  readonly due: string;
};

const negotiated: ReadonlySet<string> = new Set(
  "requested offered pledged countered accepted declined retracted reaffirmed let-go"
    .split(" ")
    .map((verb) => `commitment.${verb}`),
);
/** What a debtor that left the network may still do, so that it can finish what it had open. */
const finishing: ReadonlySet<string> = new Set(
  ["progressed", "claimed", "withdrawn"].map((verb) => `commitment.${verb}`),
);
/** Acts that presume the bond. */
const presuming: ReadonlySet<string> = new Set(["commitment.claimed", "commitment.confirmed"]);

/** Folds the commitment that `entries[0]` created; undefined when it has no effect. */
export function foldCommitment(
  book: Book,
  membership: Membership,
  entries: readonly Entry[],
): Commitment | undefined {
  const { verdicts } = book;
  const created = entries[0] as Entry;
  const standing = openStanding(book, membership, created);
  const negotiate = createNegotiation(book, membership, standing);
  const courses = new Map<Terms, Course>();
  const counted: Counted[] = [];

  function courseUnder(bound: Terms): Course {
    const course = courses.get(bound) ?? openCourse(book, standing, bound);
    courses.set(bound, course);
    return course;
  }

  for (const entry of entries) {
    if (!enterCommitment(book, membership, created, entry)) continue;
    const isAct = !negotiated.has(entry.type);
    const under = isAct
      ? standing.binding(entry, presuming.has(entry.type) ? entry : undefined).bound
      : undefined;
    const verdict = !isAct ? negotiate(entry) : under ? courseUnder(under).judge(entry) : "not-active";
    verdicts[entry.index] = verdict;
    if (isValid(verdict)) counted.push({ entry, under });
  }
  if (!isValid(verdicts[created.index])) return undefined;

  const binding = standing.binding();
  crossEntries(book, standing, binding, counted);
  return binding.bound === undefined ? describeUnbound(standing, binding) : courseUnder(binding.bound).tell();
}

/** As `enter`, but a former member may finish what stood open when it left. */
function enterCommitment(book: Book, membership: Membership, created: Entry, entry: Entry): boolean {
  const isFinishing = finishing.has(entry.type) && isValid(book.verdicts[created.index]);
  if (!isFinishing || membership.isActive(entry.by, entry)) return enter(book, membership, entry);
  if (book.verdicts[entry.index] !== undefined) return false;
  const left = membership.leaves(entry.by).findLast((act) => book.has(act, entry));
  if (left !== undefined && book.has(created, left)) return true;
  book.verdicts[entry.index] = "not-a-member";
  return false;
}

function describeUnbound({ stated }: Standing, { outcomes }: Binding): Commitment {
  const open = stated.findLast((terms) => outcomes.get(terms) === "open");
  const { debtor, beneficiaries, due } = open ?? (stated[0] as Terms);
  return { state: unboundState(stated, outcomes, open), debtor, beneficiaries, due };
}

function unboundState(
  stated: readonly Terms[],
  outcomes: Binding["outcomes"],
  open: Terms | undefined,
): string {
  if ([...outcomes.values()].includes("crossed")) return "crossed";
  if (open !== undefined) return open.statedBy === open.debtor ? "offered" : "requested";
  const isDeclined = stated.some(({ closers }) => closers.some(({ type }) => type === "commitment.declined"));
  return isDeclined ? "declined" : "retracted";
}
