/** State as of a moment, told in rows (fold.md section 8): a pure function of the entries in the bundle. */
import { type Book, type Cut, initiativeOf, isAside, openBook } from "./fold/book.ts";
import { type Commitment, foldCommitment } from "./fold/commitment.ts";
import { isOfNetwork } from "./fold/contract.ts";
import { foldConversation } from "./fold/conversation.ts";
import { foldChallenge } from "./fold/help.ts";
import { foldInitiative } from "./fold/initiative.ts";
import { foldNetwork } from "./fold/network.ts";
import { type Entry, entriesAt, entryAt, type Held, hashOf, none } from "./held.ts";
import { isPartnerId } from "./multikey.ts";
import { createPast } from "./past.ts";
import type { OnProgress } from "./progress.ts";
import { parseRef } from "./ref.ts";
import { partnerNames } from "./shown-names.ts";

export type InitiativeRow = {
  readonly kind: "initiative";
  readonly id: string;
  readonly externalId?: string;
  readonly title: string | null;
  readonly lead: string | null;
  readonly participants: readonly string[];
  readonly status: string;
  readonly externalStatus?: string;
  readonly term: number;
  readonly aside?: Aside;
};

export type CommitmentRow = {
  readonly kind: "commitment";
  readonly id: string;
  readonly externalId?: string;
  readonly initiative?: string;
  readonly title: string | null;
  readonly debtor: string;
  readonly beneficiaries: readonly string[];
  readonly due: string;
  readonly state: string;
  /** How it looks at that moment, which is not part of its state. */
  readonly view?: View;
  readonly aside?: Aside;
};

export type ConversationRow = {
  readonly kind: "conversation";
  readonly id: string;
  readonly as: string;
  readonly by: string;
  readonly about?: string;
  readonly entries: number;
  readonly questions: readonly { readonly id: string; readonly by: string; readonly state: string }[];
  readonly acks: readonly { readonly id: string; readonly given: readonly (readonly [string, string])[] }[];
  readonly aside?: Aside;
};

/** Of a thing whose creating entry is set aside. */
type Aside = "quarantined" | "stranded";

/** `overdue`: active, and its day over for longer than the grace; `presumed`: claimed, and not answered in time. */
type View = "overdue" | "presumed";

export type Row = InitiativeRow | CommitmentRow | ConversationRow;

/** What the fold made of one entry: `effective`, `crossed`, or why it has no effect. */
export type VerdictRow = {
  readonly kind: "entry";
  readonly id: string;
  readonly by: string;
  readonly type: string;
  /** The network's id, or the ref of the entry that created what it is about; null where that is not in the bundle. */
  readonly subject: string | null;
  readonly verdict: string;
  /** Of an entry in doubt that stands: the first entries of other partners that were written on top of it. */
  readonly reliedOnBy?: readonly string[];
};

export type Replay = {
  readonly rows: readonly Row[];
  /** Every entry inside the cut, in fold order; of one subject when its ref is given. */
  verdicts(subject?: string): Generator<VerdictRow>;
  /** The title of what a ref names. */
  titleOf(ref: string): string | undefined;
  /** What people call it: its external id and title, as far as it has them. */
  nameOf(ref: string): string | undefined;
};

/** Folds what a verification kept, up to the cut. */
export function replay(held: Held, cut: Cut, onProgress?: OnProgress): Replay {
  const book = openBook(held, createPast(held), cut);
  const membership = foldNetwork(book);
  const name = partnerNames(held, book);
  const initiatives: Row[] = [];
  const commitments: Row[] = [];
  const conversations: Row[] = [];
  const {
    initiative: ofInitiatives,
    challenge: ofChallenges,
    commitment: ofCommitments,
    conversation: ofConversations,
  } = book.things;
  const things = ofInitiatives.length + ofChallenges.length + ofCommitments.length + ofConversations.length;
  let folded = 0;
  const foldedOne = () => {
    if (++folded % progressEvery === 0 || folded === things) onProgress?.("folding", folded, things);
  };

  for (const entries of ofInitiatives) {
    foldedOne();
    const initiative = foldInitiative(book, membership, entries);
    if (initiative === undefined) continue;
    const { lead, participants, status, externalStatus, term } = initiative;
    initiatives.push({
      kind: "initiative",
      ...identity(book, entries[0] as Entry),
      title: titleOf(held, entries[0] as Entry),
      lead: lead === undefined ? null : name(lead),
      participants: participants.map(name).sort(),
      status,
      ...(externalStatus !== undefined && { externalStatus }),
      term,
      ...asideOf(book, entries[0] as Entry),
    });
  }
  for (const entries of ofChallenges) {
    foldedOne();
    foldChallenge(book, membership, entries);
  }
  for (const entries of ofCommitments) {
    foldedOne();
    const commitment = foldCommitment(book, membership, entries);
    if (commitment === undefined) continue;
    const { debtor, beneficiaries, due, state } = commitment;
    const view = viewOf(held, commitment, cut.asOf);
    const created = entries[0] as Entry;
    const initiative = initiativeNamed(book, created);
    commitments.push({
      kind: "commitment",
      ...identity(book, created),
      ...(initiative !== undefined && { initiative }),
      title: titleOf(held, created) ?? titleOfOffer(held, book, created),
      debtor: name(debtor),
      beneficiaries: beneficiaries
        .filter((to) => to === "network" || isPartnerId(to))
        .map(name)
        .sort(),
      due,
      state,
      ...(view !== undefined && { view }),
      ...asideOf(book, created),
    });
  }
  for (const entries of ofConversations) {
    foldedOne();
    const conversation = foldConversation(book, membership, entries);
    if (conversation === undefined) continue;
    const { about, questions, acks } = conversation;
    conversations.push({
      kind: "conversation",
      id: book.refOf(entries[0] as Entry),
      as: conversation.as,
      by: name(conversation.by),
      ...(about !== undefined && { about }),
      entries: conversation.entries,
      questions: questions.map(({ entry, state }) => ({ id: book.refOf(entry), by: name(entry.by), state })),
      acks: acks.map(({ entry, given }) => ({
        id: book.refOf(entry),
        given: [...given].map(([by, as]) => [name(by), as] as const).sort(byName),
      })),
      ...asideOf(book, entries[0] as Entry),
    });
  }
  return {
    rows: [...initiatives, ...commitments, ...conversations],
    verdicts: (subject) => verdictRows(book, subject),
    titleOf: (ref) => held.titles.get(entryOf(held, ref)?.index ?? -1),
    nameOf(ref) {
      const entry = entryOf(held, ref);
      const names = [entry?.x["externalId"], held.titles.get(entry?.index ?? -1)];
      return names.filter((name) => typeof name === "string").join(" ") || undefined;
    },
  };
}

