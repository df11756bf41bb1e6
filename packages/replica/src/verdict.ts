/** What judging a frame answers. A refusal's code is the protocol's; `detail` is for people and never matched on. */
import type { Header } from "@handfast/protocol/header";
import type { LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import type { RefusalCode } from "@handfast/protocol/refusals";
import type { ForkProof } from "@handfast/tlog/fork";
import type { Authority } from "./authority.ts";
import type { Base } from "./held-log.ts";

/** One entry whose bytes were verified. */
export type VerifiedEntry = {
  readonly header: Header;
  /** The exact bytes its author wrote. */
  readonly bytes: Uint8Array;
  /** Its leaf hash. */
  readonly hash: Uint8Array;
};

/** Entries that continue what is known of a log, under a checkpoint that proves them. */
export type VerifiedRun = {
  readonly line: LineId;
  readonly log: LogId;
  readonly by: PartnerId;
  /** Only with entry 0: who may sign this log. */
  readonly authority: Authority | null;
  /** Only where they begin a branch: what it leaves, and where. */
  readonly base: Base | null;
  /** Seq of the first entry. */
  readonly from: number;
  readonly entries: readonly VerifiedEntry[];
  readonly note: string;
  readonly noteSize: number;
  readonly proof: readonly Uint8Array[];
};

/** Two checkpoints of one log that cannot both be true, with the hashes that show it. */
export type Evidence = { readonly log: LogId; readonly proof: ForkProof };

export type Refused = {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly detail: string;
  /** For `gap`: from where a range is wanted. */
  readonly size?: number;
  /** For `bad-checkpoint`: the author did sign that checkpoint, so what does not fit may be another history of the log. */
  readonly isSigned?: boolean;
};

export type Verdict =
  | { readonly kind: "verified"; readonly run: VerifiedRun }
  /** Wholly known already, and the same. `note`: where the checkpoint they came with tells another history further on. */
  | { readonly kind: "known"; readonly line: LineId; readonly note?: string }
  | Refused;

export const refuse = (code: RefusalCode, detail: string): Refused => ({ kind: "refused", code, detail });
