// Goal: a promise made over HTTP is kept in the ledger and read back at once; the same key never acts twice; what changed
// meanwhile is told; what a node owes it does by itself, once. Method: partners with everything real behind their front
// doors; what their links would carry is carried by hand, so that each step is ours to choose.
import { randomUUID } from "node:crypto";
import { AppendReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { NodeView } from "@handfast/api/views/node";
import { encodeJson } from "@handfast/bus/json";
import { ProblemError } from "@handfast/client/client";
import type { Ref } from "@handfast/protocol/ids";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, openPartner, type Partner } from "./partner.ts";

const patiently = { timeout: 240_000 };
const due = "2099-12-31";
const isActive = (partner: Partner) => async () => (await partner.as("viewer").node()).state === "active";
const refused = async (act: Promise<unknown>): Promise<ProblemError> => {
  const problem = await act.then(
    () => null,
    (err: unknown) => err,
  );
  if (problem instanceof ProblemError) return problem;
  throw new Error("it was not refused", { cause: problem });
};

describe("one partner's front door", patiently, () => {
  let orchard: Partner;
  beforeAll(async () => {
    orchard = await openPartner("Orchard");
    await eventually("the founder attested by itself", isActive(orchard));
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  it("answers an act with the thing as it is now", async () => {
    const done = await orchard.as("member").command("initiative.propose", {
      on: null,
      body: { title: "Meet in autumn", problem: "We only write to each other" },
    });
    expect(done).toMatchObject({
      readModel: "current",
      title: "Meet in autumn",
      status: "proposed",
      term: 1,
    });
    expect(done.lead?.name).toBe("Orchard");
    expect(done.refs).toEqual([expect.stringContaining(`${done.ref}@`)]);
    expect(await orchard.as("viewer").one("initiatives", done.id)).toMatchObject({
      problem: "We only write to each other",
    });
  });

  it("says which guard an import was spared, and spares nothing else", async () => {
    const client = orchard.as("member");
    const pledge = (body: object) =>
      client.command("commitment.pledge", { on: null, body: { title: "Mend the weir", ...body } });
    const past = { due: "2020-01-31", occurredAt: Date.UTC(2019, 5, 1) };
    expect(await refused(pledge(past))).toMatchObject({ status: 422, code: "due-in-the-past" });
    expect(await refused(pledge({ ...past, imported: false }))).toMatchObject({ code: "due-in-the-past" });
    expect(await pledge({ ...past, imported: true })).toMatchObject({
      due: "2020-01-31",
      waived: "due-in-the-past",
    });
    expect(await pledge({ ...past, due, imported: true })).not.toHaveProperty("waived");
    expect(await refused(pledge({ due, occurredAt: Date.now() + 3_600_000, imported: true }))).toMatchObject({
      status: 422,
      code: "occurred-in-the-future",
    });

    const { id } = await client.command("initiative.propose", { on: null, body: { title: "Weir" } });
    const adopt = (body: Readonly<Record<string, unknown>>) =>
      client.command("initiative.adopt", { on: id, body });
    expect(await refused(adopt({ occurredAt: 1 }))).toMatchObject({ code: "needs-two-commitments" });
    expect(await adopt({ occurredAt: 1, imported: true })).toMatchObject({ waived: "needs-two-commitments" });
    expect(
      await refused(
        client.command("challenge.share", { on: null, body: { title: "A", ackBy: "2020-01-31" } }),
      ),
    ).toMatchObject({ code: "due-in-the-past" });
  });

  it("says in HTTP what it says in the body", async () => {
    const answer = await fetch(`${orchard.url}/v1/challenges`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${orchard.token("member")}`,
        "content-type": "application/json",
        "idempotency-key": "a challenge",
      },
      body: JSON.stringify({ title: "Who knows a hall?" }),
    });
    const body = (await answer.json()) as { id: string; position: number; etag: string };
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/v1/challenges/${body.id}`);
    expect(answer.headers.get("handfast-position")).toBe(String(body.position));
    expect(answer.headers.get("etag")).toBe(`"${body.etag}"`);
  });

  it("acts once for one key, however often and however much at once it is sent", async () => {
    const pledge = () =>
      orchard.as("member").command("commitment.pledge", {
        on: null,
        body: { title: "Bring apples", due, externalId: "apples" },
        idempotencyKey: "apples",
      });
    const all = await Promise.all([pledge(), pledge(), pledge(), pledge()]);
    all.push(await pledge());
    expect(new Set(all.map((done) => done.id)).size).toBe(1);
    const { items } = await orchard.as("viewer").page("commitments", { externalId: "apples" });
    expect(items).toHaveLength(1);
    expect(items[0]?.yourMoves).toEqual([{ verb: "claim", by: due }]);
  });

  it("refuses a key that was used for something else, also where the act itself would be refused now", async () => {
    const { id } = await orchard
      .as("member")
      .command("commitment.pledge", { on: null, body: { title: "Sing", due } });
    const claim = { on: id, body: { text: "sung" }, idempotencyKey: "sung" };
    const first = await orchard.as("member").command("commitment.claim", claim);
    const again = await orchard.as("member").command("commitment.claim", claim);
    expect(again.ref).toBe(first.ref);
    const other = await refused(
      orchard.as("member").command("commitment.claim", { ...claim, body: { text: "hummed" } }),
    );
    expect([other.status, other.code]).toEqual([422, "idempotency-key-reused"]);
    // Another token's keys are its own.
    const foreign = await refused(orchard.as("steward").command("commitment.claim", claim));
    expect([foreign.status, foreign.code]).toEqual([409, "wrong-state"]);
  });

  it("holds an act to the revision that was seen", async () => {
    const seen = await orchard
      .as("member")
      .command("commitment.pledge", { on: null, body: { title: "Cook", due } });
    const ifMatch = seen.etag as string;
    const moved = await orchard
      .as("member")
      .command("commitment.progress", { on: seen.id, body: { part: 50 }, ifMatch });
    const late = await refused(
      orchard.as("member").command("commitment.claim", { on: seen.id, body: {}, ifMatch }),
    );
    expect([late.status, late.code, late.problem.actual]).toEqual([412, "wrong-revision", moved.etag]);
    await orchard
      .as("member")
      .command("commitment.claim", { on: seen.id, body: {}, ifMatch: moved.etag as string });
  });

  it("decides again where others were faster", async () => {
    const { id } = await orchard
      .as("member")
      .command("commitment.pledge", { on: null, body: { title: "Dig", due } });
    const parts = [10, 20, 30, 40];
    await Promise.all(
      parts.map((part) => orchard.as("member").command("commitment.progress", { on: id, body: { part } })),
    );
    const { items } = await orchard
      .as("viewer")
      .get<{ items: { type: string; effect: string }[] }>("/v1/events", { subject: id });
    expect(
      items.filter(({ type, effect }) => type === "commitment.progressed" && effect === "effective"),
    ).toHaveLength(4);
  });

  it("tells a refusal of the domain by its code", async () => {
    const own = await refused(
      orchard.as("member").command("commitment.request", {
        on: null,
        body: { act: "request", title: "Help me", debtor: orchard.id, due },
      }),
    );
    expect([own.status, own.code]).toEqual([422, "promise-to-self"]);
    const none = await refused(
      orchard.as("member").command("commitment.claim", { on: `${orchard.log}.999999`, body: {} }),
    );
    expect([none.status, none.code]).toEqual([404, "not-found"]);
  });

  it("names every member of a body that does not fit", async () => {
    const wrong = await refused(
      orchard
        .as("member")
        .command("commitment.pledge", { on: null, body: { title: "", due: "someday", more: 1 } }),
    );
    expect([wrong.status, wrong.code]).toEqual([422, "body-invalid"]);
    expect(wrong.problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      "#/due",
      "#/more",
      "#/title",
    ]);
  });

  it("pages without skipping or repeating, and says how to go on", async () => {
    const first = await orchard.as("viewer").page("commitments", { limit: 2 });
    expect(first.items).toHaveLength(2);
    const all: string[] = [];
    for await (const one of orchard.as("viewer").list("commitments", { limit: 2 })) all.push(one.id);
    const whole = await orchard.as("viewer").page("commitments", { limit: 200 });
    expect(all).toEqual(whole.items.map(({ id }) => id));
    expect(whole.next).toBeNull();
  });

  it("reads as of a moment, on both time lines", async () => {
    const told = { occurredAt: "2020-06-15T14:00:00+02:00", externalId: "kep-1" };
    const { id } = await orchard
      .as("member")
      .command("initiative.propose", { on: null, body: { title: "Old", ...told } });
    await orchard.as("member").command("initiative.note-status", {
      on: id,
      body: {
        externalStatus: "implementable",
        occurredAt: Date.parse("2021-01-01T00:00:00Z"),
        externalId: "kep-1",
      },
    });
    const on = (asOf: string, timeline: "recorded" | "occurred") =>
      orchard.as("viewer").one("initiatives", id, { asOf, timeline });
    expect(await on("2020-06-14", "occurred")).toBeNull();
    expect(await on("2020-06-15", "occurred")).toMatchObject({
      title: "Old",
      occurredAt: "2020-06-15T12:00:00.000Z",
    });
    expect((await on("2020-06-15", "occurred"))?.externalStatus).toBeUndefined();
    expect(await on("2021-01-01", "occurred")).toMatchObject({ externalStatus: "implementable" });
    expect(await on("2021-01-01", "recorded")).toBeNull();
    const node = (asOf: string) => orchard.as("viewer").get<NodeView>("/v1/node", { asOf });
    expect((await node("2020-01-01")).state).not.toBe("active");
    expect((await node("2999-01-01")).state).toBe("active");
    await expect(node("then")).rejects.toMatchObject({ code: "query-invalid" });
  });
});

describe("two partners", patiently, () => {
  const founders = ["Orchard", "Millrace"];
  let orchard: Partner;
  let millrace: Partner;
  beforeAll(async () => {
    orchard = await openPartner("Orchard", { founders });
    millrace = await openPartner("Millrace", { founders });
    await sponsor(orchard, millrace);
    await eventually("both are active in both views", async () => {
      await exchange(orchard, millrace);
      return (await isActive(orchard)()) && (await isActive(millrace)());
    });
    await exchange(orchard, millrace);
  }, 60_000);
  afterAll(async () => {
    await orchard[Symbol.asyncDispose]();
    await millrace[Symbol.asyncDispose]();
  });

  it("agree on the same words, and only on words that are here", async () => {
    const asked = await orchard.as("member").command("commitment.request", {
      on: null,
      body: { act: "request", title: "Mill our flour", debtor: millrace.id, due },
    });
    await exchange(orchard, millrace);
    const seen = await millrace.as("viewer").one("commitments", asked.id);
    expect(seen).toMatchObject({
      title: "Mill our flour",
      words: "asked",
      yourMoves: [{ verb: "answer", by: due }],
    });
    const accepted = await millrace.as("member").command("commitment.accept", { on: asked.id, body: {} });
    expect(accepted).toMatchObject({ words: "agreed", state: "active", debtor: { name: "Millrace" } });
    await exchange(orchard, millrace);
    expect(await orchard.as("viewer").one("commitments", asked.id)).toMatchObject({
      state: "active",
      yourMoves: [],
    });
  });

  it("hand a lead over in two steps; the giver's node takes the third, once, when its cause occurred", async () => {
    const occurredAt = Date.parse("2022-02-02T00:00:00Z");
    const initiative = await orchard
      .as("member")
      .command("initiative.propose", { on: null, body: { title: "Share a truck" } });
    const pledge = await orchard.as("member").command("commitment.pledge", {
      on: null,
      body: { title: "Insure it", due, asLeadOf: initiative.id, beneficiaries: [initiative.id] },
    });
    await orchard
      .as("member")
      .command("initiative.offer-handoff", { on: initiative.id, body: { to: millrace.id } });
    await exchange(orchard, millrace);
    await millrace
      .as("member")
      .command("initiative.accept-handoff", { on: initiative.id, body: { occurredAt } });
    await exchange(orchard, millrace);
    await eventually("the giver completed it", async () => {
      const now = await orchard.as("viewer").one("initiatives", initiative.id);
      const carried = await orchard.as("viewer").one("commitments", pledge.id);
      return now?.lead?.name === "Millrace" && now.term === 2 && carried?.debtor.name === "Millrace";
    });
    await exchange(orchard, millrace);
    expect(await millrace.as("viewer").one("commitments", pledge.id)).toMatchObject({
      debtor: { name: "Millrace" },
      initiative: initiative.id,
      beneficiaries: [{ initiative: initiative.id, name: "Share a truck" }],
    });
    for (const type of ["handoff.completed", "commitment.carried", "commitment.carry-accepted"]) {
      const { items } = await millrace
        .as("viewer")
        .get<{ items: { occurredAt?: string }[] }>("/v1/events", { type });
      expect(items, type).toEqual([
        expect.objectContaining({ occurredAt: "2022-02-02T00:00:00.000Z", effect: "effective" }),
      ]);
    }
  });

  it("see what crossed, and who may settle it", async () => {
    const asked = await orchard.as("member").command("commitment.request", {
      on: null,
      body: { act: "request", title: "Lend a boat", debtor: millrace.id, due },
    });
    await exchange(orchard, millrace);
    await orchard.as("member").command("commitment.retract", { on: asked.id, body: {} });
    await millrace.as("member").command("commitment.accept", { on: asked.id, body: {} });
    await exchange(orchard, millrace);
    expect(await orchard.as("viewer").one("commitments", asked.id)).toMatchObject({
      state: "crossed",
      crossed: true,
      yourMoves: [{ verb: "settle", by: null }],
    });
    expect(await millrace.as("viewer").one("commitments", asked.id)).toMatchObject({
      crossed: true,
      yourMoves: [],
    });
    await orchard.as("member").command("commitment.reaffirm", { on: asked.id, body: {} });
    await exchange(orchard, millrace);
    expect(await millrace.as("viewer").one("commitments", asked.id)).toMatchObject({
      state: "active",
      crossed: false,
    });
  });

  it("answer a counter in the same words with the terms that stand, and state no others", async () => {
    const words = { title: "A bench by the mill", text: "Of oak" };
    const asked = await orchard
      .as("member")
      .command("commitment.request", { on: null, body: { ...words, debtor: millrace.id, due } });
    await exchange(orchard, millrace);
    const counter = (node: typeof orchard, body: object) =>
      node.as("member").command("commitment.counter", { on: asked.id, body: { due, ...body } });
    for (const same of [{}, words, { title: words.title }, { text: words.text }])
      expect(await counter(millrace, same)).toMatchObject({ ref: asked.ref, state: "requested" });
    // Their own author says them again, and waits as before.
    expect(await counter(orchard, words)).toMatchObject({ ref: asked.ref, state: "requested" });
    const other = await counter(millrace, { ...words, text: "Of beech" });
    expect(other).toMatchObject({ state: "offered", terms: [{ kind: "counter" }, { kind: "request" }] });
    // Who answers them sees in which words they are put.
    await exchange(orchard, millrace);
    const seen = await orchard.as("viewer").one("commitments", asked.id);
    expect(seen).toMatchObject({ ...words, terms: [{ ...words, text: "Of beech" }, { kind: "request" }] });
    expect(seen?.terms[1]).not.toHaveProperty("text");
    expect(await counter(millrace, { ...words, text: "Of beech" })).toMatchObject({ ref: other.ref });
    await expect(counter(millrace, words)).rejects.toMatchObject({ code: "own-terms" });
  });

  it("take help as it was offered: the commitment is called what the offer was", async () => {
    const challenge = await orchard
      .as("member")
      .command("challenge.share", { on: null, body: { title: "No hall" } });
    await exchange(orchard, millrace);
    const offered = await millrace.as("member").command("challenge.offer-help", {
      on: challenge.id,
      body: { title: "Our barn", due, beneficiaries: [orchard.id] },
    });
    const again = (more: object, on = challenge.id) =>
      millrace.as("member").command("challenge.offer-help", {
        on,
        body: { title: "Our barn", due, beneficiaries: [orchard.id], ...more },
      });
    expect(await again({})).toMatchObject({ ref: offered.ref, offers: [{ id: offered.ref }] });
    const other = await again({ title: "Our yard" });
    expect(other.offers).toHaveLength(2);
    expect((await again({ text: "From noon on" })).offers).toHaveLength(3);
    expect((await again({ part: "Half of it" })).offers).toHaveLength(4);
    await exchange(orchard, millrace);
    const taken = await orchard.as("member").command("challenge.accept-help", {
      on: challenge.id,
      body: { offer: offered.ref as Ref },
    });
    const commitment = taken.offers?.[0]?.commitment as string;
    expect(await orchard.as("viewer").one("commitments", commitment)).toMatchObject({
      title: "Our barn",
      state: "active",
    });
  });

  it("show each other as partners, founders first, and measure nobody", async () => {
    const { items } = await orchard.as("viewer").page("partners");
    expect(items.map(({ name, state, isSelf }) => ({ name, state, isSelf }))).toEqual(
      expect.arrayContaining([
        { name: "Orchard", state: "active", isSelf: true },
        { name: "Millrace", state: "active", isSelf: false },
      ]),
    );
    expect(await orchard.as("viewer").one("partners", millrace.id)).toMatchObject({
      fingerprint: expect.stringMatching(/^\w+-\w+-\w+-\w+$/),
    });
    const sorted = await refused(orchard.as("viewer").get("/v1/partners", { sort: "kept" }));
    expect([sorted.status, sorted.code]).toEqual([400, "query-invalid"]);
  });

  it("are meant by their names wherever an id may stand, and never by a guess", async () => {
    const body = { title: "A day of help", beneficiaries: ["Millrace"], due };
    const offered = await orchard.as("member").command("commitment.offer", { on: null, body });
    expect(offered).toMatchObject({ beneficiaries: [{ id: millrace.id, name: "Millrace" }] });
    const asked = await orchard
      .as("member")
      .command("commitment.request", { on: null, body: { title: "Another", debtor: " millrace", due } });
    expect(asked).toMatchObject({ debtor: { id: millrace.id } });
    expect(await orchard.as("viewer").one("partners", "millrace")).toMatchObject({ id: millrace.id });
    const { items } = await orchard
      .as("viewer")
      .get<{ items: readonly { by: { name: string } }[] }>("/v1/events", {
        by: "Millrace",
      });
    expect(new Set(items.map(({ by }) => by.name))).toEqual(new Set(["Millrace"]));

    const unknown = await refused(
      orchard
        .as("member")
        .command("commitment.offer", { on: null, body: { ...body, beneficiaries: ["Ferry"] } }),
    );
    expect([unknown.status, unknown.code]).toEqual([422, "unknown-partner"]);
    expect(unknown.problem.errors).toEqual([
      {
        pointer: "#/beneficiaries/0",
        code: "unknown-partner",
        detail: 'no partner is called "Ferry"; partners: Orchard; Millrace',
      },
    ]);
    expect(await orchard.as("viewer").one("partners", "Ferry")).toBeNull();

    const alone = await refused(
      orchard
        .as("member")
        .command("commitment.offer", { on: null, body: { ...body, beneficiaries: "Millrace" } as never }),
    );
    expect(alone.problem.errors).toMatchObject([
      { pointer: "#/beneficiaries", detail: expect.stringMatching(/^got "Millrace", expected a list of /) },
    ]);
    const promised = await orchard
      .as("member")
      .command("commitment.pledge", { on: null, body: { title: "All", due, beneficiaries: ["Network"] } });
    expect(promised).toMatchObject({ beneficiaries: [{ network: true }] });
    // A founder was never sponsored.
    const admitted = await refused(
      millrace.as("steward").command("partner.admit", { on: "Orchard", body: {} }),
    );
    expect(admitted.code).toBe("already-a-member");
  });

  it("leave by the partner's own name, and by nobody else's", async () => {
    const key = randomUUID();
    const others = await refused(
      orchard.as("steward").command("partner.leave", { on: millrace.id, body: {}, idempotencyKey: key }),
    );
    expect(others.status).toBe(422);
    const left = await millrace.as("steward").command("partner.leave", { on: millrace.id, body: {} });
    expect(left).toMatchObject({ id: millrace.id, state: "left" });
  });
});

/** A founder's log becomes known to another node by the charter; its frame is taken when it comes. */
async function sponsor(host: Partner, guest: Partner): Promise<void> {
  await eventually("the host may speak", isActive(host));
  const request = encodeJson({
    entries: [{ type: "member.sponsored", subject: null, x: { root: guest.id, log: guest.log } }],
    expect: [],
  });
  const reply = await host.bus.request(subjects.service("ledger", "append"), request, { timeoutMs: 10_000 });
  expect(AppendReply.parse(JSON.parse(new TextDecoder().decode(reply.data))).ok).toBe(true);
}
