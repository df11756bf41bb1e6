/**
 * Conversations: what partners say to each other beside what they promise. Nothing here obliges anybody; a question and an
 * acknowledgement asked for stay requests to those they name.
 */
import { z } from "zod";
import { Day, PartnerId } from "../ids.ts";
import { lineOfText } from "../text.ts";
import { defineEvents, ref } from "./define.ts";
import { setOf } from "./set-of.ts";

/** What it is about: a link, so that anything may stand there; views show it where it names a thing. */
const about = { about: ref().optional() };
const titled = ["title", "text"] as const;
/** What a post can be promoted to. */
export const PromotedTo = z.enum(["challenge", "commitment", "initiative"]);
/** A sign such as an emoji, or a word; `none` takes an earlier one back. */
export const Reaction = lineOfText(16);

export const conversationEvents = defineEvents(
  {
    machine: "conversation",
    nouns: ["post", "question", "answer", "ack", "reaction", "decision", "meeting", "thanks", "promotion"],
    level: "thing",
  },
  {
    "post.published": { opens: true, x: about, texts: titled },
    "decision.noted": { opens: true, x: { ...about, reviewOn: Day.optional() }, texts: titled },
    "meeting.noted": { opens: true, x: { ...about, on: Day.optional() }, texts: titled },
    "thanks.given": { opens: true, x: { ...about, to: setOf(PartnerId, 1, 16) }, texts: titled },
    "post.replied": { x: { to: ref() }, texts: ["text"] },
    "post.revised": { x: { of: ref() }, texts: titled },
    "question.asked": {
      x: { to: setOf(PartnerId, 1, 16).optional(), by: Day.optional() },
      texts: ["text"],
    },
    "question.answered": { x: { question: ref() }, texts: ["text"] },
    "answer.accepted": { x: { answer: ref() }, texts: ["text"] },
    "question.kept-open": { x: { question: ref() }, texts: ["text"] },
    "ack.requested": { x: { from: setOf(PartnerId, 1, 32).optional(), by: Day }, texts: ["text"] },
    "ack.given": {
      x: { request: ref(), as: z.enum(["seen", "understood", "agree", "cannot"]) },
      texts: ["note"],
    },
    "reaction.given": { x: { to: ref(), as: Reaction } },
    "promotion.asked": { x: { of: ref(), as: PromotedTo }, texts: ["text"] },
    "promotion.agreed": { x: { asked: ref() } },
    "post.promoted": { x: { of: ref(), into: ref(), agreed: ref().optional() } },
  },
);
