/** The machine of a challenge and the help offered to it (fold.md section 5), as far as verdicts go. */
import type { Entry } from "../held.ts";
import { type Book, isValid } from "./book.ts";
import { enter, type Membership } from "./network.ts";

/** Gives every entry about the challenge that `entries[0]` created its verdict. */
export function foldChallenge(book: Book, membership: Membership, entries: readonly Entry[]): void {
  const { verdicts, named, has, areConcurrent } = book;
  const shared = entries[0] as Entry;
  const owner = shared.by;
  /** Effective `resolved` and `reopened`, in order of visiting. */
  const turns: Entry[] = [];
  const accepts: Entry[] = [];
  const answered = new Map<Entry, Entry>();
  const retracted = new Map<Entry, Entry>();

  function offerOf(entry: Entry): Entry | undefined {
    const offer = named(entry, "offer");
    const isHere = offer?.type === "help.offered" && offer.subject === shared.index;
    return isHere && isValid(verdicts[offer.index]) ? offer : undefined;
  }

  function judgeTurn(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    const isResolved = turns.at(-1)?.type === "challenge.resolved";
    if (isResolved === (entry.type === "challenge.resolved")) return "wrong-state";
    turns.push(entry);
    return "effective";
  }

  function judgeOffered(entry: Entry): string {
    if (entry.by === owner) return "own-challenge";
    const turn = turns.findLast((act) => has(act, entry));
    return turn?.type === "challenge.resolved" ? "challenge-resolved" : "effective";
  }

  function judgeRetracted(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.by !== entry.by) return "not-the-offerer";
    if (retracted.has(offer)) return "offer-closed";
    const answer = answered.get(offer);
    if (answer?.type === "help.accepted" && has(answer, entry)) return "offer-closed";
    retracted.set(offer, entry);
    return "effective";
  }

  function judgeAnswer(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    const offer = offerOf(entry);
    if (offer === undefined || answered.has(offer)) return "offer-closed";
    const pulled = retracted.get(offer);
    if (pulled !== undefined && has(pulled, entry)) return "offer-retracted";
    answered.set(offer, entry);
    if (entry.type === "help.accepted") accepts.push(entry);
    return "effective";
  }

  function judge(entry: Entry): string {
    switch (entry.type) {
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
      default:
        return judgeAnswer(entry);
    }
  }

  for (const entry of entries) {
    if (enter(book, membership, entry)) verdicts[entry.index] = judge(entry);
  }
  for (const accept of accepts) {
    const pulled = retracted.get(named(accept, "offer") as Entry);
    if (pulled !== undefined && areConcurrent(pulled, accept)) verdicts[accept.index] = "crossed";
  }
}
