/** State as of a moment, told in rows (fold.md section 8): a pure function of the entries in the bundle. */
import { type Book, type Cut, initiativeOf, openBook } from "./fold/book.ts";
import { foldCommitment } from "./fold/commitment.ts";
import { foldChallenge } from "./fold/help.ts";
import { foldInitiative } from "./fold/initiative.ts";
import { foldNetwork } from "./fold/network.ts";
import type { Entry, Held } from "./held.ts";
import { isPartnerId } from "./multikey.ts";
import { createPast } from "./past.ts";

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
};

export type Row = InitiativeRow | CommitmentRow;

/** What the fold made of one entry: `effective`, `crossed`, or why it has no effect. */
export type VerdictRow = {
  readonly kind: "entry";
  readonly id: string;
  readonly by: string;
  readonly type: string;
  readonly verdict: string;
};

export type Replay = { readonly rows: readonly Row[]; verdicts(): VerdictRow[] };

/** Folds what a verification kept, up to the cut. */
export function replay(held: Held, cut: Cut): Replay {
  const book = openBook(held, createPast(held), cut);
  const membership = foldNetwork(book);
  const name = partnerNames(held);
  const initiatives: Row[] = [];
  const commitments: Row[] = [];

  for (const entries of book.things.initiative) {
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
    });
  }
  for (const entries of book.things.challenge) foldChallenge(book, membership, entries);
  for (const entries of book.things.commitment) {
    const commitment = foldCommitment(book, membership, entries);
    if (commitment === undefined) continue;
    const { debtor, beneficiaries, due, state } = commitment;
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
    });
  }
  return { rows: [...initiatives, ...commitments], verdicts: () => verdictRows(book) };
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
function initiativeNamed(book: Book, { type, x }: Entry): string | undefined {
  const seat = type === "commitment.pledged" ? initiativeOf(x["seat"]) : undefined;
  const candidates = [seat, ...(x["beneficiaries"] as string[]), x["origin"]];
  return candidates.find((ref): ref is string => book.isInitiative(ref));
}

/** Names for people. Two partners of one name are told apart by the end of their ids. */
function partnerNames(held: Held): (partner: string) => string {
  const names = new Map<string, string>();
  for (const { by, opened } of held.logs) if (opened !== undefined) names.set(by, opened.name);
  const holders = new Map<string, number>();
  for (const name of names.values()) holders.set(name, (holders.get(name) ?? 0) + 1);
  return (partner) => {
    const name = names.get(partner);
    if (name === undefined) return partner;
    return (holders.get(name) ?? 0) > 1 ? `${name}#${partner.slice(-6)}` : name;
  };
}

function verdictRows(book: Book): VerdictRow[] {
  const rows: VerdictRow[] = [];
  for (const index of book.past.order) {
    const verdict = book.verdicts[index];
    const entry = book.at(index);
    if (book.isInside(index)) {
      rows.push({
        kind: "entry",
        id: book.refOf(entry),
        by: entry.by,
        type: entry.type,
        // About nothing that was ever created, so no machine took it up.
        verdict: verdict ?? "wrong-subject",
      });
    }
  }
  return rows;
}
