/**
 * A commitment until it binds (fold.md section 6.1), and who may answer for what crossed. Whether an act is valid
 * depends on its own past alone.
 */
import type { Entry } from "../held.ts";
import { knowsAny } from "./acts.ts";
import type { Book } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { isSignatureByOffer } from "./help-origin.ts";
import type { Membership } from "./network.ts";
import type { Standing } from "./standing.ts";
import { areSame, hasSigned, isClosed, isFull, readTerms, type Terms } from "./terms.ts";

const negotiated = [
  "commitment.requested",
  "commitment.offered",
  "commitment.pledged",
  "commitment.countered",
  "commitment.accepted",
  "commitment.declined",
  "commitment.retracted",
  "commitment.reaffirmed",
  "commitment.let-go",
] as const satisfies readonly EventOf<"commitment">[];
/** What needs no terms that bind. */
export type NegotiatedType = (typeof negotiated)[number];
export const negotiatedTypes: ReadonlySet<string> = new Set(negotiated);

/** The judge of everything in a commitment that needs no terms that bind. */
export function createNegotiation(
  book: Book,
  membership: Membership,
  standing: Standing,
): (entry: Entry) => string {
  const { named } = book;

  /** Terms among those of the negotiation, revisions not among them. */
  function statedIn(entry: Entry | undefined, reader: Entry): Terms | undefined {
    const terms = standing.find(entry, reader);
    return terms?.isRevision ? undefined : terms;
  }

  function state(terms: Terms): string {
    standing.state(terms);
    return "effective";
  }

  function judgeCreated(entry: Entry): string {
    const terms = readTerms(entry, undefined);
    const isRequest = entry.type === "commitment.requested";
    const isParty = isRequest ? terms.partners.includes(entry.by) : terms.debtor === entry.by;
    return isParty ? state(terms) : "not-a-party";
  }

  /** Whether terms bind in the past of `entry`, other than `but`. */
  function isBound(entry: Entry, but?: Terms): boolean {
    const { bound } = standing.binding(entry);
    return bound !== undefined && bound !== but;
  }

  function judgeCountered(entry: Entry): string {
    const base = statedIn(named(entry, "base"), entry);
    if (base === undefined) return "not-a-party";
    if (base.statedBy === entry.by) return "own-terms";
    if (!base.signers.includes(entry.by)) return "not-a-party";
    const terms = readTerms(entry, base);
    if (terms.debtor !== base.debtor || !areSame(terms.beneficiaries, base.beneficiaries))
      return "parties-changed";
    if (isClosed(book, base, entry)) return "terms-closed";
    // What all have signed is changed by revising it together, never by one of them answering late.
    if (isFull(book, base, entry) || isBound(entry)) return "already-bound";
    standing.close(base, entry);
    return state(terms);
  }

  /** Left, and not come back, as far as `entry` knows. */
  function hasLeft(partner: string, entry: Entry): boolean {
    return knowsAny(book, membership.leaves(partner), entry) && !membership.isActive(partner, entry);
  }

  function sign(terms: Terms, by: string, entry: Entry, act: Entry): string {
    if (hasSigned(book, terms, by, entry) && !isReturning(terms, entry)) return "already-signed";
    if (isClosed(book, terms, entry)) return "terms-closed";
    if (terms.signers.some((signer) => hasLeft(signer, entry))) return "party-left";
    if (isBound(entry, terms)) return "already-bound";
    standing.sign(terms, by, entry, act);
    return "effective";
  }

  /** Who signed by an offer of help and took it back may sign the request itself, and so stand by it. */
  function isReturning(terms: Terms, entry: Entry): boolean {
    return (
      terms === standing.stated[0] &&
      standing.helpRetractions.some(
        (pullBack) =>
          pullBack.by === entry.by &&
          book.knows(entry, pullBack) &&
          standing.answerTo(pullBack, terms, entry) === undefined,
      )
    );
  }

  function judgeAccepted(entry: Entry): string {
    const target = named(entry, "terms") as Entry;
    const terms = statedIn(target, entry);
    if (terms !== undefined) {
      return terms.signers.includes(entry.by) ? sign(terms, entry.by, entry, entry) : "not-a-party";
    }
    if (!book.isOf(target, "help.offered")) return "not-a-party";
    const request = standing.stated[0] as Terms;
    return isSignatureByOffer(book, request, entry, target)
      ? sign(request, request.debtor, entry, target)
      : "terms-differ";
  }

  function judgeAnswer(entry: Entry): string {
    const terms = standing.find(named(entry, "terms"), entry);
    if (terms === undefined) return "not-crossed";
    const rivals = rivalsOf(terms, entry);
    const hasChosen = terms.choices.some(
      (choice) =>
        choice.by === entry.by &&
        book.knows(entry, choice.entry) &&
        rivals.every((rival) => choice.among.has(rival)),
    );
    if (rivals.includes(terms) && !(entry.type === "commitment.reaffirmed" && hasChosen)) {
      standing.answer(terms, entry, rivals);
      return "effective";
    }
    const owesAnswer = standing
      .pullBacks(terms, entry)
      .some(
        (pullBack) => pullBack.by === entry.by && standing.answerTo(pullBack, terms, entry) === undefined,
      );
    const wakes = terms.statedBy === entry.by && standing.outcome(terms, entry) === "dormant";
    if (!owesAnswer && !wakes) return "not-crossed";
    standing.answer(terms, entry, []);
    return "effective";
  }

  /** The terms that bound at once as the author of `entry` saw it, where it has a say in them. */
  function rivalsOf(terms: Terms, entry: Entry): readonly Terms[] {
    if (!terms.signers.includes(entry.by)) return [];
    const { bound, rivals } = standing.binding(entry);
    if (!terms.isRevision) return rivals;
    return bound === undefined ? [] : standing.current(bound, entry).rivals;
  }

  return (entry) => {
    const type = entry.type as NegotiatedType;
    switch (type) {
      case "commitment.requested":
      case "commitment.offered":
      case "commitment.pledged":
        return judgeCreated(entry);
      case "commitment.countered":
        return judgeCountered(entry);
      case "commitment.accepted":
        return judgeAccepted(entry);
      case "commitment.declined":
      case "commitment.retracted":
        return judgePullBack(book, standing, entry, statedIn(named(entry, "terms"), entry));
      case "commitment.reaffirmed":
      case "commitment.let-go":
        return judgeAnswer(entry);
    }
  };
}

/** A decline or retraction of `terms`, of a negotiation or a revision. */
export function judgePullBack(
  book: Book,
  standing: Standing,
  entry: Entry,
  terms: Terms | undefined,
): string {
  if (terms === undefined) return "not-a-party";
  if (entry.type.endsWith("retracted")) {
    if (terms.statedBy !== entry.by) return "not-a-party";
  } else {
    if (!terms.signers.includes(entry.by)) return "not-a-party";
    if (hasSigned(book, terms, entry.by, entry)) return "already-signed";
  }
  if (isClosed(book, terms, entry)) return "terms-closed";
  if (isFull(book, terms, entry)) return "already-bound";
  standing.close(terms, entry);
  return "effective";
}
