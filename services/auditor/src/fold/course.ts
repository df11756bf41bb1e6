/**
 * A commitment once it binds (fold.md section 6.2): who owes, on which terms, what was done, said and let go. Every
 * rule asks the act's own past, so it is the same whatever arrives later.
 */
import type { Entry } from "../held.ts";
import {
  type Acts,
  addAct,
  countKnownPart,
  firstPlace,
  knowsAny,
  knowsOneAfter,
  latestKnown,
  type Reader,
} from "./acts.ts";
import { type Book, isValid } from "./book.ts";
import type { EventOf } from "./contract.ts";
import type { NegotiatedType } from "./negotiation.ts";
import { judgeRevision, propose } from "./revisions.ts";
import { isCrossed } from "./seat.ts";
import type { Standing } from "./standing.ts";
import type { Terms } from "./terms.ts";

/** What may be done under terms that bind: all that is not negotiated. */
type ActVerb =
  Exclude<EventOf<"commitment">, NegotiatedType> extends `commitment.${infer Verb}` ? Verb : never;

/** What was done under terms that bound in the past of each act. */
export type Course = {
  /**
   * The verdict on an act whose author saw these terms bind, asked in fold order; and, of an act of the debtor, the
   * `carried` that made its author the debtor.
   */
  judge(entry: Entry): { readonly verdict: string; readonly carried: Entry | undefined };
  /** What it comes to, should these terms be those that bind. */
  describe(): {
    readonly state: string;
    readonly debtor: string;
    readonly beneficiaries: readonly string[];
    readonly due: string;
    /** The last claim that has effect. */
    readonly claim: Entry | undefined;
  };
};

