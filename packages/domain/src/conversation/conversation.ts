/**
 * A conversation: posts and what is said to them. Everything commutes: two entries that do not know of each other both stand, and the
 * state is their union. The table of its rules (docs/reference/fold.md section 10).
 */
import type { EventName } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Entry, Fact } from "../fact.ts";
import { commuting, type Machine, type Rule, type Rules } from "../kernel/machine.ts";
import type { Acting } from "../kind.ts";
import { gate } from "../laws/own-promise.ts";
import { promoted } from "./promotion.ts";
import {
  type ConversationState,
  isOpening,
  later,
  type Opening,
  openConversation,
  type Question,
  setLatest,
  type TextName,
  write,
} from "./state.ts";

type RuleOf<Name extends EventName> = Rule<ConversationState, Name, null>;

const isWritten = (ref: Ref, { written }: ConversationState): boolean => written.has(ref);
const authorOf = (ref: Ref, { written }: ConversationState): PartnerId | undefined =>
  written.get(ref)?.fact.by;
const unless = (holds: boolean, reason: Reason): Reason | null => (holds ? null : reason);
const add = (state: ConversationState, entry: Entry<TextName>): void => write(state, entry);

const replied: RuleOf<"post.replied"> = {
  judge: ({ event }, seen) => unless(isWritten(event.x.to, seen), "wrong-link"),
  add,
};
const revised: RuleOf<"post.revised"> = {
  judge: ({ fact, event }, seen) => unless(authorOf(event.x.of, seen) === fact.by, "not-the-author"),
  add: (state, { fact, event }) => void state.written.get(event.x.of)?.revisions.push({ fact, event }),
};
const reacted: RuleOf<"reaction.given"> = {
  judge: ({ event }, seen) => unless(isWritten(event.x.to, seen), "wrong-link"),
  add: (state, { fact, event }) => {
    const text = state.written.get(event.x.to);
    if (text !== undefined) setLatest(text.reactions, { fact, event });
  },
};

// Questions: closed by their asker alone

const asked: RuleOf<"question.asked"> = {
  judge: () => null,
  add: (state, { fact, event }) => {
    add(state, { fact, event });
    state.questions.set(fact.ref, { entry: { fact, event }, answers: [], ruling: null });
  },
};
const answered: RuleOf<"question.answered"> = {
  judge: ({ event }, seen) => unless(seen.questions.has(event.x.question), "wrong-link"),
  add: (state, { fact, event }) => {
    add(state, { fact, event });
    const question = state.questions.get(event.x.question);
    if (question === undefined) return;
    question.answers.push({ fact, event });
    state.answered.set(fact.ref, question);
  },
};
const isAsker = ({ by }: Fact, question: Question | undefined): boolean => question?.entry.fact.by === by;
const accepted: RuleOf<"answer.accepted"> = {
  judge: ({ fact, event }, seen) => unless(isAsker(fact, seen.answered.get(event.x.answer)), "not-the-asker"),
  add: (state, { fact, event }) => {
    const question = state.answered.get(event.x.answer);
    if (question !== undefined) question.ruling = later(question.ruling, { fact, event });
  },
};
const keptOpen: RuleOf<"question.kept-open"> = {
  judge: ({ fact, event }, seen) =>
    unless(isAsker(fact, seen.questions.get(event.x.question)), "not-the-asker"),
  add: (state, { fact, event }) => {
    const question = state.questions.get(event.x.question);
    if (question !== undefined) question.ruling = later(question.ruling, { fact, event });
  },
};

// Acknowledgements: asked of partners, owed by none

const ackRequested: RuleOf<"ack.requested"> = {
  judge: () => null,
  add: (state, { fact, event }) =>
    void state.ackRequests.set(fact.ref, { entry: { fact, event }, given: new Map() }),
};
const ackGiven: RuleOf<"ack.given"> = {
  judge: ({ fact, event }, seen) => {
    const request = seen.ackRequests.get(event.x.request);
    const from = request?.entry.event.x.from;
    return unless(request !== undefined && (from === undefined || from.includes(fact.by)), "not-asked");
  },
  add: (state, { fact, event }) => {
    const request = state.ackRequests.get(event.x.request);
    if (request !== undefined) setLatest(request.given, { fact, event });
  },
};

// Promotion: by the author of what was written, or with its consent

const consentAsked: RuleOf<"promotion.asked"> = {
  judge: ({ event }, seen) => unless(isWritten(event.x.of, seen), "wrong-link"),
  add: (state, { fact, event }) =>
    void state.consents.set(fact.ref, { entry: { fact, event }, agreements: [] }),
};
const consented: RuleOf<"promotion.agreed"> = {
  judge: ({ fact, event }, seen) => {
    const consent = seen.consents.get(event.x.asked);
    if (consent === undefined) return "wrong-link";
    return unless(authorOf(consent.entry.event.x.of, seen) === fact.by, "not-the-author");
  },
  add: (state, { fact, event }) => {
    const consent = state.consents.get(event.x.asked);
    if (consent === undefined) return;
    consent.agreements.push({ fact, event });
    state.agreed.set(fact.ref, consent);
  },
};

const rules: Rules<ConversationState, Acting<"conversation">> = {
  "post.replied": replied,
  "post.revised": revised,
  "question.asked": asked,
  "question.answered": answered,
  "answer.accepted": accepted,
  "question.kept-open": keptOpen,
  "ack.requested": ackRequested,
  "ack.given": ackGiven,
  "reaction.given": reacted,
  "promotion.asked": consentAsked,
  "promotion.agreed": consented,
  "post.promoted": promoted,
};

export const conversationMachine: Machine<ConversationState> = {
  ...commuting,
  rules,
  gate: (fact, creation, cut) => gate(fact, "conversation", creation !== null, cut),
  opens: ({ fact, event }) =>
    isOpening(event.type) ? () => openConversation({ fact, event } as Entry<Opening>) : "wrong-subject",
};
