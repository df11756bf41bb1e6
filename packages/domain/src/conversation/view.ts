/** A conversation as views see it: one thread, in fold order. */
import type { EventOf } from "@handfast/protocol/events";
import type { Day, PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import { compareFacts, type Fact } from "../fact.ts";
import type { Fold } from "../kernel/fold.ts";
import type { Kind } from "../kind.ts";
import { type ConversationMove, movesOf } from "./moves.ts";
import { kindOfThing } from "./promotion.ts";
import type { AckRequest, ConversationState, Question, TextName, Written } from "./state.ts";

/** What a conversation began as. */
export type ConversationKind = "post" | "decision" | "meeting" | "thanks";
export type Thing = { readonly kind: Kind; readonly ref: Ref };

/** Something that people wrote in it. */
export type Said = {
  readonly ref: Ref;
  readonly as: ConversationKind | "reply" | "question" | "answer";
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  /** What it replies to or answers. */
  readonly to: Ref | null;
  /** Entries whose payloads hold its wording, the newest first: what that one leaves out is as the next one says. */
  readonly wordedBy: readonly Ref[];
  readonly revisedAt: number | null;
  /** Who reacts how; who took its reaction back is left out. */
  readonly reactions: readonly { readonly by: PartnerId; readonly as: string }[];
};
export type AskedQuestion = {
  readonly ref: Ref;
  readonly by: PartnerId;
  /** Whom it asks; empty: everybody. */
  readonly to: readonly PartnerId[];
  readonly due: Day | null;
  readonly state: "open" | "accepted";
  /** The answer that its asker accepted last. */
  readonly accepted: Ref | null;
  readonly answers: readonly { readonly ref: Ref; readonly by: PartnerId }[];
};
export type AskedAck = {
  readonly ref: Ref;
  readonly by: PartnerId;
  readonly at: number;
  /** Whom it asks; empty: any member may answer. */
  readonly from: readonly PartnerId[];
  readonly due: Day;
  readonly given: readonly {
    readonly by: PartnerId;
    readonly as: EventOf<"ack.given">["x"]["as"];
    readonly ref: Ref;
  }[];
};
export type AskedConsent = {
  readonly ref: Ref;
  readonly by: PartnerId;
  readonly of: Ref;
  readonly author: PartnerId;
  readonly as: EventOf<"promotion.asked">["x"]["as"];
  /** The author's first agreement. */
  readonly agreed: Ref | null;
};
export type Promotion = { readonly ref: Ref; readonly by: PartnerId; readonly of: Ref; readonly into: Thing };

export type Conversation = {
  readonly ref: Ref;
  readonly as: ConversationKind;
  readonly by: PartnerId;
  readonly at: number;
  readonly occurredAt: number | null;
  /** The thing it is about; `null` where it names none. */
  readonly about: Thing | null;
  /** Of a decision: when it is to be looked at again. */
  readonly reviewOn: Day | null;
  /** Of a meeting: when it was. */
  readonly on: Day | null;
  /** Of thanks: to whom. */
  readonly to: readonly PartnerId[];
  /** In fold order, the opening first. */
  readonly said: readonly Said[];
  readonly questions: readonly AskedQuestion[];
  readonly acks: readonly AskedAck[];
  readonly consents: readonly AskedConsent[];
  readonly promotions: readonly Promotion[];
  readonly moves: readonly ConversationMove[];
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  /** As the opening's `wordedBy`. */
  readonly wordedBy: readonly Ref[];
};

/** Beside the first one. */
const keptWordings = 8;

const words = {
  "post.published": "post",
  "decision.noted": "decision",
  "meeting.noted": "meeting",
  "thanks.given": "thanks",
  "post.replied": "reply",
  "question.asked": "question",
  "question.answered": "answer",
} as const satisfies Record<TextName, Said["as"]>;

export function conversationOf(fold: Fold<ConversationState>, cut: Cut): Conversation | null {
  const { whole } = fold;
  if (whole === null) return null;
  const { fact, event } = whole.creation;
  const { x } = event;
  const said = inOrder([...whole.written.values()]).map(saidOf);
  const questions = inOrder([...whole.questions.values()]).map(questionOf);
  const acks = inOrder([...whole.ackRequests.values()]).map(ackOf);
  const consents = inOrder([...whole.consents.values()]).flatMap(({ entry, agreements }) => {
    const { of, as } = entry.event.x;
    const author = whole.written.get(of)?.fact.by;
    if (author === undefined) return [];
    const [agreed] = inOrder(agreements);
    return [{ ref: entry.fact.ref, by: entry.fact.by, of, author, as, agreed: agreed?.fact.ref ?? null }];
  });
  const promotions = inOrder(whole.promotions).flatMap(({ fact: { ref, by }, event: { x: made } }) => {
    const into = thingAt(made.into, cut);
    return into === null ? [] : [{ ref, by, of: made.of, into }];
  });
  return {
    ref: fact.ref,
    as: words[event.type],
    by: fact.by,
    at: fact.at[0],
    occurredAt: x.occurredAt ?? null,
    about: x.about === undefined ? null : thingAt(x.about, cut),
    reviewOn: ("reviewOn" in x ? x.reviewOn : undefined) ?? null,
    on: ("on" in x ? x.on : undefined) ?? null,
    to: "to" in x ? x.to : [],
    said,
    questions,
    acks,
    consents,
    promotions,
    moves: movesOf({ questions, acks, consents, promotions }),
    externalId: x.externalId ?? null,
    externalStatus: x.externalStatus ?? null,
    wordedBy: said.find(({ ref }) => ref === fact.ref)?.wordedBy ?? [fact.ref],
  };
}

/** A link that leads to no thing is passed over. */
function thingAt(ref: Ref, cut: Cut): Thing | null {
  const kind = kindOfThing(ref, cut);
  return kind === null ? null : { kind, ref };
}

type Placed = { readonly fact: Fact } | { readonly entry: { readonly fact: Fact } };
const factOf = (item: Placed): Fact => ("entry" in item ? item.entry.fact : item.fact);
const inOrder = <Item extends Placed>(items: readonly Item[]): readonly Item[] =>
  items.toSorted((a, b) => compareFacts(factOf(a), factOf(b)));

function saidOf({ fact, event, revisions, reactions }: Written): Said {
  const newestFirst = inOrder(revisions).toReversed();
  return {
    ref: fact.ref,
    as: words[event.type],
    by: fact.by,
    at: fact.at[0],
    occurredAt: event.x.occurredAt ?? null,
    to: answeredBy(event),
    wordedBy: [...newestFirst.slice(0, keptWordings).map((one) => one.fact.ref), fact.ref],
    revisedAt: newestFirst[0]?.fact.at[0] ?? null,
    reactions: inOrder([...reactions.values()])
      .filter(({ event: { x } }) => x.as !== "none")
      .map(({ fact: { by }, event: { x } }) => ({ by, as: x.as })),
  };
}

function answeredBy(event: EventOf<TextName>): Ref | null {
  if (event.type === "post.replied") return event.x.to;
  return event.type === "question.answered" ? event.x.question : null;
}

function questionOf({ entry: { fact, event }, answers, ruling }: Question): AskedQuestion {
  const accepted = ruling?.event.type === "answer.accepted" ? ruling.event.x.answer : null;
  return {
    ref: fact.ref,
    by: fact.by,
    to: event.x.to ?? [],
    due: event.x.by ?? null,
    state: accepted === null ? "open" : "accepted",
    accepted,
    answers: inOrder(answers).map((answer) => ({ ref: answer.fact.ref, by: answer.fact.by })),
  };
}

function ackOf({ entry: { fact, event }, given }: AckRequest): AskedAck {
  return {
    ref: fact.ref,
    by: fact.by,
    at: fact.at[0],
    from: event.x.from ?? [],
    due: event.x.by,
    given: inOrder([...given.values()]).map((ack) => ({
      by: ack.fact.by,
      as: ack.event.x.as,
      ref: ack.fact.ref,
    })),
  };
}
