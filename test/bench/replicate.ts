/**
 * One log to one peer: ranges read from the author's ledger, every leaf hashed and every root checked at the peer's, and durable
 * there. Beside it the author's own append of the same entries in batches of 256, and SQLite alone.
 */
import { parseFrame } from "@handfast/protocol/frame";
import { limits } from "@handfast/protocol/limits";
import type { Benchmark, Finding } from "./benchmark.ts";
import { ownCpuMs } from "./cpu-time.ts";
import { bulkAppend } from "./drafts.ts";
import { timed } from "./laps.ts";
import { type NearLedger, openNearLedger } from "./near-ledger.ts";
import { race } from "./race.ts";
import { openRawSqlite, type RawSqlite } from "./raw-sqlite.ts";

const { appendEntries, batchEntries, rangeEntries } = limits;

export const replicate: Benchmark = {
  name: "replicate",
  about: "a log copied to a peer's ledger, every root checked, beside its author's append in batches of 256",
  async *run({ isQuick, dir, say }) {
    const [rounds, entries] = isQuick ? [2, 4_096] : [5, 16_384];
    say(`${entries} entries a round`);
    await using author = await openNearLedger("orchard", dir);
    await using peer = await openNearLedger("millrace", dir);
    await appendBatches(author, batchEntries);
    const copy = createCopy(author, peer);
    await copy.take(1 + batchEntries);
    using raw = openRawSqlite(dir, copy.headerBytes);

    let size = 1 + batchEntries;
    const local = async () => {
      await appendBatches(author, entries);
      size += entries;
    };
    const raced = await race(
      { name: "copy to a peer", lap: () => timed(entries, () => copy.take(size)), cpuMs: ownCpuMs },
      [
        {
          name: `SQLite, groups of ${batchEntries}`,
          lap: () => timed(entries, () => insertGroups(raw, entries)),
          cpuMs: ownCpuMs,
        },
        {
          name: `author's append, batches of ${batchEntries}`,
          lap: () => timed(entries, local),
          cpuMs: ownCpuMs,
        },
      ],
      { rounds },
    );
    yield {
      what: "one log, one peer, both in this process",
      raced,
      facts: {
        "entries a round": entries,
        "bytes of a header": copy.headerBytes,
        "entries a range": copy.entriesPerRange,
        "of a copy's time, at the author": `${(100 * copy.atAuthor).toFixed(0)} %`,
      },
    } satisfies Finding;
  },
};

/** Fills whole batches: requests that wait for the same round share one. */
async function appendBatches(author: NearLedger, entries: number): Promise<void> {
  for (let done = 0; done < entries; done += batchEntries) {
    const requests = Array.from({ length: batchEntries / appendEntries }, () => bulkAppend(appendEntries));
    await Promise.all(requests.map(author.append));
  }
}

function insertGroups(raw: RawSqlite, entries: number): void {
  for (let done = 0; done < entries; done += batchEntries) raw.insert(batchEntries);
}

/** Copies a log range by range, as federation fetches one, without the link between. */
function createCopy(author: NearLedger, peer: NearLedger) {
  let held = 0;
  let ranges = 0;
  let headersBytes = 0;
  let authorMs = 0;
  let peerMs = 0;
  return {
    /** Until `size` entries are held. */
    take: async (size: number): Promise<void> => {
      while (held < size) {
        const start = performance.now();
        const bytes = await author.range(held, rangeEntries);
        const between = performance.now();
        const accepted = await peer.ingest(bytes);
        peerMs += performance.now() - between;
        authorMs += between - start;
        const frame = parseFrame(bytes);
        if ("malformed" in frame || accepted !== frame.headers.length)
          throw new Error(`the peer took ${accepted} entries from ${held} on`);
        headersBytes += frame.headers.reduce((sum, { length }) => sum + length, 0);
        held = frame.to;
        ranges += 1;
      }
    },
    get headerBytes() {
      return Math.round(headersBytes / held);
    },
    get entriesPerRange() {
      return Math.round(held / ranges);
    },
    get atAuthor() {
      return authorMs / (authorMs + peerMs);
    },
  };
}