/** Nothing done yet under `bound`. */
export function openCourse(book: Book, standing: Standing, bound: Terms): Course {
  const { named } = book;
  const { isPledge } = bound;
  const created = (standing.stated[0] as Terms).entry;

  /** What counts, by type, and the confirmations in full among them. */
  const done = new Map<string, Acts>();
  const fullConfirmations: Acts = [];
  const nothing: Acts = [];

  function actsOf(verb: string): Acts {
    return done.get(`commitment.${verb}`) ?? nothing;
  }
  function knows(reader: Reader, verb: string, by?: string): boolean {
    return knowsAny(book, actsOf(verb), reader, by);
  }

  /** Whom a list of beneficiaries or confirmers still names: a pledge can be declined. */
  function remaining(names: readonly string[], reader: Reader): readonly string[] {
    if (actsOf("pledge-declined").length === 0) return names;
    return names.filter((name) => !knows(reader, "pledge-declined", name));
  }
  function isReleased(reader: Reader): boolean {
    if (!knows(reader, "released")) return false;
    const partners = remaining(bound.partners, reader);
    return partners.length > 0 && partners.every((partner) => knows(reader, "released", partner));
  }
  function hasConfirmedFully(partner: string, reader: Reader): boolean {
    return knowsAny(book, fullConfirmations, reader, partner);
  }
  function isSatisfied(reader: Reader): boolean {
    if (fullConfirmations.length === 0) return false;
    const confirmers = remaining(bound.confirmers, reader);
    return confirmers.length > 0 && confirmers.every((partner) => hasConfirmedFully(partner, reader));
  }

  /** Nobody is left whom it is promised to. */
  function isDeclined(reader: Reader): boolean {
    return remaining(bound.beneficiaries, reader).length === 0;
  }
  function isOver(entry: Entry): boolean {
    return isDeclined(entry) || isSatisfied(entry) || isReleased(entry) || knows(entry, "withdrawn");
  }

  /** The last `carried` whose handoff was not crossed, as far as the reader knows: its receiver is the debtor. */
  function lastCarried(reader: Reader): Entry | undefined {
    const carries = actsOf("carried");
    if (carries.length === 0) return undefined;
    const counts = (carried: Entry) => {
      const completed = named(carried, "completed") as Entry;
      return !isCrossed(book, book.completions.get(completed.index), reader);
    };
    return latestKnown(book, carries, reader, { counts });
  }
  function debtor(reader: Reader): string {
    const carried = lastCarried(reader);
    return carried === undefined ? bound.debtor : (named(carried, "accepted") as Entry).by;
  }
  function isDebtor(entry: Entry): boolean {
    return debtor(entry) === entry.by;
  }

  function judgeCarryAccepted(entry: Entry): string {
    const offer = named(entry, "offer");
    const isFitting =
      isPledge &&
      offer?.type === "handoff.offered" &&
      isValid(book.verdicts[offer.index]) &&
      book.namedBySeat(created) === book.at(offer.subject) &&
      offer.x["to"] === entry.by &&
      standing.find(named(entry, "terms"), entry) !== undefined;
    return isFitting ? "effective" : "wrong-offer";
  }

  function judgeCarried(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    const accepted = named(entry, "accepted") as Entry;
    const completed = named(entry, "completed") as Entry;
    const isHandoff = book.isOf(completed, "handoff.completed") && completed.by === entry.by;
    if (!isHandoff) return "wrong-offer";
    // Whether the handoff was crossed is for the end to say.
    if (!isValid(book.verdicts[completed.index])) return "handoff-without-effect";
    const accept = named(completed, "accept");
    const isFitting =
      book.isOf(accepted, "commitment.carry-accepted") &&
      isAmong(actsOf("carry-accepted"), accepted) &&
      book.knows(entry, accepted) &&
      book.isOf(accept, "handoff.accepted") &&
      accept.by === accepted.by &&
      named(accept, "offer") === named(accepted, "offer");
    if (!isFitting) return "wrong-offer";
    if (named(accepted, "terms") !== standing.current(bound, entry).terms.entry) return "stale-terms";
    if (knows(entry, "claimed") || knows(entry, "withdrawn")) return "wrong-state";
    return "effective";
  }

  function judgeProposed(entry: Entry): string {
    if (isPledge ? !isDebtor(entry) : !bound.signers.includes(entry.by)) return "not-a-party";
    return propose(book, standing, bound, entry, isPledge && knows(entry, "claimed"));
  }

  function judgePledgeDeclined(entry: Entry): string {
    if (!isPledge || !bound.partners.includes(entry.by)) return "not-a-party";
    if (knows(entry, "pledge-declined", entry.by)) return "already-declined";
    if (hasConfirmedFully(entry.by, entry)) return "already-confirmed";
    return isSatisfied(entry) ? "closed" : "effective";
  }

  function judgeProgressed(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    return isOver(entry) ? "closed" : "effective";
  }

  function judgeClaimed(entry: Entry): string {
    if (!isDebtor(entry)) return "not-the-debtor";
    if (knows(entry, "withdrawn") || !areClaimsDisputed(entry)) return "wrong-state";
    return isReleased(entry) ? "closed" : "effective";
  }

  /** Whether every claim that `entry` knows has a dispute after it there. Of each log the latest claim stands for all. */
  function areClaimsDisputed(entry: Entry): boolean {
    return actsOf("claimed").every((part) => {
      const claim = part[countKnownPart(book, part, entry) - 1];
      return claim === undefined || knowsOneAfter(book, actsOf("disputed"), entry, claim);
    });
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

  /** What only the debtor may do; `revision-proposed` so on pledges. */
  const judgesOfDebtor = {
    progressed: judgeProgressed,
    claimed: judgeClaimed,
    withdrawn: judgeWithdrawn,
    carried: judgeCarried,
    "revision-proposed": judgeProposed,
  };
  const judges: Readonly<Record<ActVerb, (entry: Entry) => string>> = {
    ...judgesOfDebtor,
    "carry-accepted": judgeCarryAccepted,
    "revision-accepted": (entry) => judgeRevision(book, standing, bound, entry),
    "revision-declined": (entry) => judgeRevision(book, standing, bound, entry),
    "revision-retracted": (entry) => judgeRevision(book, standing, bound, entry),
    "pledge-declined": judgePledgeDeclined,
    confirmed: judgeConfirmed,
    disputed: judgeDisputed,
    released: judgeReleased,
  };

  function judge(entry: Entry): ReturnType<Course["judge"]> {
    const verb = entry.type.slice("commitment.".length) as ActVerb;
    // Before it counts itself.
    const carried = isPledge && Object.hasOwn(judgesOfDebtor, verb) ? lastCarried(entry) : undefined;
    const verdict = judges[verb](entry);
    if (verdict === "effective") {
      const acts = done.get(entry.type) ?? [];
      done.set(entry.type, acts);
      addAct(acts, entry);
      if (verb === "confirmed" && entry.x["as"] === "full") addAct(fullConfirmations, entry);
      if (verb === "claimed" || verb === "confirmed") standing.presume(entry);
    }
    return { verdict, carried };
  }

  function isStanding(dispute: Entry): boolean {
    return (
      book.knows(undefined, dispute) &&
      remaining(bound.confirmers, undefined).includes(dispute.by) &&
      !knowsOneAfter(book, actsOf("confirmed"), undefined, dispute, dispute.by) &&
      !knowsOneAfter(book, actsOf("claimed"), undefined, dispute)
    );
  }

  function state(): string {
    if (isDeclined(undefined)) return "declined";
    if (isSatisfied(undefined)) return "satisfied";
    if (isReleased(undefined)) return "released";
    if (knows(undefined, "withdrawn")) return "withdrawn";
    // Of each log the latest dispute is the last to be answered.
    if (actsOf("disputed").some((part) => isStanding(part.at(-1) as Entry))) return "disputed";
    return knows(undefined, "claimed") ? "claimed" : "active";
  }

  return {
    judge,
    describe: () => ({
      state: state(),
      debtor: debtor(undefined),
      beneficiaries: remaining(bound.beneficiaries, undefined),
      due: standing.current(bound, undefined).terms.due,
      claim: latestKnown(book, actsOf("claimed"), undefined),
    }),
  };
}

/** Whether `entry` is one of `acts`. */
function isAmong(acts: Acts, entry: Entry): boolean {
  return acts.some((part) => part[firstPlace(part, ({ seq }) => seq >= entry.seq)] === entry);
}
