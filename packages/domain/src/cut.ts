/**
 * A cut: the facts inside a moment, and what they come to, folded subject by subject on demand.
 *
 * A fold reads its own subject, the entries it cites, the verdicts on cited entries of lower subjects, and the network's
 * fold; nothing else (network < initiative < challenge and help < commitment < conversation). This is the whole of what it may reach.
 */
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId, Ref } from "@handfast/protocol/ids";
import type { Fact, Past } from "./fact.ts";
import type { Doubts } from "./laws/relying.ts";
import type { Membership } from "./network/membership.ts";
import type { Verdict } from "./verdict.ts";

export interface Cut {
  readonly network: NetworkId;
  readonly charter: Charter;
  /** The fact with that ref, where it is inside the cut. */
  fact(ref: Ref): Fact | undefined;
  /** Facts of one subject in fold order. */
  factsOf(subject: string): readonly Fact[];
  /** The outcome of an entry; folds its subject where that was not done yet. `undefined`: not inside the cut. */
  verdictOf(ref: Ref): Verdict | undefined;
  /**
   * Entries each of which crosses the completion of a handoff for a reader who knows of it; none where it has no effect.
   * In fold order.
   */
  crossingsOf(completed: Ref): readonly Fact[];
  /** Entries with effect that took an offer of help back, in fold order. */
  retractionsOfHelp(offer: Ref): readonly Fact[];
  /** Which logs are in doubt. */
  readonly doubts: Doubts;
  /** Whether a valid entry is set aside for a reader of this past (law L6). */
  isAside(fact: Fact, past: Past): boolean;
  /** The network's fold: who is a member in which past. */
  readonly membership: Membership;
}
