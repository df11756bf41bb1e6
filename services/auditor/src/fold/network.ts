/**
 * The network's machine (fold.md section 3): who is a member where. Everything here depends on pasts alone, so what it
 * says never changes when more is learned.
 */
import type { Entry } from "../held.ts";
import { none } from "../held.ts";
import { type Book, isValid } from "./book.ts";

export type Membership = {
  /** Whether `partner` was an active member in the past of `entry`. */
  isActive(partner: string, entry: Entry): boolean;
  /** The effective `member.left` of a partner, in order of visiting. */
  leaves(partner: string): readonly Entry[];
  /** Whether `partner` left outside the past of `since`: now (no `entry`), or as far as the past of `entry` knows. */
  hasLeft(partner: string, since: Entry, entry?: Entry): boolean;
};

/** Gives every network entry its verdict. */
export function foldNetwork(book: Book): Membership {
  const { verdicts, held } = book;
  const founders = new Set(held.founders);
  /** Effective `charter.attested` and `member.left` of each partner, in order of visiting. */
  const acts = new Map<string, Entry[]>();
  /** Effective votes by sponsorship. */
  const votes = new Map<number, Entry[]>();
  const nobody: readonly Entry[] = [];

  function latest(partner: string, entry: Entry): Entry | undefined {
    return (acts.get(partner) ?? nobody).findLast((act) => book.has(act, entry));
  }
  function isActive(partner: string, entry: Entry): boolean {
    return latest(partner, entry)?.type === "charter.attested";
  }

  /** E of a sponsorship: founders and partners active in its past, without those that left. */
  function electorate(sponsorship: Entry): ReadonlySet<string> {
    const electors = new Set<string>();
    for (const partner of founders) {
      if (latest(partner, sponsorship)?.type !== "member.left") electors.add(partner);
    }
    for (const partner of acts.keys()) if (isActive(partner, sponsorship)) electors.add(partner);
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
    const yes = (votes.get(sponsorship.index) ?? nobody).filter(
      (vote) => vote.x["yes"] && book.has(vote, entry),
    );
    if (new Set(yes.map(({ by }) => by)).size < majority) return "not-endorsed";
    return isActive(entry.by, entry) ? "already-a-member" : "effective";
  }

  function judgeEndorsed(entry: Entry): string {
    const sponsorship = book.at(entry.subject);
    if (book.named(entry, "opening") !== sponsorship) return "wrong-opening";
    if (!electorate(sponsorship).has(entry.by)) return "not-an-elector";
    const before = votes.get(sponsorship.index) ?? [];
    if (before.some((vote) => vote.by === entry.by && book.has(vote, entry))) return "already-voted";
    votes.set(sponsorship.index, [...before, entry]);
    return "effective";
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
    if (entry.type === "charter.attested") return judgeAttested(entry);
    if (!isActive(entry.by, entry)) return "not-a-member";
    if (entry.type === "member.endorsed") return judgeEndorsed(entry);
    if (entry.type === "member.left") return judgeLeft(entry);
    return isActive(entry.x["root"] as string, entry) ? "already-a-member" : "effective";
  }

  for (const entry of book.network) {
    if (verdicts[entry.index] !== undefined) continue;
    const verdict = judge(entry);
    verdicts[entry.index] = verdict;
    if (verdict !== "effective") continue;
    if (entry.type !== "charter.attested" && entry.type !== "member.left") continue;
    acts.set(entry.by, [...(acts.get(entry.by) ?? []), entry]);
  }

  function leaves(partner: string): readonly Entry[] {
    return (acts.get(partner) ?? nobody).filter(({ type }) => type === "member.left");
  }
  return {
    isActive,
    leaves,
    hasLeft: (partner, since, entry) =>
      leaves(partner).some(
        (left) => !book.has(left, since) && left !== since && (entry === undefined || book.has(left, entry)),
      ),
  };
}

/**
 * The questions that every entry about a thing must pass before its machine is asked: no verdict yet, the thing was
 * created with effect, its author was a member. Answers whether to ask on; else the verdict is given.
 */
export function enter(book: Book, membership: Membership, entry: Entry): boolean {
  const { verdicts } = book;
  if (verdicts[entry.index] !== undefined) return false;
  if (entry.subject !== none && !isValid(verdicts[entry.subject])) verdicts[entry.index] = "wrong-subject";
  else if (!membership.isActive(entry.by, entry)) verdicts[entry.index] = "not-a-member";
  else return true;
  return false;
}
