/** A commitment as views and rules see it: plain data, all that the book comes to. */
import type { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import type { Fact } from "../fact.ts";
import { type Fates, fatesOf, type Verdict } from "../verdict.ts";
import { type Act, actsUnder, type Book, hasSigned, type PullBack, type Stated } from "./book.ts";
import { debtorIn } from "./carrying.ts";
import type { Outcome } from "./effects.ts";
import { type UnboundState, unboundState } from "./negotiation.ts";
import { type BoundState, type Performance, performanceIn } from "./performance.ts";
import { everything } from "./scope.ts";
import { answerTo, pullBacksOf, type Standing, standingOf } from "./standing.ts";
import type { CreatingEvent, Terms } from "./terms.ts";

export type CommitmentState = UnboundState | BoundState;

export type StandingTerms = Terms & {
  readonly standing: Standing;
  readonly signed: readonly PartnerId[];
  readonly pullBacks: readonly {
    readonly by: PartnerId;
    readonly how: PullBack["how"];
    readonly entry: Ref;
    readonly answer: "reaffirmed" | "let-go" | null;
  }[];
};

/** Something said about the promise, and when: by the clock of its recording, and as its author states. */
export type Said = {
  readonly ref: Ref;
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly criteria: readonly string[];
  readonly part: number | null;
};

export type Commitment = Fates & {
  readonly ref: Ref;
  readonly kind: "request" | "offer" | "pledge";
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly state: CommitmentState;
  /** Whether anybody is bound (now or until it was closed). */
  readonly bound: boolean;
  /** Who owes it: of the current terms, or whom it was carried to. */
  readonly debtor: PartnerId;
  readonly beneficiaries: readonly Beneficiary[];
  readonly confirmers: readonly PartnerId[];
  readonly due: Day;
  readonly terms: {
    /** Those in force; before any bind: the last open ones, else the first. */
    readonly current: StandingTerms;
    readonly open: readonly StandingTerms[];
    readonly all: readonly StandingTerms[];
  };
  readonly revisions: readonly StandingTerms[];
  readonly confirmations: Performance["confirmations"];
  readonly releasedBy: readonly PartnerId[];
  readonly progress: readonly Said[];
  readonly claims: readonly Said[];
  readonly carryAccepted: readonly {
    readonly ref: Ref;
    readonly by: PartnerId;
    readonly offer: Ref;
    readonly terms: PinnedRef;
  }[];
  readonly flags: {
    /** Something crossed and waits for whoever pulled back. */
    readonly crossed: boolean;
    readonly claimNoted: boolean;
    readonly partConfirmed: boolean;
  };
  readonly origin: Ref | null;
  readonly seat: { readonly initiative: Ref; readonly term: number } | null;
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  /** The entry whose payload holds the title. */
  readonly titledBy: Ref;
};

const kinds = {
  "commitment.requested": "request",
  "commitment.offered": "offer",
  "commitment.pledged": "pledge",
} as const satisfies Record<CreatingEvent["type"], Commitment["kind"]>;

export function commitmentOf(
  book: Book,
  { negotiation, current }: Outcome,
  facts: readonly Fact[],
  verdicts: ReadonlyMap<Ref, Verdict>,
): Commitment {
  const { fact, event } = book.creation;
  const { bound } = negotiation;
  const all = book.stated.map((one) =>
    standing(one, book, negotiation.standings.get(one.terms.pinned) ?? "open"),
  );
  const revisions = book.revisions.map((one) =>
    standing(one, book, standingOfRevision(one.terms, book, current)),
  );
  const open = all.filter((one) => one.standing === "open");
  const inForce = [...all, ...revisions].find((one) => one.pinned === current?.terms.pinned);
  const shown = inForce ?? open.at(-1) ?? all[0] ?? standing(book.creation, book, "open");
  const done = bound === null ? null : performanceIn(book, everything, bound);
  const state = done?.state ?? unboundState(negotiation, book);
  return {
    ref: fact.ref,
    kind: kinds[event.type],
    by: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    state,
    bound: bound !== null,
    debtor: bound === null ? shown.debtor : debtorIn(book, everything, bound),
    beneficiaries: done?.beneficiaries ?? shown.beneficiaries,
    confirmers: done?.confirmers ?? shown.confirmers,
    due: shown.due,
    terms: { current: shown, open, all },
    revisions,
    confirmations: done?.confirmations ?? [],
    releasedBy: done?.releasedBy ?? [],
    progress: bound === null ? [] : actsUnder(book, everything, bound, "commitment.progressed").map(said),
    claims: (done?.claims ?? []).map(said),
    carryAccepted: bound === null ? [] : carryAccepted(book, bound),
    flags: {
      crossed: state === "crossed" || revisions.some((one) => one.standing === "crossed"),
      claimNoted: state === "released" && (done?.claims.length ?? 0) > 0,
      partConfirmed: state !== "satisfied" && done?.confirmations.some((one) => one.as !== null) === true,
    },
    origin: event.x.origin ?? null,
    seat: event.type === "commitment.pledged" ? (event.x.seat ?? null) : null,
    externalId: event.x.externalId ?? null,
    externalStatus: lastExternalStatus(facts, verdicts),
    titledBy: fact.ref,
    ...fatesOf(facts, verdicts),
  };
}

const standing = ({ terms }: Stated, book: Book, how: Standing): StandingTerms => ({
  ...terms,
  standing: how,
  signed: terms.signers.filter((signer) => hasSigned(book, everything, terms.pinned, signer)),
  pullBacks: pullBacksOf(terms, book, everything).map((one) => ({
    by: one.by,
    how: one.how,
    entry: one.fact.ref,
    answer: answerTo(one, terms, book, everything),
  })),
});

/** A revision that binds by itself can still be crossed with another one of its base. */
function standingOfRevision(terms: Terms, book: Book, current: Outcome["current"]): Standing {
  const alone = standingOf(terms, book, everything);
  if (alone !== "bound" || current?.chain.some((one) => one.pinned === terms.pinned) === true) return alone;
  return current?.rivals.some((one) => one.pinned === terms.pinned) === true ? "crossed" : "closed";
}

const said = ({ fact, event }: Act<Extract<Act["event"], { x: { part?: unknown } }>>): Said => ({
  ref: fact.ref,
  by: fact.by,
  at: fact.at[0],
  occurredAt: event.x.occurredAt ?? null,
  criteria: event.x.criteria ?? [],
  part: event.x.part ?? null,
});

const carryAccepted = (book: Book, bound: Terms): Commitment["carryAccepted"] =>
  actsUnder(book, everything, bound, "commitment.carry-accepted").map(({ fact, event }) => ({
    ref: fact.ref,
    by: fact.by,
    offer: event.x.offer,
    terms: event.x.terms,
  }));

function lastExternalStatus(facts: readonly Fact[], verdicts: ReadonlyMap<Ref, Verdict>): string | null {
  const words = facts.flatMap(({ ref, told }) =>
    told.ok && told.event.type !== "log.opened" && verdicts.get(ref)?.effect !== "none"
      ? [told.event.x.externalStatus]
      : [],
  );
  return words.findLast((word) => word !== undefined) ?? null;
}
