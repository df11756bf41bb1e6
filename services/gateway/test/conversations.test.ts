// Goal: partners talk over HTTP, each at its own node: a thread is one page with its texts, leads to the thing it is about and back, and what
// waits is shown to who asked and to who is asked alone. Method: two real partners whose entries and texts are carried between them.
import { verbs } from "@handfast/api/verbs";
import type { ConversationView, ThreadView } from "@handfast/api/views/conversation";
import { partnerIdOf } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, openPartner, type Partner } from "./partner.ts";

let orchard: Partner;
let millrace: Partner;
const founders = ["Orchard", "Millrace", "Ferry"];
beforeAll(async () => {
  [orchard, millrace] = await Promise.all([
    openPartner("Orchard", { founders }),
    openPartner("Millrace", { founders }),
  ]);
  await Promise.all(
    [orchard, millrace].map((partner) =>
      eventually(
        `${partner.name}'s membership`,
        async () => (await partner.reads.one("partners", partner.id, null))?.state === "active",
        { withinMs: 60_000 },
      ),
    ),
  );
  await exchange(orchard, millrace);
}, 120_000);
afterAll(async () => {
  await Promise.all([orchard, millrace].map((partner) => partner[Symbol.asyncDispose]()));
});

const say = (partner: Partner, name: string, on: string | null, body: Readonly<Record<string, unknown>>) =>
  partner.as("member").command(`conversation.${name}` as "conversation.post", { on, body });
const threadAt = async (partner: Partner, id: string): Promise<ThreadView> =>
  (await partner.as("viewer").one("conversations", id)) as ThreadView;
