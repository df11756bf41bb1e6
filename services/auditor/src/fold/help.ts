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
  const declines: Entry[] = [];
  const retractions: Entry[] = [];

  function offerOf(entry: Entry): Entry | undefined {
    const offer = named(entry, "offer");
    const isHere = offer?.type === "help.offered" && offer.subject === shared.index;
    return isHere && isValid(verdicts[offer.index]) ? offer : undefined;
  }

  /** Whether one of `acts` about this offer is in the past of `entry`. */
  function isAmong(acts: readonly Entry[], offer: Entry, entry: Entry): boolean {
    return acts.some((act) => named(act, "offer") === offer && has(act, entry));
  }
  function isResolved(entry: Entry): boolean {
    return turns.findLast((act) => has(act, entry))?.type === "challenge.resolved";
  }

  function judgeTurn(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    if (isResolved(entry) === (entry.type === "challenge.resolved")) return "wrong-state";
    turns.push(entry);
    return "effective";
  }

  function judgeOffered(entry: Entry): string {
    if (entry.by === owner) return "own-challenge";
    return isResolved(entry) ? "challenge-resolved" : "effective";
  }

  function judgeRetracted(entry: Entry): string {
    const offer = offerOf(entry);
    if (offer === undefined || offer.by !== entry.by) return "not-the-offerer";
    if (isAmong([...retractions, ...accepts], offer, entry)) return "offer-closed";
    retractions.push(entry);
    return "effective";
  }

  function judgeAnswer(entry: Entry): string {
    if (entry.by !== owner) return "not-the-owner";
    const offer = offerOf(entry);
    if (offer === undefined || isAmong([...accepts, ...declines], offer, entry)) return "offer-closed";
    if (isAmong(retractions, offer, entry)) return "offer-retracted";
    (entry.type === "help.accepted" ? accepts : declines).push(entry);
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
    const offer = named(accept, "offer");
    const isPulled = retractions.some((one) => named(one, "offer") === offer && areConcurrent(one, accept));
    if (isPulled) verdicts[accept.index] = "crossed";
  }
}
