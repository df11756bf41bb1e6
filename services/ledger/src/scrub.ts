/**
 * Reads old entries again, a segment at a time, beside everything else: a start verifies only the right edge of each log, so
 * what a disk has spoilt long ago is found here. Its share of a core is a few per cent.
 */
import { isBranch, type LogId } from "@handfast/protocol/ids";
import { sharedSegments } from "@handfast/replica/lines";
import { segmentEntries, segmentRoot } from "@handfast/replica/segment";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { damaged } from "./fault.ts";
import { openReply } from "./idempotency.ts";
import { isStoppedWithin } from "./pause.ts";
import type { Stores } from "./stores.ts";

const arrivalsAtOnce = 5_000;
const repliesAtOnce = 1_000;
const betweenSegmentsMs = 20;
const betweenRoundsMs = 24 * 3_600_000;

/** Goes round and round until it is stopped. Rejects with what it finds damaged. */
export async function scrub(stores: Stores, signal: AbortSignal): Promise<void> {
  for (;;) {
    for (const { log, branch } of stores.node.logs())
      for (const [index, root] of stores.node.segmentRoots(log).entries()) {
        if (await isStoppedWithin(betweenSegmentsMs, signal)) return;
        await verifySegment(stores, log, index + (branch === null ? 0 : sharedSegments(branch)), root);
      }
    const order = followArrivals(stores);
    while (order.next()) if (await isStoppedWithin(betweenSegmentsMs, signal)) return;
    for (let after: number | null = 0; after !== null; after = verifyReplies(stores, after))
      if (await isStoppedWithin(betweenSegmentsMs, signal)) return;
    if (await isStoppedWithin(betweenRoundsMs, signal)) return;
  }
}

/**
 * Follows the order of arrival, some thousands of entries a step: each log's runs go on where its run before ended.
 *
 * @returns `next` answers false at the end, and throws a `LedgerError`, `fatal`, where they do not.
 */
export function followArrivals({ node }: Stores): { next(): boolean } {
  const sizes = new Map<LogId, number>();
  let after = 0;
  return {
    next: () => {
      const runs = node.arrivals(after, arrivalsAtOnce);
      for (const { position, log, from, to } of runs) {
        // A branch goes on where it parts from the line that was held first.
        const goesOnAt = sizes.get(log) ?? (isBranch(log) ? from : 0);
        if (position !== after + 1 || from !== goesOnAt || to <= from)
          throw damaged(`the order of arrival at position ${position} is no longer what was stored`);
        sizes.set(log, to);
        after += to - from;
      }
      return runs.length > 0;
    },
  };
}

/**
 * Looks at the answers kept behind a number; answers where to go on, null at the end. One whose key has changed is found here
 * alone: nobody asks for it by that key.
 *
 * @throws {LedgerError} `fatal` where one is not what was kept.
 */
export function verifyReplies({ node }: Stores, after: number): number | null {
  const page = node.replies(after, repliesAtOnce);
  for (const reply of page) openReply(reply);
  return page.at(-1)?.number ?? null;
}

/** @throws {LedgerError} `fatal` where an entry is not the one that was signed. */
export async function verifySegment(
  { logs, node }: Stores,
  log: LogId,
  index: number,
  root: Uint8Array,
): Promise<void> {
  const { hashes } = node.segment(log, index);
  if (!sameHash(segmentRoot(hashes), root))
    throw damaged(`segment ${index} of log ${log} is not what was kept`);
  const from = index * segmentEntries;
  const headers = await logs.read(log, from, from + segmentEntries);
  for (let place = 0; place < segmentEntries; place++) {
    const header = headers[place];
    if (header === undefined || !sameHash(leafHash(header), hashes.subarray(place * 32, place * 32 + 32)))
      throw damaged(`entry ${log}.${from + place} is no longer what was stored`);
  }
}
