// Goal: what stands on a second history that a partner signed has an id like everything else, which every route takes that gives it.
// Method: a real node that was given both histories of a founder's log.
import { IngestReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import { formatFrame } from "@handfast/protocol/frame";
import { createAuthor, testCharter } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

const founders = ["Orchard", "Thistle"];
const { net } = testCharter(...founders);
let orchard: Partner;
const get = (url: string) =>
  orchard.app.inject({ url, headers: { authorization: `Bearer ${orchard.token("viewer")}` } });
const kinds = ["initiatives", "challenges", "commitments"] as const;
type Listed = { readonly items: readonly { readonly id: string }[] };

beforeAll(async () => {
  orchard = await openPartner("Orchard", { founders });
  const [first, second] = [1, 2].map((history) => {
    const author = createAuthor(net, "Thistle");
    author.write({ type: "charter.attested", x: { charter: net } });
    const due = "2050-01-01";
    author.write({ type: "initiative.proposed", x: { externalId: `of history ${history}` } });
    author.write({ type: "challenge.shared", x: { externalId: `of history ${history}` } });
    author.write({
      type: "commitment.pledged",
      x: { debtor: author.by, beneficiaries: ["network"], due, externalId: `of history ${history}` },
    });
    return author;
  }) as [ReturnType<typeof createAuthor>, ReturnType<typeof createAuthor>];
  for (const frame of [first.frame(0, 1), first.frame(1, 5), second.frame(2, 5)]) {
    const told = await orchard.bus.request(subjects.service("ledger", "ingest"), formatFrame(frame), {
      timeoutMs: 10_000,
    });
    expect(IngestReply.parse(JSON.parse(new TextDecoder().decode(told.data)))).toMatchObject({ ok: true });
  }
  await eventually("both are in the view", async () => {
    const { items } = (await get("/v1/events?limit=100")).json() as Listed;
    return items.some(({ id }) => id.includes("~"));
  });
}, 60_000);
afterAll(() => orchard[Symbol.asyncDispose]());

it.each(kinds)("is read as one of the %s, and by its events", async (kind) => {
  const { items } = (await get(`/v1/${kind}`)).json() as Listed;
  expect(items.map(({ id }) => id.includes("~")).sort()).toEqual([false, true]);
  for (const { id } of items) {
    expect((await get(`/v1/${kind}/${id}`)).json()).toMatchObject({ id });
    const events = (await get(`/v1/events?subject=${id}`)).json() as Listed;
    expect(events.items).toMatchObject([{ id, effect: "quarantined" }]);
    expect((await get(`/v1/commitments?initiative=${id}`)).statusCode).toBe(200);
  }
});

it("is not acted on, on either history, and the answer says why", async () => {
  const { items } = (await get("/v1/initiatives")).json() as Listed;
  for (const { id } of items) {
    const headers = {
      authorization: `Bearer ${orchard.token("member")}`,
      "idempotency-key": `join ${id}`,
      "content-type": "application/json",
    };
    const url = `/v1/initiatives/${id}/join`;
    const answer = await orchard.app.inject({ method: "POST", url, headers, payload: "{}" });
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: "in-doubt" }]);
  }
});
