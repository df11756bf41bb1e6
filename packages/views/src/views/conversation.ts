/** A conversation as readers see it: in lists and answers its standing, on its own page the whole thread. */
import type { ConversationView, LinkView, SaidView, ThreadView } from "@handfast/api/views/conversation";
import { instantOf, type Named } from "@handfast/api/views/named";
import type { Kind } from "@handfast/domain/kind";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { type Conversation, maybe, type Reading } from "./reading.ts";

const collectionOf = {
  initiative: "initiatives",
  challenge: "challenges",
  commitment: "commitments",
  conversation: "conversations",
} as const satisfies Record<Kind, LinkView["collection"]>;

const mostLinks = 20;
const mostMoves = 32;
/** UTF-16 code units of text on one page; the oldest texts are left out, the opening never. */
const pageText = 1_000_000;

const linkTo = ({ kind, ref }: NonNullable<Conversation["about"]>): LinkView => ({
  collection: collectionOf[kind],
  id: ref,
});

/** What the node's own partner is shown of what a conversation waits for: its own moves, and those it asked for. */
export const movesShownTo = ({ moves }: Conversation, self: PartnerId): Conversation["moves"] =>
  moves.filter(({ party, asker }) =>
    party === self || asker === self ? party !== "anyone" || asker !== self : party === "anyone",
  );

export function conversationView(conversation: Conversation, reading: Reading): ConversationView {
  const { ref, said, questions, moves } = conversation;
  const { self, named } = reading;
  const [latest = said[0]] = said.toSorted((a, b) => b.at - a.at);
  const own = moves.filter(({ party }) => party === self);
  const asked = moves.filter(({ party, asker }) => asker === self && party !== self && party !== "anyone");
  return {
    id: ref,
    ...maybe("externalId", conversation.externalId),
    as: conversation.as,
    by: named(conversation.by),
    title: titleIn(conversation, reading),
    text: wordedAs(conversation.wordedBy, "text", reading),
    texts: reading.body(conversation.wordedBy[0] ?? ref).state,
    ...maybe("about", conversation.about === null ? null : linkTo(conversation.about)),
    ...maybe("reviewOn", conversation.reviewOn),
    ...maybe("on", conversation.on),
    ...maybe("to", conversation.to.length === 0 ? null : conversation.to.map(named)),
    entries: said.length,
    openQuestions: questions.filter(({ state }) => state === "open").length,
    latest: {
      by: named(latest?.by ?? conversation.by),
      at: instantOf(latest?.at ?? conversation.at),
    },
    promoted: links(conversation.promotions).slice(0, mostLinks),
    waitsForYou: own.some(({ verb }) => verb !== "promote"),
    waitingFor: [...new Set(asked.map(({ party }) => party))].slice(0, mostMoves).map(named),
    yourMoves: own.slice(0, mostMoves).map(({ verb, by, ref: about }) => ({ verb, by, ref: about })),
    ...reading.times(conversation),
    etag: reading.etag(ref),
  };
}

export const titleIn = ({ wordedBy }: Conversation, reading: Reading): string | null =>
  wordedAs(wordedBy, "title", reading);

/** Each thing once. */
const links = (promotions: Conversation["promotions"]): readonly LinkView[] => [
  ...new Map(promotions.map(({ into }) => [into.ref, linkTo(into)])).values(),
];

/** The newest wording; what that one leaves out is as the one before said it. */
function wordedAs(wordedBy: readonly Ref[], member: string, reading: Reading): string | null {
  for (const ref of wordedBy) {
    const text = reading.text(ref, member);
    if (text !== null) return text;
  }
  return null;
}

export function threadView(conversation: Conversation, reading: Reading): ThreadView {
  const { named } = reading;
  const fit = fitting(conversation, reading);
  const questions = new Map(conversation.questions.map((question) => [question.ref, question]));
  const promotions = Map.groupBy(conversation.promotions, ({ of }) => of);
  return {
    ...conversationView(conversation, reading),
    said: conversation.said.map((one): SaidView => {
      const question = questions.get(one.ref);
      const text = fit.get(one.ref);
      return {
        id: one.ref,
        as: one.as,
        by: named(one.by),
        ...maybe("to", one.to),
        text: text ?? null,
        texts: text === undefined ? "left out" : reading.body(one.wordedBy[0] ?? one.ref).state,
        ...maybe("revisedAt", one.revisedAt === null ? null : instantOf(one.revisedAt)),
        ...maybe("question", question === undefined ? null : questionView(question, reading)),
        reactions: [...Map.groupBy(one.reactions, ({ as }) => as)].map(([as, of]) => ({
          as,
          by: of.map(({ by }) => named(by)),
        })),
        promoted: [...links(promotions.get(one.ref) ?? [])],
        ...reading.times(one),
      };
    }),
    acks: conversation.acks.map(({ ref, by, at, from, due, given }) => ({
      id: ref,
      by: named(by),
      from: from.map(named),
      due,
      text: fit.get(ref) ?? null,
      given: given.map((ack) => ({ by: named(ack.by), as: ack.as, note: fit.get(ack.ref) ?? null })),
      recordedAt: instantOf(at),
    })),
  };
}

function questionView(
  { to, due, state, accepted, answers }: Conversation["questions"][number],
  { named }: Reading,
): NonNullable<SaidView["question"]> {
  return {
    to: to.map((partner): Named => named(partner)),
    ...maybe("by", due),
    state,
    ...maybe("accepted", accepted),
    answers: answers.map(({ ref }) => ref),
  };
}

/** Texts by entry, the opening and then the newest first, as many as the page has room for. */
function fitting({ said, acks }: Conversation, reading: Reading): ReadonlyMap<Ref, string | null> {
  const [opening, ...rest] = said;
  const wanted = [...(opening === undefined ? [] : [opening]), ...rest.toReversed()].map(
    ({ ref, wordedBy }) => ({ ref, text: () => wordedAs(wordedBy, "text", reading) }),
  );
  const words = acks
    .toReversed()
    .flatMap(({ ref, given }) => [
      { ref, text: () => reading.text(ref, "text") },
      ...given.map((ack) => ({ ref: ack.ref, text: () => reading.text(ack.ref, "note") })),
    ]);
  const fit = new Map<Ref, string | null>();
  let left = pageText;
  for (const { ref, text } of [...wanted, ...words]) {
    const found = text();
    left -= found?.length ?? 0;
    if (left < 0) break;
    fit.set(ref, found);
  }
  return fit;
}
