// Goal: what a disk has spoilt is told as damage, with exit code 70 and what to do, at a start as while running, and never in the
// words of a parser; what is not read at a start is found by the scrub. Method: every page of a real log.db overwritten in turn.
import { closeSync, copyFileSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createAuthor } from "@handfast/testkit/author";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import { asLedgerError, LedgerError } from "../src/fault.ts";
import type { OpenLedger } from "../src/ledger.ts";
import { verifySegment } from "../src/scrub.ts";
import { append, draft, ledgerFolder, network, taken } from "./node.ts";

const pageBytes = 4_096;

/** A folder with more than one segment of our own entries and a few foreign ones; the ledger is stopped. */
async function filledFolder() {
  const folder = await ledgerFolder();
  await using ledger = await folder.open();
  const body = { text: "a text of a usual length, so that payloads fill pages of their own" };
  for (let done = 0; done < 9; done++)
    taken(await ledger.rounds.append(append(Array.from({ length: 32 }, () => draft({ body })))));
  const millrace = createAuthor(network.net, "millrace");
  millrace.write({ type: "org.example.said" });
  for (const from of [0, 1]) await ledger.rounds.ingest(millrace.frame(from, from + 1), 1);
  return folder;
}
const texts = async (ledger: OpenLedger): Promise<string[]> => {
  const headers: string[] = [];
  for (let after = 0; ; ) {
    const { entries, head } = await createEndpoints(ledger).read({ after, limit: 1_000 });
    headers.push(...entries.map(({ header }) => header));
    after = entries.at(-1)?.position ?? head;
    if (after >= head) return headers;
  }
};

describe("a log.db with a page that nobody wrote", () => {
  it("is refused with exit code 70, or gives back exactly what was written", {
    timeout: 240_000,
  }, async () => {
    using folder = await filledFolder();
    const path = join(folder.dir, "log.db");
    const whole = join(folder.dir, "whole.db");
    copyFileSync(path, whole);
    const tag = readFileSync(join(folder.dir, "fence-tag"));
    const expected = await (async () => {
      await using ledger = await folder.open();
      return await texts(ledger);
    })();
    let refused = 0;
    const pages = statSync(whole).size / pageBytes;
    for (const filler of [0x00, 0xa5])
      for (let page = 0; page < pages; page++) {
        copyFileSync(whole, path);
        const file = openSync(path, "r+");
        writeSync(file, Buffer.alloc(pageBytes, filler), 0, pageBytes, page * pageBytes);
        closeSync(file);
        try {
          await using ledger = await folder.open();
          expect(await texts(ledger), `page ${page}`).toEqual(expected);
          for (const { log } of ledger.stores.node.logs())
            for (const [index, root] of ledger.stores.node.segmentRoots(log).entries())
              await verifySegment(ledger.stores, log, index, root);
        } catch (error) {
          refused += 1;
          const told = asLedgerError(error);
          expect(told, `page ${page} of ${pages}: ${String(error)}`).toBeInstanceOf(LedgerError);
          expect(told).toMatchObject({
            code: "fatal",
            exitCode: 70,
            hint: expect.stringContaining("damaged"),
          });
          expect((told as LedgerError).message).not.toMatch(/JSON|token|Unexpected/);
        }
      }
    expect(refused).toBeGreaterThan(pages);
    expect(readFileSync(join(folder.dir, "fence-tag"))).toEqual(tag);
  });
});

describe("an old entry that the disk has changed", () => {
  it("does not keep a start waiting, is never given out, and is found by the scrub", async () => {
    using folder = await filledFolder();
    using database = new DatabaseSync(join(folder.dir, "log.db"));
    database.exec(
      `DROP TRIGGER entries_never_change;
       UPDATE entries SET header = CAST(replace(CAST(header AS TEXT), '"v":1', '"v":7') AS BLOB) WHERE id = 9`,
    );
    await using ledger = await folder.open();
    const { log } = ledger.identity;
    const endpoints = createEndpoints(ledger);
    const damage = { code: "fatal", message: `entry ${log}.9 is no longer what was stored` };
    await expect(endpoints.read({ after: 0, limit: 100 })).rejects.toMatchObject(damage);
    await expect(endpoints.range({ net: network.net, log, from: 5, limit: 10 })).rejects.toMatchObject(
      damage,
    );
    const [root] = ledger.stores.node.segmentRoots(log);
    await expect(verifySegment(ledger.stores, log, 0, root as Uint8Array)).rejects.toMatchObject(damage);
    expect(await ledger.rounds.fatal).toMatchObject(damage);
  });
});
