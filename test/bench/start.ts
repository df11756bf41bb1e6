/**
 * A ledger's start: until its first answer, over a log of many entries. Beside it what a start would cost that reads everything
 * back and hashes it, as release 0.1.0 did: the ratio grows with the history, since a start reads the right edge only.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createEndpoints } from "@handfast/ledger/endpoints";
import { openLedger } from "@handfast/ledger/open";
import { initLedger } from "@handfast/ledger/service";
import { openStores } from "@handfast/ledger/stores";
import { limits } from "@handfast/protocol/limits";
import { testCharter, testKey } from "@handfast/testkit/author";
import { leafHash } from "@handfast/tlog/tree";
import type { Benchmark, Finding } from "./benchmark.ts";
import { ownCpuMs } from "./cpu-time.ts";
import { bulkAppend } from "./drafts.ts";
import { timed } from "./laps.ts";
import { race } from "./race.ts";

const goalMs = 500;
const { appendEntries, batchEntries } = limits;

export const start: Benchmark = {
  name: "start",
  about: "a ledger's start until its first answer, beside reading and hashing its whole log",
  async *run({ isQuick, dir, say }) {
    const [rounds, entries] = isQuick ? [2, 16_384] : [5, 262_144];
    const own = mkdtempSync(join(dir, "start-"));
    const stateDir = join(dir, "state");
    const { bytes: charter } = testCharter("orchard");
    const found = {
      dir: own,
      stateDir,
      charterBytes: charter,
      name: "orchard",
      nextRootHash: "A".repeat(43),
    };
    const { log } = await initLedger({ ...found, root: testKey("orchard root") });
    say(`writing ${entries} entries`);
    {
      await using ledger = await openLedger({ dir: own, stateDir, charter });
      for (let done = 0; done < entries; done += batchEntries) {
        const appends = Array.from({ length: batchEntries / appendEntries }, () => bulkAppend(appendEntries));
        await Promise.all(appends.map((request) => ledger.rounds.append(request)));
      }
    }
    const lastMs: number[] = [];
    const begin = async (): Promise<void> => {
      const began = performance.now();
      await using ledger = await openLedger({ dir: own, stateDir, charter });
      await createEndpoints(ledger).read({ after: 0, limit: 1 });
      lastMs.push(performance.now() - began);
    };
    const readAll = async (): Promise<void> => {
      await using stores = openStores(join(own, "log.db"));
      for (let from = 0; from <= entries; from += 1_000)
        for (const header of await stores.logs.read(log, from, from + 1_000)) leafHash(header);
    };
    const raced = await race(
      { name: "start", lap: () => timed(1, begin), cpuMs: ownCpuMs },
      [{ name: "read and hash everything", lap: () => timed(1, readAll), cpuMs: ownCpuMs }],
      { rounds },
    );
    const slowest = Math.round(Math.max(...lastMs.slice(1)));
    yield {
      what: `${entries} entries`,
      raced,
      goal: { text: `first answer within ${goalMs} ms`, isMet: slowest <= goalMs },
      facts: { "slowest start in ms": slowest },
    } satisfies Finding;
  },
};
