/**
 * A commitment once it binds (fold.md section 6.2): who owes, on which terms, what was done, said and let go. Every
 * rule asks the act's own past, so it is the same whatever arrives later.
 */
import type { Entry } from "../held.ts";
import { type Book, initiativeOf, isValid } from "./book.ts";
import { openRevisions } from "./revisions.ts";
import { type Answer, isKnown, type Terms } from "./terms.ts";

export type Course = {
  readonly verdicts: ReadonlyMap<Entry, string>;
  /** Acts that presume the bond, by who had pulled back: each is a reaffirmation. */
  readonly implied: readonly Answer[];
  readonly state: string;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  readonly due: string;
};

export type Bond = {
  readonly terms: Terms;
  /** Whether `entry` knows a bond: undefined when not, else the reaffirmations that it makes by itself. */
  presume(entry: Entry, implied: readonly Answer[]): readonly Answer[] | undefined;
};

/** Follows `entries`, all of the commitment's in order of visiting that are not of its negotiation. */
export function foldCourse(book: Book, bond: Bond, entries: readonly Entry[]): Course {
  const { named, has } = book;
  const bound = bond.terms;
  const created = bound.entry;
  const isPledge = created.type === "commitment.pledged";
  const revisions = openRevisions(book, bound, isPledge);
  const verdicts = new Map<Entry, string>();
  const implied: Answer[] = [];

  /** What had effect, by type, in order of visiting. */
  const done = new Map<string, Entry[]>();
  const carries: { readonly entry: Entry; readonly to: string }[] = [];

  function effective(type: string): readonly Entry[] {
    return done.get(`commitment.${type}`) ?? [];
  }
  function knows(entry: Entry | undefined, type: string, by?: string): boolean {
    return effective(type).some((act) => (by === undefined || act.by === by) && isKnown(book, act, entry));
  }

  /** Whom a list of beneficiaries or confirmers still names: a pledge can be declined. */
  function remaining(names: readonly string[], entry?: Entry): readonly string[] {
    return names.filter((name) => !knows(entry, "pledge-declined", name));
  }
  function isReleased(entry?: Entry): boolean {
    const partners = remaining(bound.partners, entry);
    return partners.length > 0 && partners.every((partner) => knows(entry, "released", partner));
  }
  function hasConfirmedFully(partner: string, entry?: Entry): boolean {
    return effective("confirmed").some(
      (act) => act.by === partner && act.x["as"] === "full" && isKnown(book, act, entry),
    );
  }
  function isSatisfied(entry?: Entry): boolean {
    const confirmers = remaining(bound.confirmers, entry);
    return confirmers.length > 0 && confirmers.every((partner) => hasConfirmedFully(partner, entry));
  }

  function isDebtor(entry: Entry): boolean {
    const holders = [{ entry: created, to: bound.debtor }, ...carries];
    return holders.some(({ entry: since, to }, place) => {
      const next = holders[place + 1];
      return to === entry.by && has(since, entry) && !(next !== undefined && has(next.entry, entry));
    });
  }

  function judgeCarryAccepted(entry: Entry): string {
    const offer = named(entry, "offer");
    const isFitting =
      isPledge &&
      offer?.type === "handoff.offered" &&
      isValid(book.verdicts[offer.index]) &&
      book.refOf(book.at(offer.subject)) === initiativeOf(created.x["seat"]) &&
      offer.x["to"] === entry.by &&
      revisions.find(named(entry, "terms")) !== undefined;
    return isFitting ? "effective" : "wrong-offer";
  }

  function judgeCarried(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    const accepted = named(entry, "accepted") as Entry;
    const completed = named(entry, "completed") as Entry;
    const isHandoff = completed.type === "handoff.completed" && completed.by === entry.by;
    const accept = isHandoff ? named(completed, "accept") : undefined;
    const isFitting =
      verdicts.get(accepted) === "effective" &&
      accepted.type === "commitment.carry-accepted" &&
      accept?.type === "handoff.accepted" &&
      accept.by === accepted.by &&
      named(accept, "offer") === named(accepted, "offer");
    if (!isFitting) return "wrong-offer";
    if (named(accepted, "terms") !== revisions.current(entry).entry) return "stale-terms";
    if (knows(entry, "claimed") || knows(entry, "withdrawn")) return "wrong-state";
    const verdict = book.verdicts[completed.index];
    if (verdict === "effective") carries.push({ entry, to: accepted.by });
    return isValid(verdict) ? (verdict as string) : "handoff-without-effect";
  }

  function judgeProposed(entry: Entry): string {
    if (isPledge ? !isDebtor(entry) : !bound.signers.includes(entry.by)) return "not-a-party";
    return revisions.propose(entry, isPledge && knows(entry, "claimed"));
  }

  function judgePledgeDeclined(entry: Entry): string {
    if (!isPledge || !bound.partners.includes(entry.by)) return "not-a-party";
    return knows(entry, "pledge-declined", entry.by) ? "already-declined" : "effective";
  }

  function judgeProgressed(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    return isReleased(entry) || isSatisfied(entry) || knows(entry, "withdrawn") ? "closed" : "effective";
  }

  function judgeClaimed(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    const before = effective("claimed").findLast((claim) => has(claim, entry));
    const isOpen =
      before === undefined ||
      effective("disputed").some((dispute) => has(before, dispute) && has(dispute, entry));
    if (knows(entry, "withdrawn") || !isOpen) return "wrong-state";
    return isReleased(entry) ? "closed" : "effective";
  }

  function judgeConfirmed(entry: Entry): string {
    if (!remaining(bound.confirmers, entry).includes(entry.by)) return "not-a-confirmer";
    const isPartial = entry.x["as"] === "partial";
    if (!knows(entry, "claimed") && !(isPartial && knows(entry, "progressed"))) return "not-claimed";
    return hasConfirmedFully(entry.by, entry) ? "already-confirmed" : "effective";
  }

  function judgeDisputed(entry: Entry): string {
    if (!remaining(bound.confirmers, entry).includes(entry.by)) return "not-a-confirmer";
    if (!knows(entry, "claimed")) return "not-claimed";
    return hasConfirmedFully(entry.by, entry) ? "already-confirmed" : "effective";
  }

  function judgeReleased(entry: Entry): string {
    if (!remaining(bound.partners, entry).includes(entry.by)) return "not-a-party";
    return knows(entry, "released", entry.by) ? "already-released" : "effective";
  }

  function judgeWithdrawn(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    if (knows(entry, "claimed")) return "already-claimed";
    return knows(entry, "withdrawn") || isReleased(entry) ? "closed" : "effective";
  }

  const judges: Readonly<Record<string, (entry: Entry) => string>> = {
    "carry-accepted": judgeCarryAccepted,
    carried: judgeCarried,
    "revision-proposed": judgeProposed,
    "revision-accepted": revisions.answer,
    "revision-declined": revisions.answer,
    "revision-retracted": revisions.answer,
    "pledge-declined": judgePledgeDeclined,
    progressed: judgeProgressed,
    claimed: judgeClaimed,
    confirmed: judgeConfirmed,
    disputed: judgeDisputed,
    released: judgeReleased,
    withdrawn: judgeWithdrawn,
  };

  function judge(entry: Entry): string {
    const verb = entry.type.slice("commitment.".length);
    if (verb === "reaffirmed" || verb === "let-go") return revisions.reaffirm(entry) ?? "not-crossed";
    const presumed = bond.presume(entry, implied);
    if (presumed === undefined) return "not-active";
    const verdict = judges[verb]?.(entry) ?? "opaque";
    if (verdict === "effective") implied.push(...presumed);
    return verdict;
  }

  for (const entry of entries) {
    const verdict = judge(entry);
    verdicts.set(entry, verdict);
    if (verdict !== "effective") continue;
    const same = done.get(entry.type);
    if (same === undefined) done.set(entry.type, [entry]);
    else same.push(entry);
  }

  function isStanding(dispute: Entry): boolean {
    const answered = [
      ...effective("confirmed").filter(({ by }) => by === dispute.by),
      ...effective("claimed"),
    ];
    return !answered.some((act) => has(dispute, act));
  }

  function state(): string {
    if (remaining(bound.beneficiaries).length === 0) return "declined";
    if (isSatisfied()) return "satisfied";
    if (isReleased()) return "released";
    if (knows(undefined, "withdrawn")) return "withdrawn";
    if (effective("disputed").some(isStanding)) return "disputed";
    return knows(undefined, "claimed") ? "claimed" : "active";
  }

  return {
    verdicts,
    implied,
    state: state(),
    debtor: carries.at(-1)?.to ?? bound.debtor,
    beneficiaries: remaining(bound.beneficiaries),
    due: revisions.current().due,
  };
}
