/** Requests that come from an accepted offer of help, and the offer as its author's signature (fold.md section 6.1). */
import type { Entry } from "../held.ts";
import { concurrentWith } from "./acts.ts";
import { type Book, isValid } from "./book.ts";
import { areSame, type Terms } from "./terms.ts";

/** The `help.accepted` that `created` comes from: a request is the entry right after it, so only one can be. */
function findHelp(book: Book, created: Entry): Entry | undefined {
  if (created.type !== "commitment.requested") return undefined;
  const accepted = book.named(created, "origin");
  const isNext =
    accepted !== undefined &&
    book.held.logs[accepted.log]?.log === book.held.logs[created.log]?.log &&
    accepted.seq + 1 === created.seq;
  return isNext && accepted.type === "help.accepted" && isValid(book.verdicts[accepted.index])
    ? accepted
    : undefined;
}

/** The retractions of the offer of help that crossed the acceptance a request comes from. */
export function findHelpRetractions(book: Book, created: Entry): readonly Entry[] {
  const accepted = findHelp(book, created);
  if (accepted === undefined) return [];
  const retractions = book.helpRetractions.get(book.named(accepted, "offer")?.index ?? -1);
  return retractions === undefined ? [] : concurrentWith(book, retractions, accepted, undefined);
}

/** Whether `accepted` may bring `offer` forward as the debtor's own signature under `request`. */
export function isSignatureByOffer(book: Book, request: Terms, accepted: Entry, offer: Entry): boolean {
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
