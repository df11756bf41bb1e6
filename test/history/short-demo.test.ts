// Goal: a demo of a short history says what it does as a person would, one partner or many, and its progress ends with all of it.
// Method: the command as its users run it, with one real node.
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { handfast } from "../network/command-line.ts";

const fact = (at: string, rest: object) => ({ at: `2020-01-0${at}T00:00:00Z`, partner: "Sorrel", ...rest });
const repeated = [
  fact("1", { fact: "initiative.proposed", initiative: "d1", title: "D" }),
  fact("1", { fact: "initiative.proposed", initiative: "d1", title: "D" }),
  fact("2", { fact: "partner.joined", initiative: "d1" }),
  fact("2", { fact: "partner.joined", initiative: "d1" }),
];
const unplaced = [...repeated, fact("3", { fact: "partner.left", initiative: "d2" })];

it.each([
  ["repeats itself", repeated, 0, "placed 2 of 4 facts; 2 repeat another line"],
  ["cannot be placed whole", unplaced, 5, "placed 2 of 5 facts; 2 repeat another line; 1 not placed"],
])("of a history that %s", async (_what, facts, code, placed) => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-short-demo-"));
  const file = join(temp.path, "history.ndjson");
  writeFileSync(file, `${facts.map((one) => JSON.stringify(one)).join("\n")}\n`);
  const demo = await handfast("demo", "--history", file, "--partners", "2", "--once", "--json");
  expect(demo.code, demo.err).toBe(code);
  for (const said of [
    "starting 1 partner, each",
    "playing 2 facts of Sorrel",
    placed,
    "the one node holds 4 entries",
  ])
    expect(demo.err).toContain(said);
  const [, played, of] = [...demo.err.matchAll(/(\d+) of (\d+) acts/g)].at(-1) ?? [];
  expect([played, of]).toEqual(["2", "2"]);
  expect(demo.out.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(demo.out)).toMatchObject({ partners: 1, entries: 4, audit: "verified", placed: 2 });
});
