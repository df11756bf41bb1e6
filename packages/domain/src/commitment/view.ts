/** A commitment as views and decisions see it: plain data, all that its entries come to. */
import type { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { compareFacts } from "../fact.ts";
import type { Fold } from "../kernel/fold.ts";
import type { Counted } from "../kernel/machine.ts";
import {
  beneficiariesIn,
  confirmersIn,
  debtorIn,
  disputes,
  openPerformance,
  stateIn,
} from "./performance.ts";
import type { CommitmentState, UnboundState } from "./stages.ts";
import {
  currentFrom,
  type How,
  hasSigned,
  type PullBack,
  type Standing,
  type Stated,
  settledIn,
  standingOf,
} from "./standing.ts";
import type { CommitmentState as Folded, Under } from "./state.ts";
import type { CreatingEvent, Terms } from "./terms.ts";

export type StandingTerms = Terms & {
  readonly standing: Standing;
  readonly signed: readonly PartnerId[];
  readonly pullBacks: readonly {
    readonly by: PartnerId;
    readonly how: How;
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

export type Commitment = {
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
  /** What each confirmer said. */
  readonly confirmations: readonly {
    readonly by: PartnerId;
    readonly as: "full" | "partial" | null;
    readonly disputes: boolean;
  }[];
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
    /** Something crossed and waits for the party that pulled back. */
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

export function commitmentOf(fold: Fold<Folded>): Commitment | null {
  const { whole } = fold;
  if (whole === null) return null;
  const { fact, event } = whole.creation;
  const counting = fold.counting();
  const { chosen: bound } = settledIn(whole);
  const current = bound === null ? null : currentFrom(bound, whole);
  const all = inOrder(whole.stated.values()).map((one) => shown(one, whole));
  const revisions = inOrder(whole.revisions.values()).map((one) => shown(one, whole));
  const open = all.filter((one) => one.standing === "open");
  const inForce = [...all, ...revisions].find((one) => one.pinned === current?.terms.pinned);
  const terms = inForce ?? open.at(-1) ?? (all[0] as StandingTerms);
  const done = whole.performances.get(bound?.terms.pinned ?? "") ?? openPerformance();
  const state = bound === null ? unboundState(all, open, counting) : stateIn(done, bound.terms);
  const under = (type: Counted["event"]["type"]): readonly Counted[] =>
    bound === null
      ? []
      : counting.filter((one) => one.event.type === type && (one.note as Under).under === bound.terms.pinned);
  const confirmations =
    bound === null
      ? []
      : confirmersIn(done, bound.terms).map((by) => ({
          by,
          as: done.confirmed.get(by) ?? null,
          disputes: disputes(done, by),
        }));
  const claims = under("commitment.claimed").map(said);
  return {
    ref: fact.ref,
    kind: kinds[event.type],
    by: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    state,
    bound: bound !== null,
    debtor: bound === null ? terms.debtor : debtorIn(done, bound.terms).debtor,
    beneficiaries: bound === null ? terms.beneficiaries : beneficiariesIn(done, bound.terms),
    confirmers: bound === null ? terms.confirmers : confirmersIn(done, bound.terms),
    due: terms.due,
    terms: { current: terms, open, all },
    revisions,
    confirmations,
    releasedBy: under("commitment.released").map((one) => one.fact.by),
    progress: under("commitment.progressed").map(said),
    claims,
    carryAccepted: under("commitment.carry-accepted").flatMap(({ fact: { ref, by }, event: accept }) =>
      accept.type === "commitment.carry-accepted"
        ? [{ ref, by, offer: accept.x.offer, terms: accept.x.terms }]
        : [],
    ),
    flags: {
      crossed: state === "crossed" || revisions.some((one) => one.standing === "crossed"),
      claimNoted: state === "released" && claims.length > 0,
      partConfirmed: state !== "satisfied" && confirmations.some((one) => one.as !== null),
    },
    origin: event.x.origin ?? null,
    seat: event.type === "commitment.pledged" ? (event.x.seat ?? null) : null,
    externalId: event.x.externalId ?? null,
    externalStatus: lastExternalStatus(counting),
    titledBy: fact.ref,
  };
}

const inOrder = (all: Iterable<Stated>): readonly Stated[] =>
  [...all].sort((a, b) => compareFacts(a.fact, b.fact));

function shown(stated: Stated, whole: Folded): StandingTerms {
  const { terms, pullBacks } = stated;
  const rank = ({ by, how }: PullBack) =>
    how === "left" ? 2 + terms.signers.indexOf(by) : how === "help-retracted" ? 1 : 0;
  const sorted = [...pullBacks].sort((a, b) => rank(a) - rank(b) || compareFacts(a.fact, b.fact));
  return {
    ...terms,
    standing: standingOf(stated, whole),
    signed: terms.signers.filter((signer) => hasSigned(stated, signer)),
    pullBacks: sorted.map(({ by, how, fact, reply }) => ({
      by,
      how,
      entry: fact.ref,
      answer: reply?.says ?? null,
    })),
  };
}

/** The state of a commitment whose terms do not bind (yet). */
function unboundState(
  all: readonly StandingTerms[],
  open: readonly StandingTerms[],
  counting: readonly Counted[],
): UnboundState {
  if (all.some((one) => one.standing === "crossed")) return "crossed";
  const last = open.at(-1);
  if (last !== undefined) return last.by === last.debtor ? "offered" : "requested";
  return counting.some((one) => one.event.type === "commitment.declined") ? "declined" : "retracted";
}

const said = ({ fact, event }: Counted): Said => {
  const x: { occurredAt?: number | undefined; criteria?: readonly string[]; part?: number } =
    event.type === "commitment.progressed" || event.type === "commitment.claimed" ? (event.x as object) : {};
  return {
    ref: fact.ref,
    by: fact.by,
    at: fact.at[0],
    occurredAt: x.occurredAt ?? null,
    criteria: x.criteria ?? [],
    part: x.part ?? null,
  };
};

function lastExternalStatus(counting: readonly Counted[]): string | null {
  const last = counting.findLast(
    ({ event: { x } }) => "externalStatus" in x && x.externalStatus !== undefined,
  );
  return last !== undefined && "externalStatus" in last.event.x
    ? (last.event.x.externalStatus ?? null)
    : null;
}
