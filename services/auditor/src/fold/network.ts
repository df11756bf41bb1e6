/**
 * The network's machine (fold.md section 3): who is a member where. Everything here depends on pasts alone, so what it
 * says never changes when more is learned.
 */
import type { Entry } from "../held.ts";
import { none } from "../held.ts";
import { type Acts, addAct, firstPlace, knowsAny, latestKnown } from "./acts.ts";
import { type Book, isValid, settleAside } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { provenFrom } from "./fork.ts";
import type { Roll } from "./roll.ts";

export type Membership = {
  /** Whether `partner` was an active member in the past of `entry`. */
  isActive(partner: string, entry: Entry): boolean;
  /** The effective `member.left` of a partner. */
  leaves(partner: string): Acts;
  /** Whether `partner` left outside the past of `since`: now (no `entry`), or as far as the past of `entry` knows. */
  hasLeft(partner: string, since: Entry, entry?: Entry): boolean;
};

/** Gives every network entry its verdict. */
export function foldNetwork(book: Book): Membership {
  const { verdicts, held } = book;
  const founders = new Set(held.founders);
  const nothing: Acts = [];
  /** Effective `charter.attested` and `member.left` by partner, and the `member.left` alone. */
  const presence = new Map<string, Acts>();
  const departures = new Map<string, Acts>();
  /** Effective votes by sponsorship. */
  const votes = new Map<number, Acts>();
  const electorates = new Map<number, ReadonlySet<string>>();

  function latest(partner: string, entry: Entry): Entry | undefined {
    return latestKnown(book, presence.get(partner) ?? nothing, entry);
  }
  function isActive(partner: string, entry: Entry): boolean {
    return latest(partner, entry)?.type === "charter.attested";
  }

  /** E of a sponsorship: founders and partners active in its past, without those that left. */
  function electorate(sponsorship: Entry): ReadonlySet<string> {
    const known = electorates.get(sponsorship.index);
    if (known !== undefined) return known;
    const electors = new Set<string>();
    for (const partner of founders) {
      if (latest(partner, sponsorship)?.type !== "member.left") electors.add(partner);
    }
    for (const partner of presence.keys()) if (isActive(partner, sponsorship)) electors.add(partner);
    electorates.set(sponsorship.index, electors);
    return electors;
  }

  function judgeAttested(entry: Entry): string {
    const isCharter = entry.x["charter"] === held.manifest.net;
    if (entry.subject === none) {
      if (!founders.has(entry.by)) return "not-a-founder";
      if (!isCharter) return "wrong-charter";
      return isActive(entry.by, entry) ? "already-a-member" : "effective";
    }
    const sponsorship = book.at(entry.subject);
    const log = held.logs[entry.log]?.log;
    if (entry.by !== sponsorship.x["root"] || log !== sponsorship.x["log"]) return "not-the-candidate";
    if (!isCharter) return "wrong-charter";
    const majority = Math.floor(electorate(sponsorship).size / 2) + 1;
    if (countYes(sponsorship, entry) < majority) return "not-endorsed";
    return isActive(entry.by, entry) ? "already-a-member" : "effective";
  }

  function judgeEndorsed(entry: Entry): string {
    const sponsorship = book.at(entry.subject);
    if (book.named(entry, "opening") !== sponsorship) return "wrong-opening";
    if (!electorate(sponsorship).has(entry.by)) return "not-an-elector";
    const before = votes.get(sponsorship.index) ?? [];
    if (knowsAny(book, before, entry, entry.by)) return "already-voted";
    votes.set(sponsorship.index, before);
    addAct(before, entry);
    return "effective";
  }

  /** How many partners said yes to a sponsorship, as far as `entry` knows. */
  function countYes(sponsorship: Entry, entry: Entry): number {
    const partners = new Set<string>();
    for (const part of votes.get(sponsorship.index) ?? nothing) {
      if (part.some((vote) => vote.x["yes"] && book.knows(entry, vote))) partners.add((part[0] as Entry).by);
    }
    return partners.size;
  }

  function judgeLeft(entry: Entry): string {
    const attested = latest(entry.by, entry);
    const membership = attested?.subject === none ? attested.index : attested?.subject;
    return entry.subject === membership ? "effective" : "wrong-subject";
  }

  function judge(entry: Entry): string {
    if (entry.subject >= 0) {
      const creator = book.at(entry.subject);
      const isOfMember = entry.type === "member.left" || creator.type === "member.sponsored";
      if (!isOfMember || !isValid(verdicts[entry.subject])) return "wrong-subject";
    }
    const type = entry.type as EventOf<"charter" | "member" | "fork">;
    if (type === "charter.attested") return judgeAttested(entry);
    if (type === "fork.proven")
      return provenFrom(held, book.past, entry) === undefined ? "not-proven" : "effective";
    if (!isActive(entry.by, entry)) return "not-a-member";
    switch (type) {
      case "member.sponsored":
        return isActive(entry.x["root"] as string, entry) ? "already-a-member" : "effective";
      case "member.endorsed":
        return judgeEndorsed(entry);
      case "member.left":
        return judgeLeft(entry);
    }
  }

  for (const entry of book.network) {
    if (verdicts[entry.index] !== undefined) continue;
    book.sight.enter(entry);
    const verdict = judge(entry);
    verdicts[entry.index] = verdict;
    if (verdict !== "effective" || entry.type === "fork.proven") continue;
    book.sight.note(entry);
    if (entry.type === "charter.attested" || entry.type === "member.left") note(presence, entry);
    if (entry.type === "member.left") note(departures, entry);
  }

  settleAside(
    book,
    book.network.filter(({ type }) => type.startsWith("charter.") || type.startsWith("member.")),
  );

  function note(acts: Map<string, Acts>, entry: Entry): void {
    const ofPartner = acts.get(entry.by) ?? [];
    acts.set(entry.by, ofPartner);
    addAct(ofPartner, entry);
  }

  function leaves(partner: string): Acts {
    return departures.get(partner) ?? nothing;
  }
  return {
    isActive,
    leaves,
    hasLeft: (partner, since, entry) =>
      leaves(partner).some((part) => {
        const left = part[firstPlace(part, (act) => act !== since && !book.has(act, since))];
        return left !== undefined && book.knows(entry, left);
      }),
  };
}

/**
 * The questions that every entry about a thing must pass before its machine is asked: no verdict yet, the thing was
 * created with effect, its author was a member, the subject has room. Answers whether to ask on; else the verdict is
 * given.
 */
export function enter(book: Book, membership: Membership, roll: Roll, entry: Entry): boolean {
  const { verdicts } = book;
  if (verdicts[entry.index] !== undefined) return false;
  book.sight.enter(entry);
  if (entry.subject !== none && !isValid(verdicts[entry.subject])) verdicts[entry.index] = "wrong-subject";
  else if (!membership.isActive(entry.by, entry)) verdicts[entry.index] = "not-a-member";
  else return hasRoom(book, roll, entry);
  return false;
}

/** Whether the subject has room for one more entry, as far as `entry` knows; else the verdict is given. */
export function hasRoom(book: Book, roll: Roll, entry: Entry): boolean {
  if (!roll.isFullFor(entry)) return true;
  book.verdicts[entry.index] = "subject-full";
  return false;
}
