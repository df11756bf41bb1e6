/**
 * Answers the commands about conversations. What a command leaves out is what it can only mean: the opening of the conversation, the only
 * question that is open, the only request that waits for this partner.
 */
import type { Command, CommandName } from "@handfast/api/verbs";
import type { EventOf } from "@handfast/protocol/events";
import type { Day, Ref } from "@handfast/protocol/ids";
import { type Decision, type Draft, refuse, stands } from "../decision.ts";
import { isPlain, plainDraft, present, provenance, textsOf } from "../drafting.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import type { WholeView } from "../whole.ts";
import { decidePromote } from "./decide-promotion.ts";
import type { AskedQuestion, Conversation } from "./view.ts";

export type ConversationCommandName = Extract<CommandName, `conversation.${string}`>;
type Given = Command<ConversationCommandName>;
type Acting = Extract<Given, { readonly on: Ref }>;
type DecidedByHand = Exclude<Acting, { readonly name: "conversation.ask" | "conversation.ask-for-word" }>;

export function decideConversation(command: Given, view: WholeView): Decision {
  const { body } = command;
  const day = dayIn(command);
  if (isOver(day, body, view)) return refuseOver(day, view);
  if (command.on === null) return acceptIfEffective([plainDraft(command)], view);
  const conversation = view.cut.conversation(command.on);
  if (conversation === null) return refuse("not-found");
  if (isPlain(command)) return acceptIfEffective([plainDraft(command)], view);
  return act(command as DecidedByHand, conversation, view);
}

/** A day that is still to come. */
function dayIn({ name, body }: Given): Day | undefined {
  if (name === "conversation.ask" || name === "conversation.ask-for-word") return body.by;
  return name === "conversation.note-decision" ? body.reviewOn : undefined;
}

function act(command: DecidedByHand, conversation: Conversation, view: WholeView): Decision {
  const { ref } = conversation;
  const say = <Type extends Draft["type"]>(
    type: Type,
    x: Omit<EventOf<Type>["x"], "occurredAt" | "externalId" | "externalStatus" | "must">,
  ): Decision => {
    const draft = {
      type,
      subject: ref,
      x: { ...provenance(command.body), ...present(x) },
      ...textsOf(command.body),
    } as Draft;
    return acceptIfEffective([draft], view);
  };
  switch (command.name) {
    case "conversation.reply":
      return say("post.replied", { to: command.body.to ?? ref });
    case "conversation.revise": {
      const { title, text, of = ref } = command.body;
      if (title === undefined && text === undefined) return refuse("nothing-to-change");
      return say("post.revised", { of });
    }
    case "conversation.react":
      return say("reaction.given", { to: command.body.to ?? ref, as: command.body.as });
    case "conversation.answer": {
      const question = meant(command.body.question, openQuestions(conversation));
      return question.ok ? say("question.answered", { question: question.ref }) : question.refused;
    }
    case "conversation.accept-answer": {
      const own = conversation.questions.filter(({ by }) => by === view.self);
      const answer = meant(
        command.body.answer,
        own.filter(({ state }) => state === "open").flatMap((one) => one.answers),
      );
      return answer.ok ? say("answer.accepted", { answer: answer.ref }) : answer.refused;
    }
    case "conversation.keep-open": {
      const own = conversation.questions.filter(({ by }) => by === view.self);
      const question = meant(command.body.question, own);
      return question.ok ? say("question.kept-open", { question: question.ref }) : question.refused;
    }
    case "conversation.acknowledge":
      return acknowledge(command, conversation, view, say);
    case "conversation.ask-to-promote":
      return say("promotion.asked", { of: command.body.of ?? ref, as: command.body.as });
    case "conversation.agree-to-promote": {
      const waiting = conversation.consents.filter(
        ({ author, agreed }) => author === view.self && agreed === null,
      );
      const asked = meant(command.body.asked, waiting);
      return asked.ok ? say("promotion.agreed", { asked: asked.ref }) : asked.refused;
    }
    case "conversation.promote":
      return decidePromote(command, conversation, view);
  }
}

function acknowledge(
  { body }: Command<"conversation.acknowledge">,
  { acks }: Conversation,
  { self }: WholeView,
  say: (type: "ack.given", x: { readonly request: Ref; readonly as: typeof body.as }) => Decision,
): Decision {
  const given = (request: Ref) =>
    acks.find(({ ref }) => ref === request)?.given.find(({ by }) => by === self);
  const waiting = acks.filter(({ from, ref }) => from.includes(self) && given(ref) === undefined);
  const open = acks.filter(({ from }) => from.length === 0 || from.includes(self));
  const request = meant(body.request, waiting.length > 0 ? waiting : open);
  if (!request.ok) return request.refused;
  const before = given(request.ref);
  // The same word once more says nothing new.
  const isRepeated = before?.as === body.as && body.note === undefined && !isImport(body);
  return isRepeated ? stands(before.ref) : say("ack.given", { request: request.ref, as: body.as });
}

const openQuestions = ({ questions }: Conversation): readonly AskedQuestion[] => {
  const open = questions.filter(({ state }) => state === "open");
  return open.length > 0 ? open : questions;
};

type Meant = { readonly ok: true; readonly ref: Ref } | { readonly ok: false; readonly refused: Decision };

/** What a command names, else the only one there is. */
function meant(named: Ref | undefined, among: readonly { readonly ref: Ref }[]): Meant {
  if (named !== undefined) return { ok: true, ref: named };
  const [only, ...more] = among;
  if (only === undefined) return { ok: false, refused: refuse("nothing-asked") };
  return more.length === 0
    ? { ok: true, ref: only.ref }
    : {
        ok: false,
        refused: refuse(
          "several-open",
          among
            .slice(0, 8)
            .map(({ ref }) => ref)
            .join(", "),
        ),
      };
}
