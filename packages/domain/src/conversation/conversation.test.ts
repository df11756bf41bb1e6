// Goal: a conversation reads as a story: who may say what, why not, and what it comes to. Method: three founders who hear everything.
import { createHistory, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { fateOf, viewOf, worldOf } from "../../test/told.ts";
import { decideConversation } from "./decide.ts";
import type { Conversation } from "./view.ts";

const [orchard, millrace, ferry] = [0, 1, 2] as const;

function begin(x: Told["header"]["x"] = {}) {
  const history = createHistory(inventFoundation(3, 3));
  const subject = history.tells(orchard, "post.published", { x });
  const id = (who: number): string => history.partners[who]?.by ?? "";
  const say = (who: number, type: string, of: Told["header"]["x"] = {}): Told =>
    history.tells(who, type, { subject, x: of });
  const state = (): Conversation => worldOf(history).now.conversation(subject.ref) as Conversation;
  const fates = (...facts: readonly Told[]) => facts.map((fact) => fateOf(history, fact));
  return { history, subject, id, say, state, fates };
}

describe("texts", () => {
  it("are replied to, reacted to, and revised by their author alone; the last revision shows", () => {
    const { subject, say, state, fates } = begin();
    const reply = say(millrace, "post.replied", { to: subject.ref });
    const own = [1, 2].map(() => say(millrace, "post.revised", { of: reply.ref }));
    const foreign = say(ferry, "post.revised", { of: reply.ref });
    const ofRevision = say(ferry, "post.replied", { to: own[0]?.ref ?? "" });
    const reaction = say(ferry, "reaction.given", { to: reply.ref, as: "\u2764" });
    const astray = say(ferry, "reaction.given", { to: own[0]?.ref ?? "", as: "+1" });
    expect(fates(reply, ...own, foreign, ofRevision, reaction, astray)).toEqual([
      ...["effective", "effective", "effective", "not-the-author"],
      ...["wrong-link", "effective", "wrong-link"],
    ]);
    expect(state().said.map(({ as, wordedBy, reactions }) => [as, wordedBy[0], reactions.length])).toEqual([
      ["post", subject.ref, 0],
      ["reply", own[1]?.ref, 1],
    ]);
  });

  it("of one conversation cannot be answered in another", () => {
    const { history, subject, fates } = begin();
    const elsewhere = history.tells(millrace, "decision.noted", { x: { reviewOn: "2026-04-01" } });
    const reply = history.tells(ferry, "post.replied", { subject: elsewhere, x: { to: subject.ref } });
    expect(fates(elsewhere, reply)).toEqual(["effective", "wrong-link"]);
  });

  it("link to any thing; a link to anything else is passed over", () => {
    const history = createHistory(inventFoundation(2, 2));
    const challenge = history.tells(orchard, "challenge.shared");
    const acknowledged = history.tells(millrace, "challenge.acknowledged", { subject: challenge });
    const about = [challenge, acknowledged].map((thing) =>
      history.tells(millrace, "post.published", { x: { about: thing.ref } }),
    );
    const { now } = worldOf(history);
    expect(about.map(({ ref }) => now.conversation(ref)?.about)).toEqual([
      { kind: "challenge", ref: challenge.ref },
      null,
    ]);
  });
});

describe("a question", () => {
  it("is settled and kept open by its asker alone, and waits for those named", () => {
    const { say, state, fates, id } = begin();
    const asked = say(millrace, "question.asked", { to: [id(orchard), id(ferry)], by: "2026-02-01" });
    const waits = () => state().moves.map(({ party, verb }) => [party, verb]);
    expect(waits()).toEqual([
      [id(orchard), "answer"],
      [id(ferry), "answer"],
    ]);
    const answer = say(orchard, "question.answered", { question: asked.ref });
    expect(waits()).toEqual([[id(ferry), "answer"]]);
    const byAnother = say(orchard, "answer.accepted", { answer: answer.ref });
    const accepted = say(millrace, "answer.accepted", { answer: answer.ref });
    expect(state().questions[0]).toMatchObject({ state: "accepted", accepted: answer.ref });
    expect(waits()).toEqual([]);
    const keptByAnother = say(ferry, "question.kept-open", { question: asked.ref });
    const kept = say(millrace, "question.kept-open", { question: asked.ref });
    expect(fates(byAnother, accepted, keptByAnother, kept)).toEqual([
      ...["not-the-asker", "effective", "not-the-asker", "effective"],
    ]);
    expect(state().questions[0]).toMatchObject({ state: "open", accepted: null });
    expect(waits()).toEqual([[id(ferry), "answer"]]);
  });

  it("to everybody waits for anyone, until somebody answers", () => {
    const { say, state } = begin();
    const asked = say(orchard, "question.asked");
    expect(state().moves.map(({ party }) => party)).toEqual(["anyone"]);
    say(ferry, "question.answered", { question: asked.ref });
    expect(state().moves).toEqual([]);
  });
});

describe("a word asked for", () => {
  it("is given by those named, or by any member where nobody is", () => {
    const { say, state, fates, id } = begin();
    const named = say(orchard, "ack.requested", { from: [id(millrace)], by: "2026-02-01" });
    const open = say(orchard, "ack.requested", { by: "2026-02-01" });
    const given = [millrace, ferry].flatMap((who) =>
      [named, open].map((request) => say(who, "ack.given", { request: request.ref, as: "understood" })),
    );
    expect(fates(...given)).toEqual(["effective", "effective", "not-asked", "effective"]);
    expect(state().acks.map((ack) => ack.given.length)).toEqual([1, 2]);
    expect(state().moves).toEqual([]);
  });
});

describe("promotion", () => {
  it("links a text and a thing of its author, both ways", () => {
    const { history, subject, say, state, fates } = begin();
    const made = history.tells(orchard, "initiative.proposed", { x: { from: subject.ref } });
    const unrelated = history.tells(orchard, "challenge.shared");
    const promoted = [made, unrelated].map((into) =>
      say(orchard, "post.promoted", { of: subject.ref, into: into.ref }),
    );
    expect(fates(...promoted)).toEqual(["effective", "wrong-link"]);
    expect(state().promotions.map(({ into }) => into)).toEqual([{ kind: "initiative", ref: made.ref }]);
    expect(worldOf(history).now.initiative(made.ref)?.from).toBe(subject.ref);
  });

  it("makes no conversation of a text, least of all of one that is being read", () => {
    const { history, subject, say, fates } = begin();
    const elsewhere = history.tells(orchard, "post.published", { x: { about: subject.ref } });
    const astray = [subject, elsewhere].map((into) =>
      say(orchard, "post.promoted", { of: subject.ref, into: into.ref }),
    );
    const back = history.tells(orchard, "post.promoted", {
      subject: elsewhere,
      x: { of: elsewhere.ref, into: subject.ref },
    });
    expect(fates(...astray, back)).toEqual(["wrong-link", "wrong-link", "wrong-link"]);
  });

  it("of another's text needs that author's agreement to this very wish", () => {
    const { history, subject, say, fates } = begin();
    const made = history.tells(ferry, "challenge.shared", { x: { from: subject.ref } });
    const promote = (who: number, agreed?: Told) =>
      say(who, "post.promoted", { of: subject.ref, into: made.ref, ...(agreed && { agreed: agreed.ref }) });
    const without = promote(ferry);
    const asked = say(ferry, "promotion.asked", { of: subject.ref, as: "challenge" });
    const byAnother = say(millrace, "promotion.agreed", { asked: asked.ref });
    const agreed = say(orchard, "promotion.agreed", { asked: asked.ref });
    const ofAnotherKind = say(ferry, "promotion.asked", { of: subject.ref, as: "initiative" });
    const agreedToThat = say(orchard, "promotion.agreed", { asked: ofAnotherKind.ref });
    const askedByAnother = say(millrace, "promotion.asked", { of: subject.ref, as: "challenge" });
    const agreedToAnother = say(orchard, "promotion.agreed", { asked: askedByAnother.ref });
    expect(fates(without, byAnother)).toEqual(["not-consented", "not-the-author"]);
    expect(
      fates(promote(ferry, agreedToThat), promote(ferry, agreedToAnother), promote(ferry, asked)),
    ).toEqual([...["not-consented", "not-consented", "wrong-link"]]);
    expect(fates(promote(millrace, agreed), promote(ferry, agreed))).toEqual(["wrong-link", "effective"]);
  });
});

describe("what a command leaves out", () => {
  const decide = (scene: ReturnType<typeof begin>, who: number, name: string, body: object) =>
    decideConversation(
      { name: `conversation.${name}`, on: scene.subject.ref, body } as never,
      viewOf(scene.history, who),
    );

  it("is what it can only mean; where several are meant it asks which", () => {
    const scene = begin();
    expect(decide(scene, millrace, "answer", { text: "Yes" })).toMatchObject({ refusal: "nothing-asked" });
    const asked = scene.say(orchard, "question.asked", {});
    expect(decide(scene, millrace, "answer", { text: "Yes" })).toMatchObject({
      entries: [{ type: "question.answered", x: { question: asked.ref } }],
    });
    scene.say(ferry, "question.asked", {});
    expect(decide(scene, millrace, "answer", { text: "Yes" })).toMatchObject({ refusal: "several-open" });
  });

  it("of a promotion is asked for: what it becomes, its title, its day", () => {
    const scene = begin();
    for (const body of [
      {},
      { as: "challenge" },
      { as: "commitment", title: "Mend" },
      { as: "challenge", into: "x.1" },
    ])
      expect(decide(scene, orchard, "promote", body)).toMatchObject({ refusal: "promotion-unclear" });
    const whole = decide(scene, orchard, "promote", { as: "commitment", title: "Mend", due: "2030-01-01" });
    expect(whole).toMatchObject({
      entries: [
        {
          type: "commitment.pledged",
          subject: null,
          x: { origin: scene.subject.ref, beneficiaries: ["network"] },
        },
        { type: "post.promoted", x: { of: scene.subject.ref, into: "#0" } },
      ],
    });
  });
});
