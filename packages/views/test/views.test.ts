// Goal: the views are what the ledger holds, by position alone: from nothing, over a restart, over lost hints, over an entry that
// cannot be read, over a damaged file and another ledger; and what people wrote comes when it comes. Method: a ledger that does
// what a test wants, on a real nats-server, real files, and a reader on a connection of its own.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toB64u } from "@handfast/protocol/bytes";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import { eventually } from "@handfast/testkit/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { openReads } from "../src/open-reads.ts";
import { ViewsNotReadyError } from "../src/reads.ts";
import { openViews } from "../src/views.ts";
import { network, opening, openScriptedLedger, orchard } from "./scripted-ledger.ts";

type Ledger = Awaited<ReturnType<typeof openScriptedLedger>>;
const soonMs = 20_000;
const folders: string[] = [];
const newFolder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), "handfast-views-")));
  return folders.at(-1) as string;
};
const owner = { net: network.net, charter: network.charter, self: orchard };
const open = ({ bus }: Ledger, dir = newFolder()) =>
  openViews({ ...owner, dir, bus, ledger: createLedgerClient(bus) });
const everything = { at: null, after: 0, limit: 100 } as const;

afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

describe("the views", { timeout: 240_000 }, () => {
  it("are built from nothing, and opened again where they were", async () => {
    await using ledger = await openScriptedLedger();
    const dir = newFolder();
    for (const entry of opening) ledger.write(entry);
    for (let count = 0; count < 20; count++) ledger.write({ body: { title: `challenge ${count}` } });
    {
      await using views = await open(ledger, dir);
      expect([views.position, views.count]).toEqual([22, 22]);
      const { items } = await views.reads.list("challenges", everything);
      expect(items.map(({ title }) => title)).toEqual(
        Array.from({ length: 20 }, (_, count) => `challenge ${count}`),
      );
      expect(items[0]?.owner.name).toBe("Orchard");
    }
    const asked = ledger.payloadQuestions;
    ledger.write({ body: { title: "while it was away" } });
    await using views = await open(ledger, dir);
    expect(await views.caughtUp(23, soonMs)).toBe(true);
    expect(ledger.payloadQuestions, "what is here is not asked for again").toBe(asked + 1);
    expect((await views.reads.list("challenges", everything)).items).toHaveLength(21);
  });

  it("follow hints, and need none", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    await using views = await open(ledger);
    const changes: number[] = [];
    using _listening = views.onChange(({ position }) => changes.push(position));
    ledger.write({});
    ledger.hint();
    expect(await views.caughtUp(3, soonMs)).toBe(true);
    // Nobody tells of this one; who waits for it asks.
    ledger.write({});
    expect(await views.caughtUp(4, soonMs)).toBe(true);
    expect(await views.caughtUp(5, 50)).toBe(false);
    expect(changes).toEqual([3, 4]);
    const notices: number[] = [];
    await using _hearing = ledger.bus.subscribe("hf.views", () => void notices.push(1));
    expect(await views.caughtUp(5, 2_500), "looking again finds nothing").toBe(false);
    expect(notices, "and says nothing").toEqual([]);
  });

  it("wait while the ledger has too much to do, and go on", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    ledger.failReads(3);
    await using views = await open(ledger);
    expect(views.isFollowing).toBe(true);
    ledger.failReads(2);
    ledger.write({});
    expect(await views.caughtUp(3, soonMs)).toBe(true);
  });

  it("take an append without asking for it, and only in its place", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    await using views = await open(ledger);
    ledger.failReads(Number.POSITIVE_INFINITY);
    const ref = ledger.write({ body: { title: "just written" } });
    const entries = [ledger.entryAt(3)];
    const bodies = new Map([[ref, { title: "just written" }]]);
    expect(await views.takeAppended([{ ...ledger.entryAt(3), position: 9 }], bodies)).toBe(false);
    expect(await views.takeAppended(entries, bodies)).toBe(true);
    expect(views.position).toBe(3);
    expect(await views.reads.one("challenges", ref, null)).toMatchObject({ title: "just written" });
    expect(ledger.payloadQuestions).toBe(0);
  });

  it.each([
    ["text that is not JSON", "{"],
    ["JSON that is not a header", '{"v":1}'],
    ["null", "null"],
  ])("put %s aside, count it, and take what follows", async (_what, text) => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    ledger.writeRaw(text);
    const ref = ledger.write({ body: { title: "after it" } });
    await using views = await open(ledger);
    expect([views.position, views.count, views.quarantined]).toEqual([4, 3, 1]);
    expect(await views.reads.one("challenges", ref, null)).toMatchObject({ title: "after it" });
    const { items } = await views.reads.events({ at: null, after: 2, limit: 10 });
    expect(items.map(({ position }) => position)).toEqual([4]);
  });

  it("show a thing whose texts are not here, and the texts when they have come", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const ref = ledger.write({ body: { title: "a secret for now" } });
    const give = ledger.withhold(ref);
    await using views = await open(ledger);
    expect(await views.reads.one("challenges", ref, null)).toMatchObject({
      title: null,
      texts: "not here yet",
    });
    expect(views.texts.isHeld(ref)).toBe(false);
    give();
    // Much sooner than they would be asked for again.
    await eventually(
      "the texts are shown",
      async () =>
        expect(await views.reads.one("challenges", ref, null)).toMatchObject({
          title: "a secret for now",
          texts: "here",
        }),
      { withinMs: 5_000 },
    );
    expect(views.texts.isHeld(ref)).toBe(true);
    expect((await views.reads.list("challenges", { ...everything, text: "SECRET no" })).items).toHaveLength(
      1,
    );
  });

  it("page in order of arrival, and say the outcome of every event", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const ref = ledger.write({});
    ledger.write({ type: "challenge.acknowledged", subject: ref });
    ledger.write({ type: "org.example.cheered", subject: ref });
    await using views = await open(ledger);
    const first = await views.reads.events({ at: null, after: 0, limit: 3 });
    const rest = await views.reads.events({ at: null, after: first.next ?? 0, limit: 3 });
    expect([first.next, rest.next]).toEqual([3, null]);
    expect(
      [...first.items, ...rest.items].map(({ position, effect, reason }) => [position, effect, reason]),
    ).toEqual([
      [1, "effective", undefined],
      [2, "effective", undefined],
      [3, "effective", undefined],
      [4, "none", "own-challenge"],
      [5, "none", "opaque"],
    ]);
    const acknowledged = { at: null, after: 0, limit: 9, subject: ref, type: "challenge.acknowledged" };
    expect((await views.reads.events(acknowledged)).items).toHaveLength(1);
  });

  it("keep the name that a partner bears when another takes it, also in views made before", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const ref = ledger.write({});
    await using views = await open(ledger);
    const ownerOf = async () => (await views.reads.one("challenges", ref, null))?.owner.name;
    expect(await ownerOf()).toBe("Orchard");
    const twin = `${orchard.slice(0, -6)}abcdef`;
    const x = { root: twin, keys: [twin], witness: twin, next: toB64u(new Uint8Array(32)), name: "Orchard" };
    ledger.write({ type: "log.opened", x, by: twin, log: `${"B".repeat(21)}A` });
    expect(await views.caughtUp(4, soonMs)).toBe(true);
    expect(await ownerOf()).toBe("Orchard");
    expect((await views.reads.one("partners", orchard, null))?.name).toBe("Orchard");
    const sponsored = ledger.write({
      type: "member.sponsored",
      subject: null,
      x: { root: twin, log: `${"B".repeat(21)}A` },
    });
    expect(sponsored).toBeTypeOf("string");
    expect(await views.caughtUp(5, soonMs)).toBe(true);
    expect((await views.reads.one("partners", twin, null))?.name).toBe("Orchard#abcdef");
  });

  it("name every thing that shares an external id", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const refs = ["first", "second"].map((title) =>
      ledger.write({ x: { externalId: "CRM-7" }, body: { title } }),
    );
    await using views = await open(ledger);
    expect(await views.reads.withExternalId("CRM-7")).toEqual([
      { collection: "challenges", id: refs[0], title: "first", state: "open" },
      { collection: "challenges", id: refs[1], title: "second", state: "open" },
    ]);
    expect(await views.reads.withExternalId("CRM-8")).toEqual([]);
  });
});

