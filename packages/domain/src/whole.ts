/** A cut with all that its facts come to: what views and decisions read, where a fold sees less (`cut.ts`). */
import type { Ref } from "@handfast/protocol/ids";
import type { Cut } from "./cut.ts";
import type { Fact } from "./fact.ts";
import type { Kind } from "./kind.ts";
import type { ThingOf } from "./machines.ts";
import type { NetworkState } from "./network/network.ts";
import type { Verdict } from "./verdict.ts";
import type { View } from "./view.ts";

export interface WholeCut extends Cut {
  /** Partners, admissions, and who has to say something. */
  readonly members: NetworkState;
  /** A thing by the entry that created it; `null` where there is none of that kind, or it has no effect. */
  thing<K extends Kind>(kind: K, ref: Ref): ThingOf<K> | null;
  initiative(ref: Ref): ThingOf<"initiative"> | null;
  challenge(ref: Ref): ThingOf<"challenge"> | null;
  commitment(ref: Ref): ThingOf<"commitment"> | null;
  conversation(ref: Ref): ThingOf<"conversation"> | null;
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
