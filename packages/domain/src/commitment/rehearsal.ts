/**
 * A rehearsal: the fold is run once more with the entry a command would append, as if its author had seen everything in
 * the cut. What the fold will say of it is thereby the very reason the command is refused with.
 */
import type { Event } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import { accept, type Decision, type Draft, refuse } from "../decision.ts";
import type { Fact } from "../fact.ts";
import type { Verdict } from "../verdict.ts";
import type { View } from "../view.ts";
import { foldCommitment } from "./commitment.ts";

const stage = "rehearsal";

export function rehearse(draft: Draft, { cut, self }: View): Verdict | undefined {
  const ref: Ref = `${stage}.0`;
  const subject = draft.subject ?? ref;
  const entry: Fact = {
    ref,
    hash: stage,
    by: self,
    log: stage,
    seq: 0,
    at: [Number.MAX_SAFE_INTEGER, 0],
    subject,
    names: draft.subject,
    told: { ok: true, event: { type: draft.type, x: draft.x } as Event },
    past: () => Number.MAX_SAFE_INTEGER,
  };
  const staged: Cut = {
    network: cut.network,
    charter: cut.charter,
    membership: cut.membership,
    fact: (name) => (name === ref ? entry : cut.fact(name)),
    factsOf: (of) => (of === subject ? [...cut.factsOf(of), entry] : cut.factsOf(of)),
    verdictOf: (name) => cut.verdictOf(name),
  };
  return foldCommitment(subject, staged).verdicts.get(ref);
}

/** Accepts a draft that will be effective, with the subjects it has to be appended after. */
export function acceptIfEffective(draft: Draft, view: View, reads: readonly string[]): Decision {
  const verdict = rehearse(draft, view);
  if (verdict === undefined || verdict.effect === "crossed") return refuse("crossed");
  return verdict.effect === "none" ? refuse(verdict.reason) : accept(reads, draft);
}
