/**
 * A commitment once it binds (fold.md section 6.2): who owes, on which terms, what was done, said and let go. Every
 * rule asks the act's own past, so it is the same whatever arrives later.
 */
import type { Entry } from "../held.ts";
import { type Book, initiativeOf, isValid } from "./book.ts";
import { judgeRevision, propose } from "./revisions.ts";
import type { Standing } from "./standing.ts";
import { isKnown, type Terms } from "./terms.ts";

/** What was done under terms that bound in the past of each act. */
export type Course = {
  /** The verdict on an act whose author saw these terms bind. Asked in order of visiting. */
  judge(entry: Entry): string;
  /** What it comes to, should these terms be those that bind. */
  tell(): {
    readonly state: string;
    readonly debtor: string;
    readonly beneficiaries: readonly string[];
    readonly due: string;
  };
};

/** Nothing done yet under `bound`. */
export function openCourse(book: Book, standing: Standing, bound: Terms): Course {
  const { named, has } = book;
  const { isPledge } = bound;
  const created = (standing.stated[0] as Terms).entry;

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

  /** Nobody is left whom it is promised to. */
  function isDeclined(entry?: Entry): boolean {
    return remaining(bound.beneficiaries, entry).length === 0;
  }
  function isOver(entry: Entry): boolean {
    return isDeclined(entry) || isSatisfied(entry) || isReleased(entry) || knows(entry, "withdrawn");
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
      standing.find(named(entry, "terms")) !== undefined;
    return isFitting ? "effective" : "wrong-offer";
  }

  function judgeCarried(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    const accepted = named(entry, "accepted") as Entry;
    const completed = named(entry, "completed") as Entry;
    const isHandoff = book.isOf(completed, "handoff.completed") && completed.by === entry.by;
    const accept = isHandoff ? named(completed, "accept") : undefined;
    const isFitting =
      effective("carry-accepted").includes(accepted) &&
      book.isOf(accept, "handoff.accepted") &&
      accept.by === accepted.by &&
      named(accept, "offer") === named(accepted, "offer");
    if (!isFitting) return "wrong-offer";
    if (named(accepted, "terms") !== standing.current(bound, entry).terms.entry) return "stale-terms";
    if (knows(entry, "claimed") || knows(entry, "withdrawn")) return "wrong-state";
    const verdict = book.verdicts[completed.index];
    if (verdict === "effective") carries.push({ entry, to: accepted.by });
    return isValid(verdict) ? (verdict as string) : "handoff-without-effect";
  }

  function judgeProposed(entry: Entry): string {
    if (isPledge ? !isDebtor(entry) : !bound.signers.includes(entry.by)) return "not-a-party";
    return propose(book, standing, bound, entry, isPledge && knows(entry, "claimed"));
  }

  function judgePledgeDeclined(entry: Entry): string {
    if (!isPledge || !bound.partners.includes(entry.by)) return "not-a-party";
    return knows(entry, "pledge-declined", entry.by) ? "already-declined" : "effective";
  }

  function judgeProgressed(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    return isOver(entry) ? "closed" : "effective";
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
    "revision-accepted": (entry) => judgeRevision(book, standing, bound, entry),
    "revision-declined": (entry) => judgeRevision(book, standing, bound, entry),
    "revision-retracted": (entry) => judgeRevision(book, standing, bound, entry),
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
    const verdict = judges[verb]?.(entry) ?? "opaque";
    if (verdict !== "effective") return verdict;
    const same = done.get(entry.type);
    if (same === undefined) done.set(entry.type, [entry]);
    else same.push(entry);
    if (verb === "claimed" || verb === "confirmed") standing.presumed.push(entry);
    return verdict;
  }

  function isStanding(dispute: Entry): boolean {
    if (!remaining(bound.confirmers).includes(dispute.by)) return false;
    const answered = [
      ...effective("confirmed").filter(({ by }) => by === dispute.by),
      ...effective("claimed"),
    ];
    return !answered.some((act) => has(dispute, act));
  }

  function state(): string {
    if (isDeclined()) return "declined";
    if (isSatisfied()) return "satisfied";
    if (isReleased()) return "released";
    if (knows(undefined, "withdrawn")) return "withdrawn";
    if (effective("disputed").some(isStanding)) return "disputed";
    return knows(undefined, "claimed") ? "claimed" : "active";
  }

  return {
    judge,
    tell: () => ({
      state: state(),
      debtor: carries.at(-1)?.to ?? bound.debtor,
      beneficiaries: remaining(bound.beneficiaries),
      due: standing.current(bound).terms.due,
    }),
  };
}