const listAt = async (partner: Partner, query: string): Promise<readonly ConversationView[]> => {
  const headers = { authorization: `Bearer ${partner.token("viewer")}` };
  const answer = await partner.app.inject({ url: `/v1/conversations?${query}`, headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return (answer.json() as { readonly items: ConversationView[] }).items;
};
const refused = async (partner: Partner, path: string, body: unknown) => {
  const headers = {
    authorization: `Bearer ${partner.token("member")}`,
    "idempotency-key": crypto.randomUUID(),
    "content-type": "application/json",
  };
  const answer = await partner.app.inject({
    method: "POST",
    url: path,
    headers,
    payload: JSON.stringify(body),
  });
  return {
    status: answer.statusCode,
    ...(answer.json() as { code: string; errors?: { pointer: string }[] }),
  };
};

describe("a conversation", { timeout: 120_000 }, () => {
  it("is one page at both nodes, with texts, the last revision, reactions and words given", async () => {
    const { id } = await say(orchard, "post", null, { title: "Pressing days", text: "Which days suit you?" });
    const { recordedAt } = await threadAt(orchard, id);
    await eventually("a later millisecond", async () => Date.now() > Date.parse(recordedAt));
    await say(orchard, "revise", id, { text: "Which Fridays suit you?" });
    await say(orchard, "ask-for-word", id, { text: "Read the rules", from: [millrace.id], by: "2050-01-01" });
    await exchange(orchard, millrace);
    await say(millrace, "reply", id, { text: "The third one." });
    await say(millrace, "react", id, { as: "+1" });
    await say(millrace, "acknowledge", id, { as: "agree", note: "From October on" });
    await exchange(orchard, millrace);
    for (const partner of [orchard, millrace]) {
      const thread = await threadAt(partner, id);
      expect(thread).toMatchObject({ as: "post", title: "Pressing days", entries: 2, openQuestions: 0 });
      expect(thread.said.map(({ as, by, text }) => [as, by.name, text])).toEqual([
        ["post", "Orchard", "Which Fridays suit you?"],
        ["reply", "Millrace", "The third one."],
      ]);
      expect(thread.said[0]?.reactions).toEqual([
        { as: "+1", by: [expect.objectContaining({ name: "Millrace" })] },
      ]);
      expect(thread.acks[0]?.given.map(({ as, note }) => [as, note])).toEqual([["agree", "From October on"]]);
    }
    // As it stood before anybody replied.
    const before = (await orchard.as("viewer").one("conversations", id, {
      asOf: recordedAt,
    })) as ThreadView;
    expect(before.said.map(({ text }) => text)).toEqual(["Which days suit you?"]);
  });

  it("waits in sight of who asked and who is asked, and of nobody else", async () => {
    const { id } = await say(orchard, "post", null, { title: "The small press" });
    const ferry = partnerIdOf("Ferry");
    await say(orchard, "ask", id, { text: "May we borrow it?", to: ["Millrace"], by: "2050-10-01" });
    await exchange(orchard, millrace);
    // A third one is asked by Millrace: Orchard is not a party to that.
    await say(millrace, "ask", id, { text: "And you?", to: [ferry] });
    await exchange(orchard, millrace);

    const [atOrchard, atMillrace] = [await threadAt(orchard, id), await threadAt(millrace, id)];
    expect(atOrchard.waitingFor.map(({ name }) => name)).toEqual(["Millrace"]);
    expect([atOrchard.waitsForYou, atOrchard.yourMoves]).toEqual([false, []]);
    expect(atMillrace).toMatchObject({
      waitsForYou: true,
      yourMoves: [{ verb: "answer", by: "2050-10-01" }],
    });
    const ids = (views: readonly ConversationView[]) => views.map((view) => view.id);
    expect(ids(await listAt(millrace, "waiting=for-you"))).toContain(id);
    expect(ids(await listAt(orchard, "waiting=for-you"))).not.toContain(id);
    expect(ids(await listAt(orchard, "waiting=for-others"))).toContain(id);
    const moves = await orchard.reads.movesOf(ferry, 50);
    expect(moves.filter(({ party }) => party !== null)).toEqual([]);

    await say(millrace, "answer", id, { text: "Yes, on Friday.", question: atOrchard.said[1]?.id });
    await exchange(orchard, millrace);
    expect(await listAt(millrace, "waiting=for-you")).toEqual([]);
    expect((await threadAt(orchard, id)).said[1]?.question).toMatchObject({ state: "open" });
    await say(orchard, "accept-answer", id, {});
    await exchange(orchard, millrace);
    expect((await threadAt(millrace, id)).said[1]?.question).toMatchObject({ state: "accepted" });
  });

  it("is about a thing, and leads there and back", async () => {
    const challenge = await orchard
      .as("member")
      .command("challenge.share", { on: null, body: { title: "No press" } });
    await exchange(orchard, millrace);
    const { id } = await say(millrace, "post", null, { title: "About your press", about: challenge.id });
    await say(millrace, "note-decision", null, {
      title: "Lend it",
      about: challenge.id,
      reviewOn: "2050-03-01",
    });
    await exchange(orchard, millrace);
    expect((await threadAt(orchard, id)).about).toEqual({ collection: "challenges", id: challenge.id });
    const shown = await orchard.as("viewer").one("challenges", challenge.id);
    expect(shown?.conversations.map(({ title, by }) => [title, by.name])).toEqual([
      ["Lend it", "Millrace"],
      ["About your press", "Millrace"],
    ]);
    expect(await listAt(orchard, `about=${challenge.id}`)).toHaveLength(2);
    expect(await listAt(orchard, `about=${challenge.id}&as=decision&reviewBefore=2050-03-02`)).toHaveLength(
      1,
    );
    expect(await listAt(orchard, "as=decision&reviewBefore=2050-03-01")).toEqual([]);
    await say(orchard, "thank", null, { text: "Thank you", to: ["Millrace"], about: challenge.id });
    expect(await listAt(orchard, "as=thanks&text=x")).toEqual([]);
    expect((await listAt(orchard, "as=thanks"))[0]).toMatchObject({
      title: null,
      to: [{ name: "Millrace" }],
    });
  });

  it("becomes a promise, a challenge or an initiative, with its author's consent", async () => {
    const { id } = await say(orchard, "post", null, { title: "We could press cider together" });
    await exchange(orchard, millrace);
    const [own] = [await say(orchard, "promote", id, { as: "initiative", title: "Cider" })];
    expect(own.promoted).toMatchObject([{ collection: "initiatives" }]);
    const initiative = await orchard.as("viewer").one("initiatives", own.promoted?.[0]?.id ?? "");
    expect(initiative).toMatchObject({ from: id, conversations: [{ id }] });

    await expect(say(millrace, "promote", id, { as: "challenge", title: "A cask" })).rejects.toMatchObject({
      code: "not-consented",
    });
    await say(millrace, "ask-to-promote", id, { as: "challenge" });
    await exchange(orchard, millrace);
    expect((await threadAt(orchard, id)).yourMoves.map(({ verb }) => verb)).toEqual(["agree-to-promote"]);
    await say(orchard, "agree-to-promote", id, {});
    await exchange(orchard, millrace);
    const promoted = await say(millrace, "promote", id, { as: "challenge", title: "A cask" });
    expect(promoted.promoted?.map(({ collection }) => collection)).toEqual(["initiatives", "challenges"]);
    const pledged = await say(orchard, "promote", id, {
      as: "commitment",
      title: "Bring apples",
      due: "2050-10-01",
    });
    const commitment = await orchard.as("viewer").one("commitments", pledged.promoted?.at(-1)?.id ?? "");
    expect(commitment).toMatchObject({
      kind: "pledge",
      origin: id,
      debtor: { name: "Orchard" },
      conversations: [{ id }],
    });
  });

  it("takes no text, list, day or sign that is out of bounds, and says where it is", async () => {
    const { id } = await say(orchard, "post", null, { title: "Bounds" });
    const many = Array.from({ length: 17 }, () => millrace.id);
    const cases: readonly (readonly [verb: string, body: object, pointer: string])[] = [
      ["reply", { text: "" }, "#/text"],
      ["reply", { text: " \n" }, "#/text"],
      ["reply", { text: "x".repeat(20_001) }, "#/text"],
      ["reply", { text: "e\u0301" }, "#/text"],
      ["reply", { text: "ring\u0007" }, "#/text"],
      ["reply", { text: "x", to: "nowhere" }, "#/to"],
      ["react", { as: "x".repeat(17) }, "#/as"],
      ["react", { as: "" }, "#/as"],
      ["react", { as: "left\u202eright" }, "#/as"],
      ["ask", { text: "x", to: [] }, "#/to"],
      ["ask", { text: "x", to: many }, "#/to"],
      ["ask", { text: "x", by: "2030-02-30" }, "#/by"],
      ["ask-for-word", { text: "x" }, "#/by"],
      ["acknowledge", { as: "maybe" }, "#/as"],
      ["promote", { as: "party" }, "#/as"],
      ["reply", { text: "x", unheard: 1 }, "#/unheard"],
    ];
    for (const [verb, body, pointer] of cases) {
      const answer = await refused(orchard, `/v1/conversations/${id}/${verb}`, body);
      expect([verb, answer.status, answer.code], JSON.stringify(answer)).toEqual([verb, 422, "body-invalid"]);
      expect(answer.errors?.[0]?.pointer).toBe(pointer);
    }
    expect(
      await refused(orchard, `/v1/conversations/${id}/ask`, { text: "x", by: "2020-01-01" }),
    ).toMatchObject({
      status: 422,
      code: "due-in-the-past",
    });
    expect(await refused(orchard, `/v1/conversations/${orchard.log}.0/reply`, { text: "x" })).toMatchObject({
      status: 404,
    });
  });

  it("has an example for each of its verbs that the verb takes", () => {
    for (const [name, { body }] of Object.entries(verbs)) {
      if (!name.startsWith("conversation.")) continue;
      const [example] = (body.meta()?.["examples"] ?? []) as object[];
      expect(example, name).toBeDefined();
      // Partners stand there by their names, as people send them.
      const named = JSON.parse(
        JSON.stringify(example).replaceAll(/"(?:Millrace|Ferry)"/g, JSON.stringify(millrace.id)),
      );
      expect(body.safeParse(named).error, name).toBeUndefined();
    }
  });
});
