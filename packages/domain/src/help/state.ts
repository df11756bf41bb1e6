/** A challenge and the help offered for it, as views see them. */
import type { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import type { Beneficiary } from "@handfast/protocol/terms";
import type { Fates } from "../verdict.ts";

export type HelpOffer = {
  /** The entry that offers; whose payload holds the title. */
  readonly ref: Ref;
  readonly pinned: PinnedRef;
  readonly by: PartnerId;
  /** When it was offered, in milliseconds. */
  readonly at: number;
  /** `kept-warm`: open, while the challenge is resolved. */
  readonly state: "offered" | "accepted" | "declined" | "retracted" | "crossed" | "kept-warm";
  /** The entry that accepted it, crossed or not. */
  readonly accept: Ref | null;
  /** The part of it that was taken, where not the whole. */
  readonly acceptedPart: string | null;
  readonly part: string | null;
  readonly due: Day | null;
  readonly beneficiaries: readonly Beneficiary[] | null;
  readonly confirmers: readonly PartnerId[] | null;
};

/** `acknowledge` the challenge; `answer` an offer of help. */
export type HelpMove = {
  readonly party: PartnerId | "anyone";
  readonly verb: "acknowledge" | "answer";
  readonly by: Day | null;
  readonly offer: Ref | null;
};

export type Challenge = Fates & {
  readonly ref: Ref;
  readonly owner: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly state: "open" | "acknowledged" | "resolved";
  readonly ackBy: Day | null;
  /** Who said that they heard it, and when, in the order of visiting; the first stops the waiting. */
  readonly acknowledgements: readonly { readonly by: PartnerId; readonly ref: Ref; readonly at: number }[];
  readonly offers: readonly HelpOffer[];
  readonly moves: readonly HelpMove[];
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  /** The entry whose payload holds the title. */
  readonly titledBy: Ref;
};
