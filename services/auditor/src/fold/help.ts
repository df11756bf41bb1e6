/** The machine of a challenge and the help offered to it (fold.md section 5), as far as verdicts go. */
import type { Entry } from "../held.ts";
import { type Acts, addAct, concurrentWith, knowsAny, latestKnown } from "./acts.ts";
import { type Book, isValid, settleAside } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { enter, type Membership } from "./network.ts";
import { openRoll } from "./roll.ts";

/** An offer of help that counts, and what was said to it. */
type Offer = {
  readonly entry: Entry;
  readonly accepts: Acts;
  readonly declines: Acts;
  readonly retractions: Acts;
};

/** Gives every entry about the challenge that `entries[0]` created its verdict. */
export function foldChallenge(book: Book, membership: Membership, entries: readonly Entry[]): void {
  const { verdicts, named } = book;
  const shared = entries[0] as Entry;
  const owner = shared.by;
  const roll = openRoll(book);
  /** Effective `resolved` and `reopened`. */
  const turns: Acts = [];
  /** Offers that count, by index. */
  const offers = new Map<number, Offer>();
  const accepts: { readonly entry: Entry; readonly offer: Offer }[] = [];

  function offerOf(entry: Entry): Offer | undefined {
    const offer = offers.get(named(entry, "offer")?.index ?? -1);
    return offer !== undefined && book.knows(entry, offer.entry) ? offer : undefined;
  }
  function isResolved(entry: Entry): boolean {
    return latestKnown(book, turns, entry)?.type === "challenge.resolved";
  }

  function judgeTurn(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    if (isResolved(entry) === (entry.type === "challenge.resolved")) return "wrong-state";
    addAct(turns, entry);
    return "effective";
  }

  function judgeOffered(entry: Entry): string {
    if (entry.by === owner) return "own-challenge";
    if (isResolved(entry)) return "challenge-resolved";
    offers.set(entry.index, { entry, accepts: [], declines: [], retractions: [] });
    return "effective";
  }

  function judgeRetracted(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.entry.by !== entry.by) return "not-the-offerer";
    if (knowsAny(book, offer.retractions, entry) || knowsAny(book, offer.accepts, entry))
      return "offer-closed";
    addAct(offer.retractions, entry);
    book.helpRetractions.set(offer.entry.index, offer.retractions);
    return "effective";
  }

  function judgeAnswer(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    const offer = offerOf(entry);
    if (offer === undefined) return "offer-closed";
    if (knowsAny(book, offer.accepts, entry) || knowsAny(book, offer.declines, entry)) return "offer-closed";
    if (knowsAny(book, offer.retractions, entry)) return "offer-retracted";
    addAct(entry.type === "help.accepted" ? offer.accepts : offer.declines, entry);
    if (entry.type === "help.accepted") accepts.push({ entry, offer });
    return "effective";
  }

  function judge(entry: Entry): string {
    const type = entry.type as EventOf<"challenge" | "help">;
    switch (type) {
      case "challenge.shared":
        return "effective";
      case "challenge.acknowledged":
        return entry.by === owner ? "own-challenge" : "effective";
      case "challenge.resolved":
      case "challenge.reopened":
        return judgeTurn(entry);
      case "help.offered":
        return judgeOffered(entry);
      case "help.retracted":
        return judgeRetracted(entry);
      case "help.accepted":
      case "help.thanked-declined":
        return judgeAnswer(entry);
    }
  }

  for (const entry of entries) {
    if (!enter(book, membership, roll, entry)) continue;
    const verdict = judge(entry);
    verdicts[entry.index] = verdict;
    if (isValid(verdict)) roll.add(entry);
  }
  book.sight.close(entries);
  for (const { entry, offer } of accepts) {
    if (concurrentWith(book, offer.retractions, entry, undefined).length > 0)
      verdicts[entry.index] = "crossed";
  }
  settleAside(book, entries);
}
