/**
 * A commitment until it binds (fold.md section 6.1). Which acts are valid depends on pasts alone; what the terms come
 * to (bound, crossed, closed, open) on everything inside the cut.
 */
import { type Entry, none } from "../held.ts";
import { type Book, isValid } from "./book.ts";
import type { Membership } from "./network.ts";
import {
  type Answer,
  answerTo,
  areSame,
  hasSigned,
  isClosed,
  isFull,
  readTerms,
  type Terms,
} from "./terms.ts";

type Outcome = "bound" | "crossed" | "closed" | "dormant" | "open";

export type Negotiation = {
  /** All terms stated, in order of visiting: the first created the commitment. */
  readonly terms: readonly Terms[];
  /** The verdict on an entry of this part of the machine. */
  judge(entry: Entry): string;
  /** The verdict on `reaffirmed` and `let-go`, once everything else is visited; undefined: not about these terms. */
  judgeAnswer(entry: Entry): string | undefined;
  pullBacks(terms: Terms): readonly Entry[];
  /** `more`: answers that acts under the bond imply. */
  outcome(terms: Terms, more?: readonly Answer[]): Outcome;
  /** Whether a `declined` closed any terms. */
  readonly isDeclined: boolean;
};

/** The negotiation of the commitment that `created` opened. */
export function openNegotiation(book: Book, membership: Membership, created: Entry): Negotiation {
  const { verdicts, named, has, areConcurrent } = book;
  const all: Terms[] = [];
  const byEntry = new Map<Entry, Terms>();
  const helpRetraction = findHelpRetraction(book, created);

  function state(terms: Terms): string {
    all.push(terms);
    byEntry.set(terms.entry, terms);
    return "effective";
  }

  function judgeCreated(entry: Entry): string {
    const terms = readTerms(entry, undefined);
    const isRequest = entry.type === "commitment.requested";
    const isParty = isRequest ? terms.partners.includes(entry.by) : terms.debtor === entry.by;
    return isParty && (!isRequest || terms.debtor !== entry.by) ? state(terms) : "not-a-party";
  }

  function judgeCountered(entry: Entry): string {
    const base = byEntry.get(named(entry, "base") as Entry);
    if (base === undefined) return "not-a-party";
    if (base.statedBy === entry.by) return "own-terms";
    if (!base.signers.includes(entry.by)) return "not-a-party";
    const terms = readTerms(entry, base);
    if (terms.debtor !== base.debtor || !areSame(terms.beneficiaries, base.beneficiaries))
      return "parties-changed";
    if (isClosed(book, base, entry)) return "terms-closed";
    // What all have signed is changed by revising it together, never by one of them answering late.
    if (isFull(book, base, entry)) return "already-bound";
    base.closers.push(entry);
    return state(terms);
  }

  function sign(terms: Terms, by: string, entry: Entry, act: Entry): string {
    if (!terms.signers.includes(by)) return "not-a-party";
    if (hasSigned(book, terms, by, entry)) return "already-signed";
    if (isClosed(book, terms, entry)) return "terms-closed";
    if (terms.signers.some((signer) => membership.hasLeft(signer, terms.entry, entry))) return "party-left";
    terms.signatures.push({ by, entry, act });
    return "effective";
  }

  function judgeAccepted(entry: Entry): string {
    const target = named(entry, "terms") as Entry;
    const terms = byEntry.get(target);
    if (terms !== undefined) return sign(terms, entry.by, entry, entry);
    if (target.type !== "help.offered") return "not-a-party";
    const request = byEntry.get(created) as Terms;
    return isSignatureByOffer(book, request, entry, target)
      ? sign(request, request.debtor, entry, target)
      : "terms-differ";
  }

  function judgePullBack(entry: Entry): string {
    const terms = byEntry.get(named(entry, "terms") as Entry);
    if (terms === undefined) return "not-a-party";
    const isOwn = terms.statedBy === entry.by;
    if (entry.type === "commitment.retracted" && !isOwn) return "not-a-party";
    if (entry.type === "commitment.declined") {
      if (isOwn || !terms.signers.includes(entry.by)) return "not-a-party";
      if (hasSigned(book, terms, entry.by, entry)) return "already-signed";
    }
    if (isClosed(book, terms, entry)) return "terms-closed";
    if (isFull(book, terms, entry)) return "already-bound";
    terms.closers.push(entry);
    return "effective";
  }

  function pullBacks(terms: Terms): Entry[] {
    const leaves = terms.signers.flatMap((signer) =>
      membership
        .leaves(signer)
        .filter((left) => terms.signatures.some(({ by, act }) => by !== signer && areConcurrent(left, act))),
    );
    const retraction = terms.entry === created && helpRetraction !== undefined ? [helpRetraction] : [];
    return [...terms.closers, ...retraction, ...leaves];
  }

  /** Declines and retractions of the base that its counter did not know of. */
  function isOrphan(terms: Terms, entry?: Entry): boolean {
    return (terms.base?.closers ?? []).some(
      (closer) =>
        closer.type !== "commitment.countered" &&
        areConcurrent(closer, terms.entry) &&
        (entry === undefined || has(closer, entry)),
    );
  }

  function isDormant(terms: Terms): boolean {
    return (
      isOrphan(terms) && !terms.answers.some(({ by, kind }) => by === terms.statedBy && kind === "reaffirmed")
    );
  }

  function outcome(terms: Terms, more: readonly Answer[] = []): Outcome {
    const pulled = pullBacks(terms);
    const answers = [...terms.answers, ...more];
    const kinds = pulled.map((pullBack) => answerTo(book, pullBack, answers)?.kind);
    if (isFull(book, terms)) {
      if (kinds.includes("let-go")) return "closed";
      return kinds.includes(undefined) ? "crossed" : "bound";
    }
    if (pulled.length === 0) return isDormant(terms) ? "dormant" : "open";
    if (pulled.some((pullBack) => pullBack !== helpRetraction) || kinds.includes("let-go")) return "closed";
    return kinds.includes(undefined) ? "crossed" : "open";
  }

  /** The terms that `entry` knows to be fully signed. */
  function fullBefore(entry: Entry): Terms[] {
    return all.filter((terms) => isFull(book, terms, entry));
  }

  function judgeAnswer(entry: Entry): string | undefined {
    const terms = byEntry.get(named(entry, "terms") as Entry);
    if (terms === undefined) return undefined;
    const kind = entry.type === "commitment.let-go" ? "let-go" : "reaffirmed";
    const isOwnPullBack = pullBacks(terms).some(
      (pullBack) => pullBack.by === entry.by && has(pullBack, entry),
    );
    const isOwnOrphan = terms.statedBy === entry.by && isOrphan(terms, entry);
    const full = kind === "reaffirmed" && terms.signers.includes(entry.by) ? fullBefore(entry) : [];
    if (!isOwnPullBack && !isOwnOrphan && !(full.length > 1 && full.includes(terms))) return "not-crossed";
    terms.answers.push({ by: entry.by, entry, kind });
    return "effective";
  }

  function judge(entry: Entry): string {
    if (entry.subject === none) return judgeCreated(entry);
    if (entry.type === "commitment.countered") return judgeCountered(entry);
    if (entry.type === "commitment.accepted") return noteReturn(entry, judgeAccepted(entry));
    return judgePullBack(entry);
  }

  /** Who retracted its offer of help and then signs the request all the same has reaffirmed it. */
  function noteReturn(entry: Entry, verdict: string): string {
    const request = all[0];
    const isReturn =
      verdict === "effective" &&
      helpRetraction?.by === entry.by &&
      has(helpRetraction, entry) &&
      named(entry, "terms") === created;
    if (isReturn) request?.answers.push({ by: entry.by, entry, kind: "reaffirmed" });
    return verdict;
  }

  return {
    terms: all,
    judge,
    judgeAnswer,
    pullBacks,
    outcome,
    get isDeclined() {
      return all.some(({ closers }) =>
        closers.some((closer) => closer.type === "commitment.declined" && isValid(verdicts[closer.index])),
      );
    },
  };
}

