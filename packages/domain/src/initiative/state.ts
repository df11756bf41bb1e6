/** An initiative as views see it: plain data, all that its entries come to. */
import type { Day, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Fates } from "../verdict.ts";
import type { Status } from "./lifecycle.ts";

export type HandoffState =
  | { readonly state: "offered" | "declined" }
  /** By the giver, not knowing of an acceptance, or with one it knew of. */
  | { readonly state: "cancelled" }
  /** Waits for the giver to complete it. */
  | { readonly state: "accepted"; readonly accept: Ref }
  | { readonly state: "retracted"; readonly accept: Ref }
  /** `completed`: the entry that would have passed the lead on, where it got so far. */
  | { readonly state: "crossed"; readonly accept: Ref; readonly completed: Ref | null }
  | { readonly state: "completed"; readonly accept: Ref; readonly completed: Ref }
  /** Its term ended otherwise. */
  | { readonly state: "over" };

export type Handoff = HandoffState & {
  readonly offer: Ref;
  readonly from: PartnerId;
  readonly to: PartnerId;
  readonly term: number;
  readonly until: Day | null;
  readonly trialUntil: Day | null;
  /** When it was offered, in milliseconds. */
  readonly at: number;
};

/** `answer` an offer; `complete` a handoff; `settle` what crossed (reaffirm, or let it be). */
export type HandoffMove = {
  readonly party: PartnerId;
  readonly verb: "answer" | "complete" | "settle";
  readonly by: Day | null;
  readonly offer: Ref;
};

export type Initiative = Fates & {
  readonly ref: Ref;
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly status: Status;
  /** The word for its state where it was recorded first. */
  readonly externalStatus: string | null;
  readonly externalId: string | null;
  /** Who leads: `null` where the seat is open, or who held it left the network. */
  readonly lead: PartnerId | null;
  readonly term: number;
  /** Since when the seat is held: the entry, and its time in milliseconds. */
  readonly since: { readonly ref: Ref; readonly at: number };
  /** Everyone who held the seat, in order. */
  readonly leads: readonly {
    readonly term: number;
    readonly lead: PartnerId | null;
    readonly since: Ref;
    readonly at: number;
  }[];
  /** Sorted by partner id. */
  readonly participants: readonly PartnerId[];
  /** Who would lead, co-lead or shadow: the latest word of each partner. */
  readonly stepUps: readonly {
    readonly by: PartnerId;
    readonly as: "lead" | "co" | "shadow";
    readonly ref: Ref;
    readonly at: number;
  }[];
  readonly handoffs: readonly Handoff[];
  readonly moves: readonly HandoffMove[];
  /** The entry whose payload holds the title. */
  readonly titledBy: Ref;
};
