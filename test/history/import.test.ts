// Goal: files as people have them are imported whole: names that differ only in case, more pledges in a handoff than one append
// holds, a file that comes again reordered and corrected, one organization under two names, dirt. Method: two real nodes whose
// names differ only in case, and the command line at both of them, as their operators run it.
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import type { Account } from "@handfast/handfast/history/account";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf } from "../network/command-line.ts";

const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-import-"));
const cleanup = new AsyncDisposableStack();
let heron: DemoNode;
let smallHeron: DemoNode;

beforeAll(async () => {
  const partners = ["Heron", "heron"];
  const network = cleanup.use(
    await openDemoNetwork({ name: "Reeds", partners, dir: temp.path, say: () => {} }),
  );
  [heron, smallHeron] = network.nodes as [DemoNode, DemoNode];
}, 120_000);
afterAll(async () => {
  await cleanup.disposeAsync();
  temp.remove();
});

type Facts = readonly Readonly<Record<string, unknown>>[];
let files = 0;

function fileOf(facts: Facts | string): string {
  const file = join(temp.path, `history-${files++}.ndjson`);
  writeFileSync(
    file,
    typeof facts === "string" ? facts : facts.map((fact) => JSON.stringify(fact)).join("\n"),
  );
  return file;
}

async function importAt(node: DemoNode, facts: Facts | string, ...flags: readonly string[]) {
  const { code, out, err } = await commandsOf(node)(
    "--json",
    "import",
    fileOf(facts),
    "--wait",
    "20",
    ...flags,
  );
  const report = JSON.parse(out) as Account & {
    readonly error?: { readonly message: string; readonly hint?: string };
  };
  return { code, report, err };
}

const importAtBoth = (facts: Facts) => Promise.all([importAt(heron, facts), importAt(smallHeron, facts)]);

async function initiative(node: DemoNode, externalId: string) {
  const [one] = await node.api.list("/v1/initiatives", { externalId });
  return one as { readonly id: string; readonly title: string; readonly lead: { readonly name: string } };
}
const pledgesTo = (node: DemoNode, id: string) =>
  node.api.list("/v1/commitments", { initiative: id }) as Promise<
    readonly {
      readonly debtor: { readonly name: string };
      readonly due: string;
      readonly externalId: string;
    }[]
  >;
const clean = { notPlaced: [], leftOut: [], changed: [] };

