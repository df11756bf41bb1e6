/**
 * Goal: an audit on several threads says exactly what the sequential one says of a sound bundle, and leaves every other
 * bundle to it. Method: both read the same files; then the file is changed wherever a thread could overlook it.
 */
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyClean } from "../src/parallel/verify-clean.ts";
import { replay } from "../src/replay.ts";
import { verifyBundle } from "../src/verify.ts";
import {
  assemble,
  createWorld,
  type Section,
  sectionsOf,
  type World,
  type Written,
} from "./bundle-writer.ts";

const cut = { asOf: Number.MAX_SAFE_INTEGER, timeline: "recorded" } as const;

/** Three partners with texts, parents, letters that are not ASCII, and sections of a few headers each. */
function busy(): World {
  const world = createWorld("ann", "bob", "cid");
  const partners = ["ann", "bob", "cid"].map((name) => world.founder(name));
  for (let round = 0; round < 40; round++) {
    const [one, other] = [partners[round % 3], partners[(round + 1) % 3]] as [
      World["partners"][number],
      World["partners"][number],
    ];
    const after = partners.map(({ entries }) => entries.at(-1) as NonNullable<(typeof entries)[number]>);
    const initiative = world.act(one, "initiative.proposed", {
      after,
      x: { externalId: round % 2 === 0 ? `item ${round}` : `Träger ${round} "q" \\ ,"v":2,"x":{` },
      body: { title: `A garden ${round}` },
    });
    world.act(other, "initiative.joined", { subject: initiative, after: [initiative] });
    world.act(one, "initiative.adopted", { subject: initiative, x: { term: 1 } });
    world.act(one, "later.release", {
      subject: initiative,
      x: { subject: ',"subject":null,"type":"no.no"' },
    });
    const pledge = world.act(one, "commitment.pledged", {
      x: { debtor: one.id, beneficiaries: [other.id, initiative.ref], due: "2027-01-01" },
    });
    world.act(one, "commitment.claimed", { subject: pledge });
    world.act(other, "commitment.confirmed", { subject: pledge, after: [pledge], x: { as: "full" } });
  }
  return world;
}

const headersEach = 7;

/** As `sectionsOf`, the headers cut into sections of a few. */
function sections(world: World): Section[] {
  return sectionsOf(world).flatMap((section) => {
    if (section.kind !== "entries") return [section];
    const headers = section.bytes.toString("utf8").trimEnd().split("\n");
    const parts: Section[] = [];
    for (let at = 0; at < headers.length; at += headersEach) {
      const bytes = Buffer.from(`${headers.slice(at, at + headersEach).join("\n")}\n`);
      parts.push({ kind: "entries", bytes });
    }
    return parts;
  });
}

async function read(bytes: Buffer, threads: number, keep = true) {
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bytes);
  return {
    parallel: await verifyClean(path, { keep }, { bytesMin: 0, threads }),
    sequential: verifyBundle(path, { keep }),
  };
}

