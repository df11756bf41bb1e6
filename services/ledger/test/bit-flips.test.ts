// Goal: one bit of log.db that the disk turned over is found before it is served, signed or answered, or it changes nothing that anybody
// asks for. Method: 1,000 random bits of a real file, one at a time; the ledger is opened over each and asked for everything it has.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { refOf } from "@handfast/protocol/ids";
import { createAuthor } from "@handfast/testkit/author";
import { expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import { LedgerError } from "../src/fault.ts";
import { recallReply } from "../src/idempotency.ts";
import type { OpenLedger } from "../src/ledger.ts";
import { readPayloads } from "../src/payloads.ts";
import { followArrivals, verifyReplies, verifySegment } from "../src/scrub.ts";
import { append, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

const flips = 1_000;
const appends = 24;
const seed = Number(process.env["HANDFAST_TEST_SEED"] ?? 20_261_127);
const keyOf = (number: number): string => toB64u(labelledHash("handfast/test-request", String(number)));

/** Entries of our own with texts and keys, and a few of somebody else. */
async function fill(ledger: OpenLedger): Promise<void> {
  for (let number = 0; number < appends; number += 1) {
    const body = { text: `text ${number} ${"x".repeat(40 * (number % 5))}` };
    taken(await ledger.rounds.append(append([draft({ body }), draft()], { key: keyOf(number) })));
  }
  const millrace = createAuthor(network.net, "millrace");
  for (let count = 0; count < 6; count += 1) millrace.write({ type: "org.example.said" });
  await ledger.rounds.ingest(millrace.frame(0, 1), 1);
  await ledger.rounds.ingest(millrace.frame(1, 7), 1);
}

/** Everything a ledger is asked for, as one list; a text that is not held says so, which is not a lie. */
async function everything(ledger: OpenLedger): Promise<readonly string[]> {
  const { stores, identity } = ledger;
  const answer = createEndpoints(ledger);
  const all: string[] = [];
  for (const { log, size, note } of answer.heads().logs) {
    all.push(`${log} ${size} ${note}`);
    const range = await answer.range({ net: identity.net, log, from: 0, limit: 1_000 });
    all.push(range instanceof Uint8Array ? new TextDecoder().decode(range) : JSON.stringify(range));
  }
  const { entries } = await answer.read({ after: 0, limit: 1_000 });
  all.push(...entries.map((entry) => JSON.stringify(entry)));
  const refs = Array.from({ length: 2 * appends }, (_, index) => refOf(identity.log, index + 1));
  all.push(
    ...(await readPayloads(stores, ledger.rounds.held.replica, refs, ledger.damagedTexts)).map((payload) =>
      JSON.stringify(payload),
    ),
  );
  for (let number = 0; number < appends; number += 1) {
    const key = keyOf(number);
    all.push(JSON.stringify(recallReply(stores.node, { key, request: key }, startMs)));
  }
  return all;
}

/** Numbers from 0 up to 1 that depend on the seed alone. */
function createRandom(from: number): () => number {
  let count = 0;
  return () => {
    count += 1;
    return Buffer.from(labelledHash("handfast/test-flip", `${from} ${count}`)).readUInt32BE() / 2 ** 32;
  };
}

/** What runs beside everything else once a day, all of it. @throws {LedgerError} Where it finds something. */
async function scrubAll({ stores }: OpenLedger): Promise<void> {
  const order = followArrivals(stores);
  let isOver = false;
  while (!isOver) isOver = !order.next();
  for (let after: number | null = 0; after !== null; ) after = verifyReplies(stores, after);
  for (const { log } of stores.node.logs())
    for (const [index, root] of stores.node.segmentRoots(log).entries())
      await verifySegment(stores, log, index, root);
}

it(`of ${flips} flipped bits, each is found or harmless`, { timeout: 900_000 }, async () => {
  using folder = await ledgerFolder();
  {
    await using ledger = await folder.open();
    await fill(ledger);
  }
  const expected = await (async () => {
    await using ledger = await folder.open();
    return await everything(ledger);
  })();
  const whole = readFileSync(join(folder.dir, "log.db"));
  const fence = readFileSync(folder.fence);
  const random = createRandom(seed);
  let found = 0;
  let lost = 0;
  const wrong: string[] = [];
  for (let flip = 0; flip < flips; flip += 1) {
    const at = Math.floor(random() * whole.length);
    const bit = Math.floor(random() * 8);
    for (const name of ["log.db-wal", "log.db-shm"]) rmSync(join(folder.dir, name), { force: true });
    const spoilt = Buffer.from(whole);
    spoilt[at] = (spoilt[at] as number) ^ (1 << bit);
    writeFileSync(join(folder.dir, "log.db"), spoilt);
    writeFileSync(folder.fence, fence);
    try {
      await using ledger = await folder.open();
      const given = await everything(ledger);
      await scrubAll(ledger);
      const differing = expected.filter((text, index) => text !== given[index]);
      // A text that the disk spoilt is not given out; its entry says that there was one.
      const isOnlyLost = given.every(
        (text, index) => text === expected[index] || text.includes('"state":"not-held"'),
      );
      if (differing.length > 0 && isOnlyLost && given.length === expected.length) lost += 1;
      else if (differing.length > 0 || given.length !== expected.length)
        wrong.push(
          `bit ${bit} of byte ${at} (seed ${seed}): ${differing[0]?.slice(0, 160)} became ${given.find((text, index) => text !== expected[index])?.slice(0, 160)}`,
        );
    } catch (error) {
      if (!(error instanceof LedgerError) && !(error as { code?: unknown }).code)
        wrong.push(`bit ${bit} of byte ${at} (seed ${seed}): ${(error as Error).stack}`);
      found += 1;
    }
  }
  expect(wrong).toEqual([]);
  // The rest of a small file is room that nothing uses.
  expect(found + lost).toBeGreaterThan(flips / 5);
});
