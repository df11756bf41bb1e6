/** Conversations: posts, decisions, meetings and thanks, and what is said to them. None of it obliges anybody. */

import { PromotedTo, Reaction } from "@handfast/protocol/conversation";
import { Day, LineRef, PartnerId } from "@handfast/protocol/ids";
import { Beneficiaries } from "@handfast/protocol/terms";
import { prose } from "@handfast/protocol/text";
import { z } from "zod";
import { defineVerbs } from "./define.ts";
import { WrittenTitle } from "./written.ts";

/** What is said has to be said. */
const written = prose()
  .min(1)
  .refine((text) => text.trim() !== "", { message: "blank" });
const about = LineRef.optional().describe(
  "The thing it is about: a challenge, a commitment, an initiative, a conversation",
);
const of = LineRef.optional().describe("The text that is meant; default: what opened the conversation");
const to = of;

export const conversationVerbs = defineVerbs(
  { noun: "conversation", collection: "conversations" },
  {
    post: {
      example: { act: "post", title: "Pressing days this autumn", text: "Which days suit you?" },
      summary: "Tell the network something, or begin to talk about something.",
      says: "post.published",
      body: { about },
    },
    "note-decision": {
      example: { act: "note-decision", title: "We press on Fridays", reviewOn: "2031-03-01" },
      summary: "Note what was decided, and when to look at it again.",
      says: "decision.noted",
      body: { about, reviewOn: Day.optional().describe("The day on which you will look at it again") },
    },
    "note-meeting": {
      example: { act: "note-meeting", title: "At the mill", text: "What we talked about.", on: "2030-09-12" },
      summary: "Note a meeting: what was talked about.",
      says: "meeting.noted",
      body: { about, on: Day.optional().describe("The day of the meeting") },
    },
    thank: {
      example: { act: "thank", text: "For the loan of the press.", to: ["Millrace"] },
      summary: "Thank partners, openly.",
      says: "thanks.given",
      body: { title: WrittenTitle.optional(), about },
    },
    reply: {
      example: { text: "Fridays suit us." },
      summary: "Reply to it.",
      body: { text: written, to },
    },
    revise: {
      example: { text: "Which Fridays suit you?" },
      summary: "Word anew what you wrote; the earlier wording stays in the history.",
      body: { title: WrittenTitle.optional(), text: prose().optional(), of },
    },
    react: {
      example: { as: "+1" },
      summary: "React with a sign or a word; none takes it back.",
      body: { as: Reaction, to },
    },
    ask: {
      example: { text: "Could you lend us the small press?", to: ["Millrace"], by: "2030-10-01" },
      summary: "Ask partners, or everybody, a question; being asked obliges nobody.",
      says: "question.asked",
      body: {
        text: written,
        to: z.array(PartnerId).min(1).max(16).optional().describe("Partners you ask; default: everybody"),
        by: Day.optional().describe("The day by which an answer would help"),
      },
    },
    answer: {
      example: { text: "Yes, from the third of October." },
      summary: "Answer a question.",
      body: {
        text: written,
        question: LineRef.optional().describe("The question you mean; needed only where several are open"),
      },
    },
    "accept-answer": {
      example: { text: "Thank you, that settles it." },
      summary: "Say that an answer settles your question.",
      body: {
        answer: LineRef.optional().describe("The answer you mean; needed only where there are several"),
        text: prose().optional(),
      },
    },
    "keep-open": {
      example: { text: "We still need one for November." },
      summary: "Say that your question is still open.",
      body: {
        question: LineRef.optional().describe("Your question; needed only where you asked several"),
        text: prose().optional(),
      },
    },
    "ask-for-word": {
      example: { text: "Please read the new safety rules.", from: ["Ferry"], by: "2030-10-01" },
      summary: "Ask partners, or everybody, for a word by a day: seen, understood, agree or cannot.",
      says: "ack.requested",
      body: {
        from: z.array(PartnerId).min(1).max(32).optional().describe("Partners you ask; default: everybody"),
        by: Day.describe("The day by which their word would help"),
      },
    },
    acknowledge: {
      example: { as: "agree", note: "From next week on." },
      summary: "Give your word on what was asked: seen, understood, agree or cannot.",
      body: {
        as: z.enum(["seen", "understood", "agree", "cannot"]).default("seen"),
        note: prose().optional(),
        request: LineRef.optional().describe("What you answer; needed only where several ask you"),
      },
    },
    "ask-to-promote": {
      example: { as: "challenge", text: "May we share this with everybody?" },
      summary:
        "Ask the author of a text whether you may make a challenge, a commitment or an initiative of it.",
      body: { as: PromotedTo, of, text: prose().optional() },
    },
    "agree-to-promote": {
      example: {},
      summary: "Agree that what you wrote is promoted.",
      body: { asked: LineRef.optional().describe("What you agree to; needed only where several ask") },
    },
    promote: {
      example: { as: "commitment", title: "Lend the small press", due: "2030-10-31" },
      summary:
        "Make a challenge, a pledge or an initiative of a text: your own, or one whose author agreed. Opens the thing, or links one of yours that names the text as where it comes from.",
      body: {
        as: PromotedTo.optional().describe("What it becomes; leave it out with `into`"),
        into: LineRef.optional().describe("A thing of yours that says that it comes from the text"),
        title: WrittenTitle.optional().describe("The title of the thing"),
        text: prose().optional(),
        due: Day.optional().describe("Of a commitment: the day it is due"),
        beneficiaries: Beneficiaries.optional().describe(
          "Of a commitment: whom you pledge it to; default: the network",
        ),
        of,
      },
    },
  },
);
