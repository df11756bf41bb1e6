/** What a conversation holds, for one reader: everything said, by what it is said about. Nothing in it excludes anything else. */
import type { EventName } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { compareFacts, type Entry, type Fact } from "../fact.ts";

export type Opening = "post.published" | "decision.noted" | "meeting.noted" | "thanks.given";
/** Types of entries that hold what people wrote: these can be revised, replied to, reacted to and promoted. */
export type TextName = Opening | "post.replied" | "question.asked" | "question.answered";
type Ruling = Entry<"answer.accepted"> | Entry<"question.kept-open">;

export type Written = Entry<TextName> & {
  readonly revisions: Entry<"post.revised">[];
  /** The latest of each partner, `none` included. */
  readonly reactions: Map<PartnerId, Entry<"reaction.given">>;
};
export type Question = {
  readonly entry: Entry<"question.asked">;
  readonly answers: Entry<"question.answered">[];
  /** The asker's latest word on whether it is answered. */
  ruling: Ruling | null;
};
export type AckRequest = {
  readonly entry: Entry<"ack.requested">;
  /** The latest of each partner. */
  readonly given: Map<PartnerId, Entry<"ack.given">>;
};
/** Somebody asks an author whether what it wrote may be promoted. */
export type ConsentRequest = {
  readonly entry: Entry<"promotion.asked">;
  readonly agreements: Entry<"promotion.agreed">[];
};

export type ConversationState = {
  readonly creation: Entry<Opening>;
  readonly written: Map<Ref, Written>;
  readonly questions: Map<Ref, Question>;
  /** By answer, the question that it answers. */
  readonly answered: Map<Ref, Question>;
  readonly ackRequests: Map<Ref, AckRequest>;
  readonly consents: Map<Ref, ConsentRequest>;
  /** By agreement, what was asked. */
  readonly agreed: Map<Ref, ConsentRequest>;
  readonly promotions: Entry<"post.promoted">[];
};

export function openConversation(creation: Entry<Opening>): ConversationState {
  const state: ConversationState = {
    creation,
    written: new Map(),
    questions: new Map(),
    answered: new Map(),
    ackRequests: new Map(),
    consents: new Map(),
    agreed: new Map(),
    promotions: [],
  };
  write(state, creation as Entry<TextName>);
  return state;
}

export function write(state: ConversationState, { fact, event }: Entry<TextName>): void {
  state.written.set(fact.ref, { fact, event, revisions: [], reactions: new Map() });
}

/** The later of two in fold order, whichever was added first. */
export const later = <Said extends { readonly fact: Fact }>(
  before: Said | null | undefined,
  said: Said,
): Said => (before == null || compareFacts(before.fact, said.fact) < 0 ? said : before);

/** Adds what a partner may say again: its latest counts. */
export function setLatest<Said extends { readonly fact: Fact }>(
  latest: Map<PartnerId, Said>,
  said: Said,
): void {
  latest.set(said.fact.by, later(latest.get(said.fact.by), said));
}

export const isOpening = (type: EventName): type is Opening => openings.has(type);
const openings: ReadonlySet<string> = new Set<Opening>([
  "post.published",
  "decision.noted",
  "meeting.noted",
  "thanks.given",
]);
