// Goal: an import performs its partner's lines, those of an initiative in order, waits for others' acts but not without end,
// says nothing twice and loses no line.
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { describe, expect, it } from "vitest";
import { importHistory } from "./import.ts";
import { type ImportNode, ImportRefused, type Said, type SeenInitiative } from "./import-node.ts";
import { createNaming } from "./naming.ts";
import { planHistory } from "./plan.ts";
import { readHistory } from "./read-history.ts";

type Call = {
  readonly name: string;
  readonly on: Ref | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: string;
};

/**
 * One node in memory: it knows what it is told, and answers commands with the refs `log.0`, `log.1` ... Asked for news, it
 * lets happen what happens elsewhere, until that is nothing more.
 */
function memoryNode(elsewhere: (asked: number) => boolean = () => false) {
  const calls: Call[] = [];
  const seen = new Map<string, SeenInitiative>();
  const pledges = new Map<string, Ref[]>();
  const said = new Map<string, Said[]>();
  /** What a command meets in place of an answer, by its name; used up in order. */
  const noes = new Map<string, Error[]>();
  let asked = 0;
  let underWay = 0;
  let most = 0;
  const node: ImportNode = {
    command: async (name, on, body, key) => {
      calls.push({ name, on, body, key });
      const ref = `log.${calls.length - 1}` as Ref;
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      const no = noes.get(name)?.shift();
      if (no !== undefined) throw no;
      const { externalId = "" } = body as { readonly externalId?: string };
      if (name === "initiative.propose") seen.set(externalId, { id: ref, term: 1, lead: "a", offeredTo: [] });
      if (name === "commitment.pledge") pledges.set(externalId, [...(pledges.get(externalId) ?? []), ref]);
      return ref;
    },
    initiative: async (externalId) => seen.get(externalId) ?? null,
    pledges: (_initiative, externalId) => pledges.get(externalId) ?? [],
    news: async () => elsewhere(++asked),
    takeSaid: (type, externalId, occurredAt) =>
      said.get(`${type} ${externalId} ${occurredAt}`)?.shift() ?? null,
  };
  return { node, calls, seen, pledges, said, noes, asked: () => asked, most: () => most };
}
type MemoryNode = ReturnType<typeof memoryNode>;

const file = (...facts: readonly object[]): string =>
  facts
    .map((fact, index) =>
      JSON.stringify({ at: `2026-01-0${index + 1}T00:00:00.000Z`, initiative: "i", ...fact }),
    )
    .join("\n");

const run = ({ node }: MemoryNode, partner: string, text: string) =>
  importHistory(
    node,
    planHistory(readHistory(text), { naming: createNaming(["a", "b"]), now: Date.UTC(2027, 0, 1) }),
    {
      partner,
      partnerIds: new Map([
        ["a", "id-a" as PartnerId],
        ["b", "id-b" as PartnerId],
      ]),
      waitMs: 5_000,
      now: () => 0,
      pause: async () => {},
    },
  );

const proposed = { partner: "a", fact: "initiative.proposed", title: "A night bus" };
const made = { partner: "a", fact: "commitment.made", commitment: "c", title: "A driver", due: "2026-05-01" };
const known: SeenInitiative = { id: "elsewhere.1" as Ref, term: 1, lead: "a", offeredTo: [] };