describe("a file that cannot be used", { timeout: 240_000 }, () => {
  it("is built again: damaged, ahead of the ledger, or of another history", async () => {
    const dir = newFolder();
    writeFileSync(join(dir, "views-0.db"), "of an earlier form");
    {
      await using ledger = await openScriptedLedger();
      for (const entry of opening) ledger.write(entry);
      ledger.write({ body: { title: "the first history" } });
      await using _views = await open(ledger, dir);
      expect(readdirSync(dir).filter((name) => name.startsWith("views-0"))).toEqual([]);
    }
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const titles = async () => {
      await using views = await open(ledger, dir);
      return (await views.reads.list("challenges", everything)).items.map(({ title }) => title);
    };
    expect(await titles()).toEqual([]);
    ledger.write({ body: { title: "the second history" } });
    writeFileSync(join(dir, readdirSync(dir).find((name) => name.endsWith(".db")) ?? ""), "not a database");
    expect(await titles()).toEqual(["the second history"]);
  });
});

describe("a long rebuild", { timeout: 240_000 }, () => {
  it("says how far it is and where it ends, to the program that waits and to readers", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    for (let count = 0; count < 2_500; count++) ledger.write({});
    const dir = newFolder();
    const said: string[] = [];
    const seen: unknown[] = [];
    await using reads = openReads({ ...owner, dir, bus: ledger.bus });
    const onProgress = (text: string): void => {
      said.push(text);
      reads.list("challenges", everything).catch((err: unknown) => seen.push(err));
    };
    await using views = await openViews({
      ...owner,
      dir,
      bus: ledger.bus,
      ledger: createLedgerClient(ledger.bus),
      onProgress,
    });
    expect(said[0]).toMatch(/^\d+ of 2502 entries/);
    expect(seen[0], "a reader meanwhile").toBeInstanceOf(ViewsNotReadyError);
    expect((await views.reads.list("challenges", everything)).items).toHaveLength(100);
  });
});

