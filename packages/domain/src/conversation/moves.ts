/**
 * Whose word a conversation waits for. Being asked obliges nobody: these are shown to who asked and to who is asked, and to nobody else.
 */
import type { Day, PartnerId, Ref } from "@handfast/protocol/ids";
import type { AskedAck, AskedConsent, AskedQuestion, Conversation } from "./view.ts";

export type ConversationMove = {
  readonly party: PartnerId | "anyone";
  readonly verb: "answer" | "acknowledge" | "agree-to-promote" | "promote";
  readonly by: Day | null;
  /** The entry that asks. */
  readonly ref: Ref;
  /** Who asked: beside the party the only one who is shown it. */
  readonly asker: PartnerId;
};

export const movesOf = ({
  questions,
  acks,
  consents,
  promotions,
}: Pick<Conversation, "questions" | "acks" | "consents" | "promotions">): readonly ConversationMove[] => [
  ...questions.flatMap(answersAwaited),
  ...acks.flatMap(acksAwaited),
  ...consents.flatMap((consent) => consentAwaited(consent, promotions)),
];

/** Those named who have not answered; where nobody is named, anyone until somebody has. */
export const awaitedFor = ({ state, to, answers }: AskedQuestion): readonly (PartnerId | "anyone")[] => {
  if (state !== "open") return [];
  if (to.length === 0) return answers.length > 0 ? [] : ["anyone"];
  return to.filter((party) => !answers.some((answer) => answer.by === party));
};

const answersAwaited = (question: AskedQuestion): readonly ConversationMove[] =>
  awaitedFor(question).map((party) => ({
    party,
    verb: "answer",
    by: question.due,
    ref: question.ref,
    asker: question.by,
  }));

/** Of those named alone: where nobody is named, an acknowledgement is anybody's to give and waits for none. */
const acksAwaited = ({ ref, by, from, due, given }: AskedAck): readonly ConversationMove[] =>
  from
    .filter((party) => !given.some((ack) => ack.by === party))
    .map((party) => ({ party, verb: "acknowledge", by: due, ref, asker: by }));

function consentAwaited(
  { ref, by, of, author, as, agreed }: AskedConsent,
  promotions: Conversation["promotions"],
): readonly ConversationMove[] {
  // What one wrote oneself one promotes without asking.
  if (author === by) return [];
  if (promotions.some((made) => made.by === by && made.of === of && made.into.kind === as)) return [];
  return agreed === null
    ? [{ party: author, verb: "agree-to-promote", by: null, ref, asker: by }]
    : [{ party: by, verb: "promote", by: null, ref, asker: by }];
}
