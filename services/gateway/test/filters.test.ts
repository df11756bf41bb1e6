// Goal: lists are narrowed as asked, by whatever a person would look for, and refuse what makes no sense. Method: a real node.
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

let orchard: Partner;
beforeAll(async () => {
  orchard = await openPartner("Orchard");
  await eventually(
    "its membership",
    async () => (await orchard.reads.one("partners", orchard.id, null))?.state === "active",
  );
  const client = orchard.as("member");
  const pledge = async (title: string, due: string, externalId: string) =>
    client.command("commitment.pledge", {
      on: null,
      // Recorded elsewhere first, and said to be so: only then may its day be over.
      body: {
        title,
        beneficiaries: ["network"],
        due,
        externalId,
        occurredAt: Date.UTC(2020, 0, 6),
        imported: true,
      },
    });
  await pledge("Mend the north barn", "2020-01-31", "CRM-1");
  await pledge("Plant a hedge", "2050-06-01", "CRM-2");
  await pledge("Paint the barn door", "2050-12-24", "CRM-2");
  await client.command("challenge.share", { on: null, body: { title: "Who lends us a café?" } });
}, 60_000);
afterAll(() => orchard[Symbol.asyncDispose]());

const titles = async (path: string): Promise<readonly string[]> => {
  const token = orchard.token("viewer");
  const answer = await orchard.app.inject({ url: path, headers: { authorization: `Bearer ${token}` } });
  const body = answer.json() as { items?: { title: string }[]; code?: string };
  return body.items?.map(({ title }) => title) ?? [`${answer.statusCode} ${body.code}`];
};

describe("a list", { timeout: 240_000 }, () => {
  it.each([
    ["text=barn", ["Mend the north barn", "Paint the barn door"]],
    ["text=BARN%20pai", ["Paint the barn door"]],
    ["text=arn", []],
    ["state=active&dueBefore=2050-12-24", ["Mend the north barn", "Plant a hedge"]],
    ["dueAfter=2020-01-31", ["Plant a hedge", "Paint the barn door"]],
    ["overdue=true", ["Mend the north barn"]],
    ["overdue=false&text=barn", ["Paint the barn door"]],
    ["externalId=CRM-2", ["Plant a hedge", "Paint the barn door"]],
    ["partner=Orchard&text=hedge", ["Plant a hedge"]],
    ["state=satisfied", []],
    ["partner=Nobody", ["422 unknown-partner"]],
    ["text=%21%21", ["400 query-invalid"]],
    ["state=lost", ["400 query-invalid"]],
  ])("of commitments with %s", async (query, expected) => {
    expect(await titles(`/v1/commitments?${query}`)).toEqual(expected);
  });

  it("of challenges finds a title without its accents, and has no due day", async () => {
    expect(await titles("/v1/challenges?text=cafe")).toEqual(["Who lends us a café?"]);
    expect(await titles("/v1/challenges?dueBefore=2050-01-01")).toEqual(["400 query-invalid"]);
  });

  it("says why a text cannot be looked for, and that the network is not a partner", async () => {
    const token = orchard.token("viewer");
    const headers = { authorization: `Bearer ${token}` };
    const ask = async (query: string) =>
      (await orchard.app.inject({ url: `/v1/commitments?${query}`, headers })).json();
    expect(await ask("text=%22")).toMatchObject({
      code: "query-invalid",
      errors: [{ detail: expect.stringContaining("(holds no letter and no digit)") }],
    });
    for (const word of ["network", "Network"])
      expect(await ask(`partner=${word}`)).toMatchObject({
        code: "unknown-partner",
        errors: [{ detail: expect.stringContaining("the whole network") }],
      });
  });

  it("keeps its filter from page to page", async () => {
    const token = orchard.token("viewer");
    const headers = { authorization: `Bearer ${token}` };
    const first = await orchard.app.inject({ url: "/v1/commitments?text=barn&limit=1", headers });
    const next = /<([^>]+)>/.exec(String(first.headers.link))?.[1] ?? "";
    expect(await titles(next)).toEqual(["Paint the barn door"]);
  });
});
