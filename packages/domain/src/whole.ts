/** A cut with all that its facts come to: what views and decisions read, where a fold sees less (`cut.ts`). */
import type { Ref } from "@handfast/protocol/ids";
import type { Commitment } from "./commitment/view.ts";
import type { Cut } from "./cut.ts";
import type { Fact } from "./fact.ts";
import type { Challenge } from "./help/view.ts";
import type { Initiative } from "./initiative/view.ts";
import type { Kind } from "./kind.ts";
import type { NetworkState } from "./network/network.ts";
import type { Verdict } from "./verdict.ts";
import type { View } from "./view.ts";

export interface WholeCut extends Cut {
  /** Partners, admissions, and who has to say something. */
  readonly members: NetworkState;
  /** Things by the entry that created them; `null` where there is none, or it has no effect. */
  initiative(ref: Ref): Initiative | null;
  challenge(ref: Ref): Challenge | null;
  commitment(ref: Ref): Commitment | null;
  /** Whether there is a fact of that subject. */
  has(subject: string): boolean;
  /** Refs of all that was created of a kind, with effect or not, in fold order. */
  subjects(kind: Kind): readonly Ref[];
  /** Subjects with an entry that cites one of this subject, sorted by code units. */
  citing(subject: string): readonly string[];
  /**
   * What would become of entries that are only thought of, appended together, their author having seen everything in the
   * cut. Changes nothing.
   */
  outcomesOf(drafts: readonly Fact[]): readonly (Verdict | undefined)[];
}

/** What a decision is told that reads more than one thing. */
export interface WholeView extends View {
  readonly cut: WholeCut;
}
