// Goal: an import performs its partner's lines in order, waits for others' acts but not for ever, and loses no line.
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import { describe, expect, it } from "vitest";
import { readHistory } from "./facts.ts";
import { type ImportNode, ImportRefused, importHistory, type SeenInitiative } from "./import.ts";
import { planHistory } from "./plan.ts";

type Call = {
  readonly name: string;
  readonly on: Ref | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: string;
};

/** One node in memory: it knows what it is told, and answers commands with the refs `log.0`, `log.1` ... */
function memoryNode() {
  const calls: Call[] = [];
  const seen = new Map<string, SeenInitiative>();
  const pledges = new Map<string, Ref[]>();
  /** What a command meets in place of an answer, by its name; used up in order. */
  const noes = new Map<string, Error[]>();
  let held = 0;
  const node: ImportNode = {
    command: async (name, on, body, key) => {
      calls.push({ name, on, body, key });
      const no = noes.get(name)?.shift();
      if (no !== undefined) throw no;
      const ref = `log.${calls.length - 1}` as Ref;
      const { externalId = "" } = body as { readonly externalId?: string };
      if (name === "initiative.propose") seen.set(externalId, { id: ref, term: 1, lead: "a", offeredTo: [] });
      if (name === "commitment.pledge") pledges.set(externalId, [...(pledges.get(externalId) ?? []), ref]);
      return ref;
    },
    initiative: async (externalId) => seen.get(externalId) ?? null,
    entries: async () => held,
    commitments: async (_initiative, externalId) => pledges.get(externalId) ?? [],
  };
  return { node, calls, seen, pledges, noes, arrive: () => (held += 1) };
}
type MemoryNode = ReturnType<typeof memoryNode>;

const file = (...facts: readonly object[]): string =>
  facts
    .map((fact, index) =>
      JSON.stringify({ at: `2026-01-0${index + 1}T00:00:00.000Z`, initiative: "i", ...fact }),
    )
    .join("\n");

/** Imports `text` as `partner`; each pause is a second of its clock, and what happens meanwhile is `elsewhere`. */
function run(
  { node }: MemoryNode,
  partner: string,
  text: string,
  elsewhere: (pause: number) => void = () => {},
) {
  let seconds = 0;
  return importHistory(
    node,
    planHistory(readHistory(text), () => true),
    {
      partner,
      partnerIds: new Map([
        ["a", "id-a" as PartnerId],
        ["b", "id-b" as PartnerId],
      ]),
      waitMs: 5_000,
      now: () => seconds * 1_000,
      pause: async () => elsewhere(++seconds),
    },
  );
}

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
    expect(await run(one, "a", text)).toEqual({ partner: "a", placed: 5, notPlaced: [] });
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

  it("sends the same keys when it is run again, and none twice", async () => {
    const [first, again] = [memoryNode(), memoryNode()];
    const text = file(
      proposed,
      made,
      { ...made, commitment: "d" },
      { ...made, fact: "commitment.withdrawn" },
    );
    await run(first, "a", text);
    await run(again, "a", text);
    const keys = first.calls.map(({ key }) => key);
    expect(again.calls.map(({ key }) => key)).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("waits for another node's act as long as anything arrives", async () => {
    const one = memoryNode();
    const report = await run(one, "b", file(proposed, { partner: "b", fact: "partner.joined" }), (pause) => {
      one.arrive();
      if (pause === 20) one.seen.set("i", known);
    });
    expect(report).toMatchObject({ placed: 1, notPlaced: [] });
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
    let pauses = 0;
    const report = await run(one, "b", text, () => void pauses++);
    expect(report.placed).toBe(1);
    expect(report.notPlaced.map(({ line, reason }) => [line, reason])).toEqual([
      [3, "waited-too-long"],
      [4, "waited-too-long"],
    ]);
    expect(pauses).toBe(6);
  });

  it("lists what the node refuses, and ends at what is no refusal", async () => {
    const one = memoryNode();
    one.noes.set("commitment.pledge", [
      new ImportRefused("not-the-lead", "another leads"),
      new Error("disk full"),
    ]);
    expect(await run(one, "a", file(proposed, made))).toEqual({
      partner: "a",
      placed: 1,
      notPlaced: [{ line: 2, reason: "not-the-lead", detail: "another leads" }],
    });
    await expect(run(one, "a", file(proposed, made))).rejects.toThrow("disk full");
  });
});

describe("a handoff of a history", () => {
  const text = file(
    proposed,
    made,
    { partner: "a", fact: "lead.changed", to: "b" },
    {
      partner: "b",
      fact: "commitment.fulfilled",
      commitment: "c",
    },
  );

  it("is offered by its giver", async () => {
    const one = memoryNode();
    expect(await run(one, "a", text)).toMatchObject({ placed: 3, notPlaced: [] });
    expect(one.calls.at(-1)).toMatchObject({
      name: "initiative.offer-handoff",
      on: "log.0",
      body: { to: "id-b", occurredAt: Date.UTC(2026, 0, 3) },
    });
  });

  it("is accepted by its receiver with the pledges that go along, once their words are here", async () => {
    const one = memoryNode();
    one.seen.set("i", { ...known, offeredTo: ["b"] });
    one.pledges.set("c", ["elsewhere.2" as Ref]);
    one.noes.set("initiative.accept-handoff", [new ImportRefused("payload-not-held", "not yet")]);
    const report = await run(
      one,
      "b",
      text,
      () =>
        // The giver completes it while we wait for the words, and then for the seat.
        void one.seen.set("i", { ...known, term: one.calls.length > 1 ? 2 : 1, lead: "b", offeredTo: ["b"] }),
    );
    expect(report).toMatchObject({ placed: 2, notPlaced: [] });
    expect(one.calls.map(({ name, on }) => [name, on])).toEqual([
      ["initiative.accept-handoff", known.id],
      ["initiative.accept-handoff", known.id],
      ["commitment.claim", "elsewhere.2"],
    ]);
    expect(one.calls[0]?.body).toMatchObject({ carry: ["elsewhere.2"], occurredAt: Date.UTC(2026, 0, 3) });
    expect(one.calls[1]?.key).toBe(one.calls[0]?.key);
  });
});
