// Goal: a text that the disk has spoilt is never given out, is found by reading and by the scrub, is asked for anew, and is replaced.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { seqsPerLog } from "@handfast/node-store/schema";
import { refOf } from "@handfast/protocol/ids";
import { expect, it } from "vitest";
import { verifyTexts } from "../src/damaged-texts.ts";
import { createEndpoints } from "../src/endpoints.ts";
import type { OpenLedger } from "../src/ledger.ts";
import { keepPayloads, lackingPayloads, readPayloads } from "../src/payloads.ts";
import { append, draft, ledgerFolder, taken } from "./node.ts";

const everything = { after: 0, limit: 100 };

/** Five entries with a text each, the texts of the last two spoilt while nobody ran. */
async function spoiltFolder() {
  const folder = await ledgerFolder();
  await using ledger = await folder.open();
  const drafts = Array.from({ length: 5 }, (_, index) => draft({ body: { text: `text ${index}` } }));
  const { refs } = taken(await ledger.rounds.append(append(drafts)));
  const whole = await readPayloads(
    ledger.stores,
    ledger.rounds.held.replica,
    refs.map(unpinned),
    ledger.damagedTexts,
  );
  await ledger[Symbol.asyncDispose]();
  const database = new DatabaseSync(join(folder.dir, "log.db"));
  for (const seq of [4, 5])
    database
      .prepare("UPDATE payloads SET body = zeroblob(length(body)) WHERE id % ? = ?")
      .run(seqsPerLog, seq);
  database.close();
  return { folder, refs: refs.map(unpinned), whole };
}
const unpinned = (ref: string): string => ref.split("@")[0] as string;
const wanted = (ledger: OpenLedger) => lackingPayloads(ledger.stores, ledger.rounds.held, everything).refs;
const count = (ledger: OpenLedger) => createEndpoints(ledger).status().damagedTexts;

it("is found when it is read, counts as lacking, and is replaced by the true one alone", async () => {
  const { folder, refs, whole } = await spoiltFolder();
  using _folder = folder;
  await using ledger = await folder.open();
  expect([count(ledger), wanted(ledger)]).toEqual([0, []]);
  const read = await readPayloads(ledger.stores, ledger.rounds.held.replica, refs, ledger.damagedTexts);
  expect(read.slice(0, 3)).toEqual(whole.slice(0, 3));
  expect(read.slice(3)).toEqual(refs.slice(3).map((ref) => ({ ref, state: "not-held" })));
  await setImmediate();
  await ledger.rounds.exclusively(() => undefined);
  expect([count(ledger), wanted(ledger)]).toEqual([2, refs.slice(3)]);

  const given = whole.slice(3).map((answer) => answer as Extract<typeof answer, { body: string }>);
  const lie = { ...(given[0] as (typeof given)[number]), body: "bGll" };
  expect((await keepPayloads(ledger.stores, ledger.rounds, [lie])).refused).toEqual([refs[3]]);
  const { kept } = await keepPayloads(ledger.stores, ledger.rounds, given);
  ledger.damagedTexts.mended(kept);
  expect([count(ledger), wanted(ledger)]).toEqual([0, []]);
  expect(await readPayloads(ledger.stores, ledger.rounds.held.replica, refs, ledger.damagedTexts)).toEqual(
    whole,
  );
});

it("is found by the scrub where nobody reads it", async () => {
  const { folder, refs } = await spoiltFolder();
  using _folder = folder;
  await using ledger = await folder.open();
  await verifyTexts(ledger.stores, ledger.identity.log, 0, ledger.damagedTexts);
  await ledger.rounds.exclusively(() => undefined);
  expect(wanted(ledger)).toEqual(refs.slice(3));
  expect(refs[3]).toBe(refOf(ledger.identity.log, 4));
});