const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1;

/** How many things are folded between two words of progress. */
const progressEvery = 1000;
const dayMs = 86_400_000;

function viewOf(held: Held, { state, due, claim }: Commitment, asOf: number): View | undefined {
  const { graceDays, confirmWindowDays } = held.charter.patience;
  if (state === "active" && asOf >= Date.parse(due) + (1 + graceDays) * dayMs) return "overdue";
  if (state !== "claimed" || claim === undefined) return undefined;
  // Counted from when it was written: it could not be answered before.
  return asOf >= (held.atMs[claim.index] as number) + confirmWindowDays * dayMs ? "presumed" : undefined;
}

/** The entry that a ref names, if it is in the bundle. */
export function entryOf(held: Held, text: string): Entry | undefined {
  const ref = parseRef(text);
  const main = held.logIndex.get(ref?.log ?? "");
  if (ref === undefined || main === undefined) return undefined;
  const index =
    ref.hash === undefined
      ? entryAt(held, main, ref.seq)
      : entriesAt(held, ref.log, ref.seq).find((one) => hashOf(held, one) === ref.hash);
  return held.entries[index ?? -1];
}

function reliedOn(book: Book, entry: Entry): { reliedOnBy?: readonly string[] } {
  const reliers = entry.isDoubtful === true ? book.sight.standsBy(entry) : [];
  return reliers.length === 0 ? {} : { reliedOnBy: reliers.map(book.refOf) };
}

function asideOf({ verdicts }: Book, { index }: Entry): { aside?: Aside } {
  const verdict = verdicts[index];
  return isAside(verdict) ? { aside: verdict } : {};
}

function identity(book: Book, entry: Entry): { id: string; externalId?: string } {
  const { externalId } = entry.x;
  const id = book.refOf(entry);
  return typeof externalId === "string" ? { id, externalId } : { id };
}

function titleOf(held: Held, entry: Entry): string | null {
  return held.titles.get(entry.index) ?? null;
}

/** What was asked for in the words of an offer of help is told in them. */
function titleOfOffer(held: Held, book: Book, created: Entry): string | null {
  const accepted = book.named(created, "origin");
  const offer = accepted?.type === "help.accepted" ? book.named(accepted, "offer") : undefined;
  return offer?.type === "help.offered" ? titleOf(held, offer) : null;
}

/** The initiative a commitment belongs to: of the seat, else a beneficiary, else where it came from. */
function initiativeNamed(book: Book, created: Entry): string | undefined {
  const { type, x } = created;
  const seat = type === "commitment.pledged" ? initiativeOf(x["seat"]) : undefined;
  const candidates = [seat, ...(x["beneficiaries"] as string[]), x["origin"]];
  for (const ref of candidates) {
    const named = book.initiativeNamed(ref, created);
    if (named !== undefined) return named;
  }
  return undefined;
}

function* verdictRows(book: Book, subject: string | undefined): Generator<VerdictRow> {
  for (const index of book.past.order) {
    if (!book.isInside(index)) continue;
    const entry = book.at(index);
    const about = subjectOf(book, entry);
    if (subject !== undefined && about !== subject) continue;
    yield {
      kind: "entry",
      id: book.refOf(entry),
      by: entry.by,
      type: entry.type,
      subject: about,
      // About nothing that was ever created, so no machine took it up.
      verdict: book.verdicts[index] ?? "wrong-subject",
      ...reliedOn(book, entry),
    };
  }
}

function subjectOf(book: Book, entry: Entry): string | null {
  if (isOfNetwork(entry.type)) return book.held.manifest.net;
  if (entry.subject === none) return book.refOf(entry);
  return entry.subject < 0 ? null : book.refOf(book.at(entry.subject));
}
