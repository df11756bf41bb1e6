/** A conversation: in lists what it is and how it stands, on its own page the whole thread. */

import { Day, Hash, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { Instant, Named, Texts, times } from "./named.ts";

/** Where a link leads: `GET /v1/<collection>/<id>`. */
export const LinkView = z
  .object({ collection: z.enum(["initiatives", "commitments", "challenges", "conversations"]), id: Ref })
  .meta({ id: "Link" });
export type LinkView = z.infer<typeof LinkView>;

/** What this node's own partner could say next. Nobody is shown anybody else's, but of what it asked itself. */
export const ConversationMoveView = z
  .object({
    verb: z.enum(["answer", "acknowledge", "agree-to-promote", "promote"]),
    by: Day.nullable(),
    ref: Ref.describe("What asks: a question, a request for a word, a request to promote"),
  })
  .meta({ id: "ConversationMove" });

const as = z.enum(["post", "decision", "meeting", "thanks"]);
/** Of a decision, a meeting or thanks. */
const details = {
  reviewOn: Day.optional().describe("Of a decision: when it is looked at again"),
  on: Day.optional().describe("Of a meeting: when it was"),
  to: z.array(Named).optional().describe("Of thanks: to whom"),
} as const;

export const ConversationView = z
  .object({
    id: Ref,
    externalId: z.string().optional(),
    as,
    by: Named,
    title: z.string().nullable(),
    text: z.string().nullable(),
    texts: Texts,
    about: LinkView.optional(),
    ...details,
    entries: z.int().describe("Texts in it, the one that opened it included"),
    openQuestions: z.int(),
    latest: z.object({ by: Named, at: Instant }).describe("Who wrote the newest text in it, and when"),
    promoted: z.array(LinkView).describe("Things that texts of it became; at most 20, the first ones"),
    waitsForYou: z
      .boolean()
      .describe("Whether somebody asked this partner for something that it has not answered"),
    waitingFor: z
      .array(Named)
      .describe(
        "Whom this partner asked for something that they have not answered; at most 32. Shown to it alone",
      ),
    yourMoves: z.array(ConversationMoveView).describe("At most 32"),
    ...times,
    etag: Hash,
  })
  .meta({ id: "Conversation" });
export type ConversationView = z.infer<typeof ConversationView>;

export const QuestionView = z
  .object({
    to: z.array(Named).describe("Whom it asks; empty: everybody. Being asked obliges nobody"),
    by: Day.optional(),
    state: z.enum(["open", "accepted"]),
    accepted: Ref.optional().describe("The answer that settled it"),
    answers: z.array(Ref),
  })
  .meta({ id: "Question" });
export const SaidView = z
  .object({
    id: Ref.describe("Commands name it as `to`, `of`, `question` or `answer`"),
    as: z.enum([...as.options, "reply", "question", "answer"]),
    by: Named,
    to: Ref.optional().describe("What it replies to, or the question that it answers"),
    text: z.string().nullable(),
    texts: z
      .enum([...Texts.options, "left out"])
      .describe("As elsewhere; left out: the page has no room for it, `GET /v1/events?subject=` has it"),
    revisedAt: Instant.optional(),
    question: QuestionView.optional(),
    reactions: z.array(z.object({ as: z.string(), by: z.array(Named) })),
    promoted: z.array(LinkView),
    ...times,
  })
  .meta({ id: "Said" });
export type SaidView = z.infer<typeof SaidView>;
export const AckRequestView = z
  .object({
    id: Ref.describe("Commands name it as `request`"),
    by: Named,
    from: z.array(Named).describe("Whom it asks; empty: any member. Being asked obliges nobody"),
    due: Day,
    text: z.string().nullable(),
    given: z.array(
      z.object({
        by: Named,
        as: z.enum(["seen", "understood", "agree", "cannot"]),
        note: z.string().nullable(),
      }),
    ),
    recordedAt: Instant,
  })
  .meta({ id: "AckRequest" });

/** The whole thread, oldest first. A subject holds 4,096 entries at most, so this is one page. */
export const ThreadView = ConversationView.extend({
  said: z.array(SaidView),
  acks: z.array(AckRequestView),
}).meta({ id: "Thread" });
export type ThreadView = z.infer<typeof ThreadView>;

/** Conversations about a thing, or that it came from, on its own page. */
export const LinkedConversations = z
  .array(z.object({ id: Ref, title: z.string().nullable(), by: Named }).meta({ id: "LinkedConversation" }))
  .describe(
    "Conversations about it, or from which it was promoted: the newest 20. All of them: `GET /v1/conversations?about=`",
  );
export type LinkedConversations = z.infer<typeof LinkedConversations>;
