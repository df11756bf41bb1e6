/**
 * Finishes what a process began to write and did not live to complete. Only where the log store is a database of its own: the
 * entries it holds beyond the node store are read back, and adopted when they are the very bytes of the write that was begun;
 * anything else in a slot that nobody knows of is refused.
 */
import type { KeptReply } from "@handfast/node-store/node-store";
import type { LogId } from "@handfast/protocol/ids";
import { damaged, LedgerError } from "./fault.ts";
import { type Held, readEntry } from "./held.ts";
import type { LineStores } from "./line-store.ts";
import type { Sealing } from "./sealing.ts";
import { digestOf, type WritingRun, writeRuns } from "./write-runs.ts";

/**
 * @returns How many entries were adopted.
 * @throws {LedgerError} `fatal` where the log store lacks entries, or holds some that no write was begun for.
 */
export async function recover(
  stores: LineStores,
  held: Held,
  ownLog: LogId,
  sealing: Sealing,
): Promise<number> {
  const { logs, node } = stores;
  const { replica } = held;
  const beyond = new Map<LogId, number>();
  const sizes = new Map((await logs.logs()).map(({ log, size }) => [log, size]));
  for (const { line, held: size } of replica.logs.values())
    if ((sizes.get(line) ?? 0) < size) throw damaged(`entries of log ${line} are missing`);
  for (const [log, size] of sizes) if (size > (replica.logs.get(log)?.held ?? 0)) beyond.set(log, size);

  const runs: WritingRun[] = [];
  let replies: readonly KeptReply[] = [];
  for (const run of node.unfinished?.runs ?? []) {
    const { log, by, from, to, digest, payloads, lacking, edge, branch } = run;
    const size = beyond.get(log);
    if (size === undefined || size <= from) continue;
    // A log may have several runs in one write: what lies beyond this one is the next one's.
    const entries = (await logs.read(log, from, Math.min(size, to))).map((bytes, index) =>
      readEntry(bytes, branch?.of ?? replica.logs.get(log)?.log ?? log, from + index),
    );
    const [first] = entries;
    if (branch !== undefined && first !== undefined && !replica.logs.has(log))
      replica.resume({
        opening: first.header,
        branch: { line: log, ...branch },
        roots: [],
        knows: new Map(),
      });
    const isTheSame = size >= to && Buffer.compare(digestOf(entries), digest) === 0;
    if (!isTheSame || (replica.logs.get(log)?.held ?? 0) !== from)
      throw unexplained(log, replica.logs.get(log)?.held ?? 0);
    if (size === to) beyond.delete(log);
    for (const entry of entries) {
      replica.hold(entry, log);
      held.fold(entry, log);
    }
    if (log === ownLog) replies = node.unfinished?.replies ?? [];
    runs.push({ log, by, branch, from, entries, payloads, lacking, edge });
  }
  for (const [log] of beyond) throw unexplained(log, replica.logs.get(log)?.held ?? 0);
  if (runs.length > 0) await writeRuns({ runs, replies, areAppended: true }, { stores, held, sealing });
  else if (node.unfinished !== null) node.abandon();
  return runs.reduce((sum, { entries }) => sum + entries.length, 0);
}

const unexplained = (log: LogId, from: number): LedgerError =>
  new LedgerError(
    "fatal",
    `the log store holds entries of log ${log} from ${from} on that this node did not begin to write`,
    {
      hint: "another process wrote into the log store, or the node store is older than it: put back the two as they belong together",
    },
  );