describe("an import", () => {
  it("performs its partner's lines in order, with when and under which id each is known elsewhere", async () => {
    const one = memoryNode();
    const text = file(
      proposed,
      made,
      { partner: "a", fact: "initiative.status", status: "implementable" },
      { partner: "a", fact: "commitment.rescheduled", commitment: "c", due: "2026-06-01" },
      { partner: "a", fact: "commitment.fulfilled", commitment: "c" },
      { partner: "b", fact: "partner.joined" },
    );
    expect(await run(one, "a", text)).toEqual({
      placed: [1, 2, 3, 4, 5],
      alreadyPlaced: [],
      notPlaced: [],
      changed: [],
    });
    expect(one.calls.map(({ name, on }) => [name, on])).toEqual([
      ["initiative.propose", null],
      ["commitment.pledge", null],
      ["initiative.note-status", "log.0"],
      ["initiative.adopt", "log.0"],
      ["commitment.propose-revision", "log.1"],
      ["commitment.claim", "log.1"],
    ]);
    expect(one.calls[1]?.body).toEqual({
      act: "pledge",
      title: "A driver",
      due: "2026-05-01",
      beneficiaries: ["log.0"],
      asLeadOf: "log.0",
      externalId: "c",
      occurredAt: Date.UTC(2026, 0, 2),
    });
    expect(one.calls[3]?.body).toMatchObject({ externalStatus: "implementable", externalId: "i" });
  });

  it("keeps the whole of a title that is too long for one", async () => {
    const one = memoryNode();
    const title = "L".repeat(240);
    await run(one, "a", file({ ...proposed, title }, { ...made, title }));
    expect(one.calls[0]?.body).toMatchObject({ title: `${"L".repeat(199)}…`, problem: title });
    expect(one.calls[1]?.body).toMatchObject({ title: `${"L".repeat(199)}…`, text: title });
  });

  it("sends the same keys when it is run again, and none twice", async () => {
    const [first, again] = [memoryNode(), memoryNode()];
    const text = file(
      proposed,
      made,
      { ...made, commitment: "d" },
      { partner: "a", fact: "commitment.withdrawn", commitment: "c" },
    );
    await run(first, "a", text);
    await run(again, "a", text);
    const keys = first.calls.map(({ key }) => key);
    expect(again.calls.map(({ key }) => key)).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(4);
  });

  it("says nothing again that it said before, and names what is recorded in other words", async () => {
    const one = memoryNode();
    const id = "before.0" as Ref;
    one.seen.set("i", { ...known, id });
    one.pledges.set("c", ["before.1" as Ref]);
    one.said.set(`initiative.proposed i ${Date.UTC(2026, 0, 1)}`, [
      { subject: id, says: { title: "A nihgt bus" } },
    ]);
    one.said.set(`commitment.pledged c ${Date.UTC(2026, 0, 2)}`, [
      { subject: "before.1" as Ref, says: { title: "A driver", due: "2026-05-01" } },
    ]);
    const text = file(proposed, made, { partner: "a", fact: "commitment.fulfilled", commitment: "c" });
    expect(await run(one, "a", text)).toEqual({
      placed: [3],
      alreadyPlaced: [1, 2],
      notPlaced: [],
      changed: [{ line: 1, detail: 'title is recorded as "A nihgt bus", the file says "A night bus"' }],
    });
    expect(one.calls.map(({ name, on }) => [name, on])).toEqual([["commitment.claim", "before.1"]]);
  });

  it("performs initiatives beside each other, each in its own order, a bounded number of acts at once", async () => {
    const one = memoryNode();
    const facts = Array.from({ length: 30 }, (_, index) => index).flatMap((index) => [
      { ...proposed, initiative: `i${index}`, at: "2026-01-01" },
      { ...made, initiative: `i${index}`, commitment: `c${index}`, at: "2026-01-02" },
    ]);
    expect((await run(one, "a", file(...facts))).placed).toHaveLength(60);
    expect(one.most()).toBeGreaterThan(1);
    expect(one.most()).toBeLessThanOrEqual(8);
  });

  it("waits for another node's act as long as anything arrives", async () => {
    const one = memoryNode((asked) => {
      if (asked === 20) one.seen.set("i", known);
      return true;
    });
    const report = await run(one, "b", file(proposed, { partner: "b", fact: "partner.joined" }));
    expect(report).toMatchObject({ placed: [2], notPlaced: [] });
    expect(one.calls.map(({ name, on }) => [name, on])).toEqual([["initiative.join", known.id]]);
  });

  it("gives an initiative up when nothing arrives, with its lines and not with the others", async () => {
    const one = memoryNode();
    one.seen.set("j", known);
    const text = file(
      proposed,
      { ...proposed, initiative: "j" },
      { partner: "b", fact: "partner.joined" },
      { partner: "b", fact: "partner.left" },
      { partner: "b", fact: "partner.joined", initiative: "j" },
    );
    const report = await run(one, "b", text);
    expect(report.placed).toEqual([5]);
    expect(report.notPlaced.map(({ line, reasons }) => [line, reasons[0]?.reason])).toEqual([
      [3, "waited-too-long"],
      [4, "waited-too-long"],
    ]);
    expect(one.asked()).toBe(1);
  });

  it("lists what the node refuses, and ends at what is not a refusal", async () => {
    const one = memoryNode();
    one.noes.set("commitment.pledge", [
      new ImportRefused("not-the-lead", "another leads"),
      new Error("disk full"),
    ]);
    expect(await run(one, "a", file(proposed, made))).toMatchObject({
      placed: [1],
      notPlaced: [{ line: 2, reasons: [{ reason: "not-the-lead", detail: "another leads" }] }],
    });
    await expect(run(one, "a", file(proposed, made))).rejects.toThrow("disk full");
  });

  it("does not wait for what its own refused act would have brought", async () => {
    const one = memoryNode(() => {
      throw new Error("it asked for news");
    });
    one.noes.set("initiative.propose", [new ImportRefused("not-permitted", "not yours")]);
    const report = await run(one, "a", file(proposed, made));
    expect(report.notPlaced.map(({ line, reasons }) => [line, reasons[0]?.reason])).toEqual([
      [1, "not-permitted"],
      [2, "waited-too-long"],
    ]);
  });
});