describe("a reader", { timeout: 240_000 }, () => {
  it("is told to come back while there is nothing to read, and sees what the writer commits", async () => {
    await using ledger = await openScriptedLedger();
    const dir = newFolder();
    for (const entry of opening) ledger.write(entry);
    await using reads = openReads({ ...owner, dir, bus: ledger.bus });
    expect(() => reads.position).toThrow(ViewsNotReadyError);
    await expect(reads.list("challenges", everything)).rejects.toThrow(ViewsNotReadyError);
    {
      await using _views = await open(ledger, dir);
      // Words that look like a stored partner are words.
      const title = 'seen by both, {"#":1} too';
      const ref = ledger.write({ body: { title } });
      ledger.hint();
      expect(await reads.caughtUp(3, soonMs)).toBe(true);
      expect(await reads.one("challenges", ref, null)).toMatchObject({ title });
      expect(await reads.caughtUp(4, 50)).toBe(false);
      const next = reads.nextArrival(3, soonMs, new AbortController().signal);
      ledger.write({});
      ledger.hint();
      expect(await next).toBe(true);
      expect(await reads.nextArrival(4, soonMs, AbortSignal.abort())).toBe(false);
    }
    for (const name of readdirSync(dir)) rmSync(join(dir, name));
    ledger.write({ body: { title: "in the new file" } });
    await using _views = await open(ledger, dir);
    expect(await reads.caughtUp(5, soonMs)).toBe(true);
    const { items } = await reads.list("challenges", { ...everything, text: "new" });
    expect(items.map(({ title }) => title)).toEqual(["in the new file"]);
  });
});

describe("moves", { timeout: 240_000 }, () => {
  it("are of this node's own partner and of anyone, those with a day first", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const promise = ledger.write({
      type: "commitment.pledged",
      x: { debtor: orchard, beneficiaries: ["network"], due: "2030-06-01" },
      body: { title: "a barn" },
    });
    const challenge = ledger.write({ body: { title: "who can help?" } });
    await using views = await open(ledger);
    expect(await views.reads.movesOf(orchard, 10)).toMatchObject([
      { party: orchard, verb: "claim", by: "2030-06-01", thing: { id: promise, title: "a barn" } },
      { party: null, verb: "acknowledge", by: null, thing: { id: challenge, collection: "challenges" } },
    ]);
  });
});