describe("an import", { timeout: 480_000 }, () => {
  it("keeps partners apart whose names differ only in case", async () => {
    const facts = [
      {
        at: "2020-03-01T00:00:00Z",
        partner: "Heron",
        fact: "initiative.proposed",
        initiative: "w",
        title: "Willow",
      },
      {
        at: "2020-03-02T00:00:00Z",
        partner: "heron",
        fact: "initiative.proposed",
        initiative: "s",
        title: "Sedge",
      },
      { at: "2020-03-03T00:00:00Z", partner: "Heron", fact: "lead.changed", initiative: "w", to: "heron" },
    ];
    const [atHeron, atSmall] = await importAtBoth(facts);
    expect(atHeron).toMatchObject({ code: 0, report: { placed: 2, byOthers: 1, ...clean } });
    expect(atSmall).toMatchObject({ code: 0, report: { placed: 2, byOthers: 1, ...clean } });
    await eventually("heron leads", async () => (await initiative(heron, "w")).lead.name === "heron");
  });

  it("hands over more pledges than one append holds, and goes on with them", async () => {
    const count = 140;
    const second = (index: number) => new Date(Date.UTC(2020, 1, 1) + index * 1_000).toISOString();
    const facts = [
      {
        at: "2020-01-01T00:00:00Z",
        partner: "Heron",
        fact: "initiative.proposed",
        initiative: "m",
        title: "Mere",
      },
      ...Array.from({ length: count }, (_, index) => ({
        at: second(index),
        partner: "Heron",
        fact: "commitment.made",
        initiative: "m",
        commitment: `m/${index}`,
        title: `Stake ${index}`,
        due: "2020-12-01",
      })),
      { at: "2020-03-01T00:00:00Z", partner: "Heron", fact: "lead.changed", initiative: "m", to: "heron" },
      ...[0, count - 1].map((index) => ({
        at: "2020-04-01T00:00:00Z",
        partner: "heron",
        fact: "commitment.rescheduled",
        initiative: "m",
        commitment: `m/${index}`,
        due: "2021-01-01",
      })),
    ];
    const [giver, receiver] = await importAtBoth(facts);
    expect(giver).toMatchObject({ code: 0, report: { placed: count + 2, byOthers: 2, ...clean } });
    expect(receiver).toMatchObject({ code: 0, report: { placed: 3, byOthers: count + 1, ...clean } });
    const { id, lead } = await initiative(smallHeron, "m");
    expect(lead.name).toBe("heron");
    await eventually("all are carried, and two have another day", async () => {
      const pledges = await pledgesTo(heron, id);
      const moved = pledges
        .filter((pledge) => pledge.due === "2021-01-01")
        .map((pledge) => pledge.externalId);
      const areCarried = pledges.every((pledge) => pledge.debtor.name === "heron");
      return (
        pledges.length === count && areCarried && isDeepStrictEqual(moved.sort(), ["m/0", `m/${count - 1}`])
      );
    });
  });

  it("says nothing twice when the file comes again, reordered, corrected and longer", async () => {
    const facts = [
      {
        at: "2021-01-01T00:00:00Z",
        partner: "Heron",
        fact: "initiative.proposed",
        initiative: "g",
        title: "Gaet",
      },
      {
        at: "2021-01-02T00:00:00Z",
        partner: "Heron",
        fact: "commitment.made",
        initiative: "g",
        commitment: "g/1",
        title: "Dig",
        due: "2021-03-01",
      },
      {
        at: "2021-01-03T00:00:00Z",
        partner: "Heron",
        fact: "initiative.status",
        initiative: "g",
        status: "implementable",
      },
      {
        at: "2021-01-04T00:00:00Z",
        partner: "Heron",
        fact: "commitment.rescheduled",
        initiative: "g",
        commitment: "g/1",
        due: "2021-04-01",
      },
    ];
    expect(await importAt(heron, facts)).toMatchObject({ code: 0, report: { placed: 4, ...clean } });
    const { entries } = await heron.api.node();

    const reordered = facts.map((fact) => Object.fromEntries(Object.entries(fact).reverse()));
    expect(await importAt(heron, reordered)).toMatchObject({
      code: 0,
      report: { placed: 0, alreadyPlaced: 4, ...clean },
    });
    expect((await heron.api.node()).entries).toBe(entries);

    const corrected = [
      { ...facts[0], title: "Gate" },
      ...facts.slice(1),
      {
        at: "2021-02-01",
        partner: "Heron",
        fact: "commitment.fulfilled",
        initiative: "g",
        commitment: "g/1",
      },
    ];
    expect(await importAt(heron, corrected)).toMatchObject({
      code: 0,
      report: {
        placed: 1,
        alreadyPlaced: 4,
        notPlaced: [],
        changed: [{ line: 1, detail: 'title is recorded as "Gaet", the file says "Gate"' }],
      },
    });
    expect((await heron.api.node()).entries).toBe(entries + 1);
    const { id } = await initiative(heron, "g");
    expect(await pledgesTo(heron, id)).toMatchObject([{ externalId: "g/1", state: "claimed" }]);
  });

  const renamed = [
    {
      at: "2012-05-01T00:00:00Z",
      partner: "Grey Heron",
      fact: "initiative.proposed",
      initiative: "r",
      title: "Reed bed",
    },
    {
      at: "2012-06-01T00:00:00Z",
      partner: "Grey Heron",
      fact: "commitment.made",
      initiative: "r",
      commitment: "r/1",
      title: "Cut",
      due: "2013-01-01",
    },
    {
      at: "2013-06-01T00:00:00Z",
      partner: "Heron",
      fact: "initiative.status",
      initiative: "r",
      status: "implementable",
    },
    {
      at: "2013-07-01T00:00:00Z",
      partner: "Heron",
      fact: "commitment.fulfilled",
      initiative: "r",
      commitment: "r/1",
    },
  ];

  it("takes one organization under two names as one, once it is told so", async () => {
    const names = join(temp.path, "names.json");
    writeFileSync(names, JSON.stringify({ "Grey Heron": "Heron" }));
    const before = await importAt(heron, renamed);
    expect(before).toMatchObject({
      code: 5,
      report: { placed: 0, leftOut: [{ partner: "Grey Heron", count: 2, lines: [1, 2] }] },
    });
    const told = await importAt(heron, renamed, "--as", "Grey Heron", "--as", "Heron");
    expect(told).toMatchObject({ code: 0, report: { placed: 4, ...clean } });
    expect(await importAt(heron, renamed, "--names", names)).toMatchObject({
      code: 0,
      report: { placed: 0, alreadyPlaced: 4, ...clean },
    });
  });

  it("takes the dirt of a spreadsheet, and says of each line what was done or what is wrong with it", async () => {
    const proposed = { at: "2019-01-01T00:00:00Z", partner: "Heron", fact: "initiative.proposed" };
    const long = "Long ".repeat(48).trim();
    const lines = [
      `\ufeff${JSON.stringify({ ...proposed, initiative: "d1", title: "First row" })}\r`,
      JSON.stringify({ ...proposed, initiative: "d2", title: "A day", at: "2019-01-02" }),
      JSON.stringify({ ...proposed, initiative: "d3", title: "Cafe\u0301" }),
      JSON.stringify({ ...proposed, initiative: "d4", title: long }),
      JSON.stringify({ ...proposed, initiative: "d5", title: "Two\nlines", partner: " Heron" }),
      JSON.stringify({ ...proposed, initiative: 6, title: "A number" }),
      "",
      JSON.stringify({ ...proposed, initiative: "d8", title: "", at: "soon" }),
      JSON.stringify({ ...proposed, initiative: "d9", title: "Tomorrow", at: "2098-01-01" }),
      JSON.stringify({ ...proposed, initiative: "d10", title: "Far away", partner: "Stork" }),
      JSON.stringify({ ...proposed, initiative: "d2", fact: "commitment.fulfilled", commitment: "never" }),
    ];
    const { code, report } = await importAt(heron, lines.join("\n"));
    expect(code).toBe(5);
    expect(report).toMatchObject({
      facts: 10,
      placed: 6,
      leftOut: [{ partner: "Stork", count: 1, lines: [10] }],
    });
    expect(report.notPlaced.map(({ line, reasons }) => [line, ...reasons.map((one) => one.reason)])).toEqual([
      [8, "malformed-line", "malformed-line"],
      [9, "in-the-future"],
      [11, "commitment-not-made"],
    ]);
    expect(report.normalized.map(({ line, member }) => `${line} ${member}`)).toEqual([
      "1 line",
      "2 at",
      "3 title",
      "4 title",
      "5 partner",
      "5 title",
      "6 initiative",
      "9 at",
    ]);
    const [shortened] = await heron.api.list("/v1/initiatives", { externalId: "d4" });
    expect(shortened).toMatchObject({ title: `${long.slice(0, 199)}…`, problem: long });
    const { out } = await commandsOf(heron)("import", fileOf(lines.join("\n")));
    expect(out).toContain("placed 0 of 10 facts for Heron; 6 placed by an earlier import;");
    expect(out).toMatch(/Stork\s+1\s+10/);
  });

  it("refuses names that nobody in the file or the network has, as wrong usage", async () => {
    for (const [flags, message] of [
      [["--as", "Nobody"], /no line of .* is by Nobody/],
      [["--only", "Stork"], /Stork is not a partner of this network/],
      [["--names", join(temp.path, "no such file")], /there is no file/],
      [["--wait", "soon"], /^--wait: got "soon", expected a whole number from 0 to/],
    ] as const) {
      const { code, report } = await importAt(heron, renamed, ...flags);
      expect(code).toBe(2);
      expect(report.error?.message).toMatch(message);
    }
    const foreign = await importAt(smallHeron, renamed);
    expect(foreign).toMatchObject({ code: 2, report: { error: { hint: /names are: Grey Heron; Heron/ } } });
  });
});