describe("a handoff of a history", () => {
  const text = file(
    proposed,
    made,
    { partner: "a", fact: "lead.changed", to: "b" },
    { partner: "b", fact: "commitment.fulfilled", commitment: "c" },
  );

  it("is offered by its giver", async () => {
    const one = memoryNode();
    expect(await run(one, "a", text)).toMatchObject({ placed: [1, 2, 3], notPlaced: [] });
    expect(one.calls.at(-1)).toMatchObject({
      name: "initiative.offer-handoff",
      on: "log.0",
      body: { to: "id-b", occurredAt: Date.UTC(2026, 0, 3) },
    });
  });

  it("is accepted by its receiver with the pledges that go along, once their words are here", async () => {
    // The giver completes it while we wait for the seat.
    const one = memoryNode(() => one.seen.set("i", { ...known, term: 2, lead: "b" }) !== undefined);
    one.seen.set("i", { ...known, offeredTo: ["b"] });
    one.pledges.set("c", ["elsewhere.2" as Ref]);
    one.noes.set("initiative.accept-handoff", [new ImportRefused("payload-not-held", "not yet")]);
    expect(await run(one, "b", text)).toMatchObject({ placed: [3, 4], notPlaced: [] });
    expect(one.calls.map(({ name, on }) => [name, on])).toEqual([
      ["initiative.accept-handoff", known.id],
      ["initiative.accept-handoff", known.id],
      ["commitment.claim", "elsewhere.2"],
    ]);
    expect(one.calls[0]?.body).toMatchObject({ carry: ["elsewhere.2"], occurredAt: Date.UTC(2026, 0, 3) });
    expect(one.calls[1]?.key).toBe(one.calls[0]?.key);
  });

  it("that was accepted before is not accepted again, nor waited for", async () => {
    const one = memoryNode(() => one.seen.set("i", { ...known, term: 2, lead: "b" }) !== undefined);
    one.seen.set("i", known);
    one.pledges.set("c", ["elsewhere.2" as Ref]);
    one.said.set(`handoff.accepted i ${Date.UTC(2026, 0, 3)}`, [{ subject: known.id, says: {} }]);
    expect(await run(one, "b", text)).toMatchObject({ placed: [4], alreadyPlaced: [3], notPlaced: [] });
  });
});
