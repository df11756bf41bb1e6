// Goal: every unordered pair of entry types of a conversation has a stated outcome when neither knew of the other: both stand, and the
// state is their union, whichever came first. Method: three partners in one conversation that holds something of everything; two of them
// speak without hearing of each other. What a pair comes to beside that is stated by hand.
import { events } from "@handfast/protocol/events";
import { createHistory, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../src/conversation/view.ts";
import { fateOf, worldOf } from "./told.ts";

const [opener, one, other] = [0, 1, 2] as const;

/** What there is to speak of: one text and one question of the first speaker, and so on. */
type Scene = ReturnType<typeof openScene>;
function openScene() {
  const history = createHistory(inventFoundation(3, 3));
  const by = (who: number): string => history.partners[who]?.by ?? "";
  const subject = history.tells(opener, "post.published");
  const about = (who: number, type: string, x: Told["header"]["x"]) =>
    history.tells(who, type, { subject, x });
  /** By each of the two speakers, so that each may do what only its author or asker may. */
  const own = [one, other].map((who) => {
    const text = about(who, "post.replied", { to: subject.ref });
    const question = about(who, "question.asked", { to: [by(one), by(other), by(opener)] });
    const answer = about(opener, "question.answered", { question: question.ref });
    const request = about(opener, "ack.requested", { from: [by(who)], by: "2026-02-01" });
    const asked = about(opener, "promotion.asked", { of: text.ref, as: "challenge" });
    const made = history.tells(who, "challenge.shared", { x: { from: text.ref } });
    return { who, text, question, answer, request, asked, made };
  });
  return { history, subject, own, by };
}
type Own = Scene["own"][number];

/** Who may say it, and what it states: of its author's own things where only the author may. */
const sayings: { readonly [type: string]: (own: Own, scene: Scene) => Told["header"]["x"] } = {
  "post.replied": (_, { subject }) => ({ to: subject.ref }),
  "post.revised": ({ text }) => ({ of: text.ref }),
  "question.asked": (_, { by }) => ({ to: [by(opener)] }),
  "question.answered": (_, { own }) => ({ question: (own[0] as Own).question.ref }),
  "answer.accepted": ({ answer }) => ({ answer: answer.ref }),
  "question.kept-open": ({ question }) => ({ question: question.ref }),
  "ack.requested": () => ({ by: "2026-03-01" }),
  "ack.given": ({ request }) => ({ request: request.ref, as: "agree" }),
  "reaction.given": (_, { subject }) => ({ to: subject.ref, as: "+1" }),
  "promotion.asked": (_, { subject }) => ({ of: subject.ref, as: "initiative" }),
  "promotion.agreed": ({ asked }) => ({ asked: asked.ref }),
  "post.promoted": ({ text, made }) => ({ of: text.ref, into: made.ref }),
};
const types = Object.keys(sayings);
const pairs = types.flatMap((a, index) => types.slice(index).map((b) => [a, b] as const));

/** What one entry adds to a conversation, whatever else is said: asked before and after. */
const added: { readonly [type: string]: (state: Conversation, own: Own, scene: Scene) => unknown } = {
  "post.replied": (state) => state.said.filter(({ as }) => as === "reply").length,
  "post.revised": (state, { text }) => state.said.find(({ ref }) => ref === text.ref)?.wordedBy.length,
  "question.asked": (state) => state.questions.length,
  "question.answered": (state, _, { own }) =>
    state.questions.find(({ ref }) => ref === (own[0] as Own).question.ref)?.answers.length,
  "answer.accepted": (state, { question }) =>
    state.questions.find(({ ref }) => ref === question.ref)?.accepted,
  "question.kept-open": (state, { question }) =>
    state.questions.find(({ ref }) => ref === question.ref)?.state,
  "ack.requested": (state) => state.acks.length,
  "ack.given": (state, { request, who }, { by }) =>
    state.acks.find(({ ref }) => ref === request.ref)?.given.filter((ack) => ack.by === by(who)),
  "reaction.given": (state, { who }, { by }) =>
    state.said[0]?.reactions.filter((reaction) => reaction.by === by(who)),
  "promotion.asked": (state) => state.consents.length,
  "promotion.agreed": (state, { asked }) => state.consents.find(({ ref }) => ref === asked.ref)?.agreed,
  "post.promoted": (state, { text }) => state.promotions.filter(({ of }) => of === text.ref),
};
/** Of these the number grows by what both add; the others belong to their author alone. */
const counted = new Set([
  "post.replied",
  "question.asked",
  "question.answered",
  "ack.requested",
  "promotion.asked",
]);

const stateOf = ({ history, subject }: Scene): Conversation =>
  worldOf(history).now.conversation(subject.ref) as Conversation;

describe("concurrent entries of a conversation", () => {
  it("are of every type there is", () =>
    expect(types.toSorted()).toEqual(
      Object.entries(events)
        .flatMap(([name, { machine, opens }]) =>
          machine === "conversation" && opens === false ? [name] : [],
        )
        .toSorted(),
    ));

  it("are 78 pairs of types, beside what opens one, which all others have in their past", () =>
    expect(pairs).toHaveLength(78));

  it.each(pairs)("%s and %s: both stand, and each adds what it adds alone", (a, b) => {
    const alone = [a, b].map((type, index) => {
      const scene = openScene();
      const own = scene.own[index] as Own;
      const before = added[type]?.(stateOf(scene), own, scene);
      scene.history.says(own.who, type, { subject: scene.subject, x: sayings[type]?.(own, scene) ?? {} });
      return { before, after: added[type]?.(stateOf(scene), own, scene) };
    });
    const scene = openScene();
    const said = [a, b].map((type, index) => {
      const own = scene.own[index] as Own;
      return scene.history.says(own.who, type, {
        subject: scene.subject,
        x: sayings[type]?.(own, scene) ?? {},
      });
    });
    for (const [index, fact] of said.entries()) {
      expect(fact.past(said[1 - index]?.log ?? ""), "concurrent").toBeLessThan(said[1 - index]?.seq ?? 0);
      expect(fateOf(scene.history, fact)).toBe("effective");
    }
    const state = stateOf(scene);
    for (const [index, type] of [a, b].entries()) {
      const now = added[type]?.(state, scene.own[index] as Own, scene);
      const { before, after } = alone[index] ?? {};
      // An answer of the other one, or a text beside it, counts for both.
      const beside = [a, b][1 - index];
      const both = beside === type && counted.has(type);
      if (typeof now === "number")
        expect(now).toBe(Number(after) + (both ? Number(after) - Number(before) : 0));
      else expect(JSON.stringify(now)).toBe(JSON.stringify(after));
    }
  });

  it("of one log are in order: the latest word of an asker, an acknowledger, a reacting partner counts", () => {
    const scene = openScene();
    const { history, subject, own } = scene;
    const [{ question, answer, request }] = own as [Own];
    const say = (type: string, x: Told["header"]["x"]) => history.says(one, type, { subject, x });
    say("answer.accepted", { answer: answer.ref });
    expect(stateOf(scene).questions[0]?.state).toBe("accepted");
    say("question.kept-open", { question: question.ref });
    expect(stateOf(scene).questions[0]?.state).toBe("open");
    for (const as of ["seen", "cannot"]) say("ack.given", { request: request.ref, as });
    expect(stateOf(scene).acks[0]?.given.map(({ as }) => as)).toEqual(["cannot"]);
    for (const as of ["+1", "none"]) say("reaction.given", { to: subject.ref, as });
    expect(stateOf(scene).said[0]?.reactions).toEqual([]);
  });
});
