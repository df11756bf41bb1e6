// Goal: the view is what the ledger holds, by position alone: from nothing at the start, over lost hints, over an entry that cannot be
// read; and what people wrote comes when it comes. Method: a ledger that does what a test wants, on a real nats-server.
import { toB64u } from "@handfast/protocol/bytes";
import { describe, expect, it } from "vitest";
import { openProjection } from "../src/projection.ts";
import { createReads } from "../src/reads.ts";
import { network, opening, openScriptedLedger, orchard } from "./scripted-ledger.ts";

type Ledger = Awaited<ReturnType<typeof openScriptedLedger>>;
const open = ({ bus }: Ledger) =>
  openProjection({ bus, net: network.net, charter: network.charter, self: orchard });
const soonMs = 20_000;

describe("a projection", { timeout: 60_000 }, () => {
  it("is rebuilt from nothing: it opens where the ledger is", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    for (let count = 0; count < 20; count++) ledger.write({ body: { title: `challenge ${count}` } });
    await using projection = await open(ledger);
    expect([projection.position, projection.count]).toEqual([22, 22]);
    const { items } = await createReads({ projection }).list("challenges", {
      at: null,
      after: 0,
      limit: 100,
    });
    expect(items.map(({ title }) => title)).toEqual(
      Array.from({ length: 20 }, (_, count) => `challenge ${count}`),
    );
    expect(items[0]?.owner.name).toBe("Orchard");
  });

  it("follows hints, and needs none", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    await using projection = await open(ledger);
    const told: number[] = [];
    using _listening = projection.onChange(({ position }) => told.push(position));
    ledger.hint(ledger.write({}));
    expect(await projection.caughtUp(3, soonMs)).toBe(true);
    // Nobody tells of this one; who waits for it asks.
    ledger.write({});
    expect(await projection.caughtUp(4, soonMs)).toBe(true);
    expect(await projection.caughtUp(5, 50)).toBe(false);
    expect(told).toEqual([3, 4]);
  });

  it("waits while the ledger has too much to do, and goes on", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    ledger.failReads(3);
    await using projection = await open(ledger);
    expect(projection.isFollowing).toBe(true);
    ledger.failReads(2);
    ledger.write({});
    expect(await projection.caughtUp(3, soonMs)).toBe(true);
  });

  it.each([
    ["text that is no JSON", "{"],
    ["JSON that is no header", '{"v":1}'],
    ["null", "null"],
  ])("puts %s aside, counts it, and takes what follows", async (_what, text) => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    ledger.writeRaw(text);
    const ref = ledger.write({ body: { title: "after it" } });
    await using projection = await open(ledger);
    expect([projection.position, projection.count, projection.quarantined]).toEqual([4, 3, 1]);
    expect(await createReads({ projection }).one("challenges", ref, null)).toMatchObject({
      title: "after it",
    });
    const { items } = await createReads({ projection }).events({ at: null, after: 2, limit: 10 });
    expect(items.map(({ position }) => position)).toEqual([4]);
  });

  it("shows a thing whose words are not here, and the words when they have come", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const ref = ledger.write({ body: { title: "a secret for now" } });
    const give = ledger.withhold(ref);
    await using projection = await open(ledger);
    const reads = createReads({ projection });
    expect(await reads.one("challenges", ref, null)).toMatchObject({ title: null, texts: "not here yet" });
    expect(projection.texts.isHeld(ref)).toBe(false);
    give();
    expect(await reads.one("challenges", ref, null)).toMatchObject({
      title: "a secret for now",
      texts: "here",
    });
    const asked = ledger.payloadQuestions;
    await reads.one("challenges", ref, null);
    expect(ledger.payloadQuestions, "what is here is not asked for again").toBe(asked);
  });

  it("pages in order of arrival, and events say what became of them", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    const ref = ledger.write({});
    ledger.write({ type: "challenge.acknowledged", subject: ref });
    ledger.write({ type: "org.example.cheered", subject: ref });
    await using projection = await open(ledger);
    const reads = createReads({ projection });
    const first = await reads.events({ at: null, after: 0, limit: 3 });
    const rest = await reads.events({ at: null, after: first.next ?? 0, limit: 3 });
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
    expect(
      (await reads.events({ at: null, after: 0, limit: 9, subject: ref, type: "challenge.acknowledged" }))
        .items,
    ).toHaveLength(1);
  });

  it("tells partners of one name apart by their ids", async () => {
    await using ledger = await openScriptedLedger();
    for (const entry of opening) ledger.write(entry);
    await using projection = await open(ledger);
    expect(projection.names.of(orchard)).toBe("Orchard");
    const twin = `${orchard.slice(0, -6)}abcdef`;
    const x = { root: twin, keys: [twin], witness: twin, next: toB64u(new Uint8Array(32)), name: "Orchard" };
    ledger.write({ type: "log.opened", x, by: twin, log: `${"B".repeat(21)}A` });
    expect(await projection.caughtUp(3, soonMs)).toBe(true);
    expect(projection.names.of(orchard)).toBe(`Orchard#${orchard.slice(-6)}`);
    expect(projection.names.of(twin)).toBe("Orchard#abcdef");
    expect(projection.names.of(`${orchard.slice(0, -6)}zzzzzz`)).toBe("#zzzzzz");
  });
});