/** The `help.accepted` that `created` comes from: a request is the entry right after it, so only one can be. */
function findHelp(book: Book, created: Entry): Entry | undefined {
  if (created.type !== "commitment.requested") return undefined;
  const accepted = book.named(created, "origin");
  const isNext = accepted?.log === created.log && accepted.seq + 1 === created.seq;
  return isNext && accepted.type === "help.accepted" && isValid(book.verdicts[accepted.index])
    ? accepted
    : undefined;
}

/** The retraction of the offer of help that crossed the acceptance a request comes from. */
function findHelpRetraction(book: Book, created: Entry): Entry | undefined {
  const accepted = findHelp(book, created);
  if (accepted === undefined || book.verdicts[accepted.index] !== "crossed") return undefined;
  const offer = book.named(accepted, "offer");
  return book.subjects
    .get(accepted.subject)
    ?.find(
      (entry) =>
        entry.type === "help.retracted" &&
        book.verdicts[entry.index] === "effective" &&
        book.named(entry, "offer") === offer &&
        book.areConcurrent(entry, accepted),
    );
}

/** Whether `accepted` may bring `offer` forward as the debtor's own signature under `request`. */
function isSignatureByOffer(book: Book, request: Terms, accepted: Entry, offer: Entry): boolean {
  const help = findHelp(book, request.entry);
  const isAnswered =
    help !== undefined &&
    help.x["part"] === undefined &&
    book.named(help, "offer") === offer &&
    accepted.by === request.entry.by;
  if (!isAnswered) return false;
  const beneficiaries = (offer.x["beneficiaries"] as string[] | undefined) ?? [book.at(offer.subject).by];
  const confirmers = (offer.x["confirmers"] as string[] | undefined) ?? beneficiaries;
  return (
    offer.by === request.debtor &&
    offer.x["due"] === request.due &&
    areSame(beneficiaries, request.beneficiaries) &&
    areSame(confirmers, request.confirmers)
  );
}
