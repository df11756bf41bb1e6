/**
 * Performance: what becomes of a promise that binds. The debtor says what is done, those it was made to say whether
 * it was; neither says it for the other.
 */
import type { EventOf } from "@handfast/protocol/events";
import type { PartnerId } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import { isBefore } from "../fact.ts";
import { type Act, actsUnder, type Book } from "./book.ts";
import type { Scope } from "./scope.ts";
import { partnersAmong, type Terms } from "./terms.ts";

export type BoundState =
  | "active"
  | "claimed"
  | "disputed"
  | "satisfied"
  | "released"
  | "withdrawn"
  | "declined";
type Confirmed = "full" | "partial" | null;

export type Performance = {
  readonly state: BoundState;
  /** Without those who said that the pledge is not for them. */
  readonly beneficiaries: readonly Beneficiary[];
  readonly confirmers: readonly PartnerId[];
  /** What each confirmer said. */
  readonly confirmations: readonly {
    readonly by: PartnerId;
    readonly as: Confirmed;
    readonly disputes: boolean;
  }[];
  readonly releasedBy: readonly PartnerId[];
  /** All partners it was promised to let it go; one who also confirmed all of it may have made it satisfied instead. */
  readonly released: boolean;
  readonly claims: readonly Act<EventOf<"commitment.claimed">>[];
  readonly disputes: readonly Act<EventOf<"commitment.disputed">>[];
  readonly withdrawn: boolean;
};

export function performanceIn(book: Book, scope: Scope, bound: Terms): Performance {
  const acts = <Type extends Act["event"]["type"]>(type: Type) => actsUnder(book, scope, bound, type);
  const by = (all: readonly Act[], partner: PartnerId) => all.filter((act) => act.fact.by === partner);

  const declined = acts("commitment.pledge-declined").map((act) => act.fact.by);
  const beneficiaries = bound.beneficiaries.filter((one) => !declined.includes(one));
  const confirmers = bound.confirmers.filter((one) => !declined.includes(one));
  const claims = acts("commitment.claimed");
  const withdrawn = acts("commitment.withdrawn").length > 0;
  const confirmed = acts("commitment.confirmed");
  const disputes = acts("commitment.disputed");
  const standing = disputes.filter(
    (dispute) =>
      !claims.some((claim) => isBefore(dispute.fact, claim.fact)) &&
      !by(confirmed, dispute.fact.by).some((act) => isBefore(dispute.fact, act.fact)),
  );
  const confirmations = confirmers.map((confirmer) => ({
    by: confirmer,
    as: strongest(confirmed.filter((act) => act.fact.by === confirmer).map((act) => act.event.x.as)),
    disputes: by(standing, confirmer).length > 0,
  }));
  const releasedBy = acts("commitment.released").map((act) => act.fact.by);
  const partners = partnersAmong(beneficiaries);
  const released = partners.length > 0 && partners.every((one) => releasedBy.includes(one));

  const state = (): BoundState => {
    if (beneficiaries.length === 0) return "declined";
    if (confirmations.length > 0 && confirmations.every((one) => one.as === "full")) return "satisfied";
    if (released) return "released";
    if (withdrawn) return "withdrawn";
    if (confirmations.some((one) => one.disputes)) return "disputed";
    return claims.length > 0 ? "claimed" : "active";
  };
  return {
    state: state(),
    beneficiaries,
    confirmers,
    confirmations,
    releasedBy,
    released,
    claims,
    disputes,
    withdrawn,
  };
}

const strongest = (said: readonly ("full" | "partial")[]): Confirmed =>
  said.includes("full") ? "full" : said.includes("partial") ? "partial" : null;

/** States nothing leads out of but a confirmation, which may come late and is never lost. */
export const isClosedState = (state: string): boolean =>
  ["satisfied", "released", "withdrawn", "declined", "retracted"].includes(state);
