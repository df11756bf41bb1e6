/**
 * Terms: what an entry states about who owes what to whom by when. Their author has signed them by stating them; everyone else
 * signs by naming that very entry, so that nobody is ever bound to words they did not see (law L1).
 */
import type { Event, EventOf } from "@handfast/protocol/events";
import type { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { type Fact, pinnedRefOf } from "../fact.ts";

export type Terms = {
  readonly kind: "request" | "offer" | "pledge" | "counter" | "revision";
  readonly ref: Ref;
  /** How entries name these terms. */
  readonly pinned: PinnedRef;
  /** Who stated, and so signed, them. */
  readonly by: PartnerId;
  readonly debtor: PartnerId;
  readonly beneficiaries: readonly Beneficiary[];
  readonly confirmers: readonly PartnerId[];
  readonly due: Day;
  /** Everyone who has to sign before they bind. */
  readonly signers: readonly PartnerId[];
  /** The terms they answer or revise. */
  readonly base: PinnedRef | null;
};

export type CreatingEvent = EventOf<"commitment.requested" | "commitment.offered" | "commitment.pledged">;
type StatingEvent = CreatingEvent | EventOf<"commitment.countered">;

const kinds = {
  "commitment.requested": "request",
  "commitment.offered": "offer",
  "commitment.pledged": "pledge",
  "commitment.countered": "counter",
} as const satisfies Record<StatingEvent["type"], Terms["kind"]>;

export const isCreating = (event: Event): event is CreatingEvent =>
  Object.hasOwn(kinds, event.type) && event.type !== "commitment.countered";

/** Beneficiaries are partners, `network`, or initiatives by their ref; only a ref has a dot. */
export const isPartner = (beneficiary: Beneficiary): beneficiary is PartnerId =>
  beneficiary !== "network" && !beneficiary.includes(".");

export const partnersAmong = (beneficiaries: readonly Beneficiary[]): readonly PartnerId[] =>
  beneficiaries.filter(isPartner);

/** The terms of an entry that creates a commitment or counters. */
export function termsOf(fact: Fact, event: StatingEvent): Terms {
  const { debtor, beneficiaries, confirmers, due } = event.x;
  const partners = partnersAmong(beneficiaries);
  return {
    kind: kinds[event.type],
    ref: fact.ref,
    pinned: pinnedRefOf(fact),
    by: fact.by,
    debtor,
    beneficiaries,
    confirmers: confirmers ?? partners,
    due,
    // A pledge binds nobody but its debtor, so nobody else has to sign it.
    signers: event.type === "commitment.pledged" ? [debtor] : [debtor, ...partners],
    base: event.type === "commitment.countered" ? event.x.base : null,
  };
}

/** A revision moves the day and leaves all else; a pledge's is signed by its present debtor alone. */
export const revisedTerms = (fact: Fact, base: Terms, due: Day): Terms => ({
  ...base,
  kind: "revision",
  ref: fact.ref,
  pinned: pinnedRefOf(fact),
  by: fact.by,
  due,
  signers: isOfPledge(base) ? [fact.by] : base.signers,
  base: base.pinned,
});

/** Only a pledge is signed by one: what is asked or offered has a partner on the other side. */
export const isOfPledge = (terms: Terms): boolean => terms.signers.length === 1;

export const sameMembers = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one) => others.includes(one));
