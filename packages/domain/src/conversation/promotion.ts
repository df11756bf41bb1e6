/**
 * Promotion: what somebody wrote becomes a challenge, a commitment or an initiative. The thing is opened by an entry of its author's
 * own, which names the text as where it comes from; `post.promoted` names the thing, so that each leads to the other (law L1).
 */
import type { Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import type { Entry, Fact } from "../fact.ts";
import type { Rule } from "../kernel/machine.ts";
import { createdBy, type Kind } from "../kind.ts";
import type { ConversationState } from "./state.ts";

/** What a thing names as where it comes from. */
export const comesFrom = ({ told }: Fact): Ref | undefined => {
  if (!told.ok) return undefined;
  const { x } = told.event;
  if ("from" in x && typeof x.from === "string") return x.from;
  return "origin" in x ? x.origin : undefined;
};

/** The kind of thing that an entry opened with effect; `null` where it opened none. */
export function kindOfThing(ref: Ref, cut: Cut): Kind | null {
  const fact = cut.fact(ref);
  const kind = fact === undefined ? null : createdBy(fact);
  return kind !== null && cut.verdictOf(ref)?.effect !== "none" ? kind : null;
}

/** The same, of kinds that a fold of a conversation may ask about: those before it, or two could ask each other without end. */
function kindOfLower(ref: Ref, cut: Cut): Exclude<Kind, "conversation"> | null {
  const fact = cut.fact(ref);
  const kind = fact === undefined || createdBy(fact) === "conversation" ? null : kindOfThing(ref, cut);
  return kind === "conversation" ? null : kind;
}

export const promoted: Rule<ConversationState, "post.promoted", null> = {
  judge: ({ fact, event }, seen, cut) => {
    const { of, into, agreed } = event.x;
    const text = seen.written.get(of);
    const consent = agreed === undefined ? undefined : seen.agreed.get(agreed);
    const kind = kindOfLower(into, cut);
    const made = cut.fact(into);
    const isWrong =
      text === undefined ||
      (agreed !== undefined && consent === undefined) ||
      kind === null ||
      made?.by !== fact.by ||
      comesFrom(made) !== of;
    if (isWrong) return "wrong-link";
    return text.fact.by === fact.by || isFor(consent?.entry, fact, of, kind) ? null : "not-consented";
  },
  add: (state, { fact, event }) => void state.promotions.push({ fact, event }),
};

/** Whether consent was asked by this very author, to make this of it. */
const isFor = (asked: Entry<"promotion.asked"> | undefined, { by }: Fact, of: Ref, kind: Kind): boolean =>
  asked?.fact.by === by && asked.event.x.of === of && asked.event.x.as === kind;