describe("an audit on several threads", () => {
  it.each([1, 3])("says of a sound bundle what the sequential one says, with %i more", async (threads) => {
    const { parallel, sequential } = await read(assemble(sections(busy())), threads);
    expect(sequential.report.verdict).toBe("verified");
    expect(parallel?.report).toEqual(sequential.report);
    expect(parallel?.held?.entries).toEqual(sequential.held?.entries);
    const [one, other] = [parallel, sequential].map((audit) => {
      const told = replay(audit?.held as NonNullable<typeof sequential.held>, cut);
      return { rows: told.rows, verdicts: [...told.verdicts()] };
    });
    expect(one).toEqual(other);
    expect(other?.rows).toHaveLength(80);
  });

  it("verifies without keeping entries", async () => {
    const { parallel, sequential } = await read(assemble(sections(busy())), 2, false);
    expect(parallel?.report).toEqual(sequential.report);
    expect(parallel?.held?.entries).toEqual([]);
  });

  const last = (kind: Section["kind"], all: readonly Section[]) =>
    all.findLastIndex((one) => one.kind === kind);
  const first = (kind: Section["kind"], all: readonly Section[]) => all.findIndex((one) => one.kind === kind);
  const change = (place: (all: readonly Section[]) => number, edit: (text: string) => string) => {
    return (all: readonly Section[]) => {
      const at = place(all);
      return all.map(({ kind, bytes }, index) => {
        return index === at ? { kind, bytes: Buffer.from(edit(bytes.toString("utf8"))) } : { kind, bytes };
      });
    };
  };
  const inLast = (kind: Section["kind"]) => (all: readonly Section[]) => last(kind, all);
  const inFirst = (kind: Section["kind"]) => (all: readonly Section[]) => first(kind, all);

  it.each<[string, (all: readonly Section[]) => Section[]]>([
    ["a header that is not canonical", change(inLast("entries"), (text) => text.replace('"v":2', '"v": 2'))],
    [
      "another header than its root says",
      change(inLast("entries"), (text) => text.replace("2027-01-01", "2027-01-02")),
    ],
    [
      "one header fewer",
      change(inLast("entries"), (text) => text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1)),
    ],
    ["a section without its last LF", change(inLast("entries"), (text) => text.slice(0, -1))],
    ["another first header", change(inFirst("entries"), (text) => text.replace('"name":"', '"name":"x'))],
    ["a forged signature", change(inLast("checkpoint"), (text) => `${text.slice(0, -8)}AAAAAA=\n`)],
    ["another root", change(inLast("checkpoint"), (text) => text.replace(/\n[A-Za-z0-9+/]{4}/, "\nAAAA"))],
    ["another text", change(inLast("payloads"), (text) => text.replace("garden", "gardem"))],
    [
      "one log fewer than the manifest says",
      (all) => all.filter((_section, index) => index !== last("log", all)),
    ],
    ["another charter", change(inFirst("charter"), (text) => text.replace("Test network", "Best network"))],
    ["nothing after its charter", (all) => all.slice(0, 2)],
  ])("leaves a bundle with %s to the sequential one", async (_what, edit) => {
    const { parallel, sequential } = await read(assemble(edit(sections(busy()))), 2);
    expect(sequential.report.verdict).toBe("invalid");
    expect(parallel).toBeUndefined();
  });

  type Partner = World["partners"][number];

  it.each<[string, (world: World, ann: Partner, bob: Partner) => void]>([
    [
      "a parent with another hash",
      (world, ann, bob) => {
        const seen = ann.entries.at(-1) as Written;
        const pinned = `${seen.ref}@${"A".repeat(43)}`;
        world.act(bob, "initiative.proposed", { after: [{ ...seen, pinned }] });
      },
    ],
    [
      "a clock behind a parent's",
      (world, ann, bob) => {
        const seen = world.act(ann, "initiative.proposed", { at: Date.parse("2027-01-01") });
        world.act(bob, "initiative.proposed", { after: [seen], at: seen.at - 1 });
      },
    ],
    [
      "a clock that goes back where a section begins",
      (world, ann) => {
        while (ann.entries.length % headersEach !== 0) world.act(ann, "initiative.proposed");
        world.act(ann, "initiative.proposed", { at: (ann.entries.at(-1) as Written).at - 1 });
      },
    ],
    ["the log of a stranger", (world) => world.open("eve")],
  ])("leaves a signed bundle with %s to the sequential one", async (_what, spoil) => {
    const world = busy();
    spoil(world, ...(world.partners as [Partner, Partner]));
    const { parallel, sequential } = await read(assemble(sections(world)), 2);
    expect(sequential.report.problems).toHaveLength(1);
    expect(parallel).toBeUndefined();
  });

  it("leaves damage and what is left out to the sequential one", async () => {
    const bytes = assemble(sections(busy()));
    const cutOff = await read(bytes.subarray(0, bytes.length - 100), 2);
    expect([cutOff.sequential.report.verdict, cutOff.parallel]).toEqual(["invalid", undefined]);
    const world = busy();
    const shorter = sectionsOf(world, {
      size: ({ entries, name }) => entries.length - (name === "bob" ? 3 : 0),
    });
    const incomplete = await read(assemble(shorter), 2);
    expect([incomplete.sequential.report.verdict, incomplete.parallel]).toEqual(["incomplete", undefined]);
  });

  it("finds an entry that names another before it, wherever the sections part", async () => {
    for (const wrong of [1, headersEach - 1, headersEach, headersEach + 1]) {
      const world = createWorld("ann");
      const ann = world.founder("ann");
      const [opening] = ann.entries as [Written];
      for (let seq = ann.entries.length; seq < 3 * headersEach; seq++)
        world.act(ann, "later.release", seq === wrong + 1 ? { behind: opening } : {});
      const { parallel, sequential } = await read(assemble(sections(world)), 2);
      expect(parallel, `entry ${wrong + 1}`).toBeUndefined();
      expect(sequential.report.problems).toMatchObject([{ code: "hash", seq: wrong + 1 }]);
    }
  });
});
