/**
 * The ledger's group commit: appends as the node's services ask for them, each answered when it is hashed, signed and durable.
 * Beside it SQLite alone with as many bytes: one row a transaction for one caller, groups of 64 for 64.
 */
import { parseFrame } from "@handfast/protocol/frame";
import type { Benchmark, Finding } from "./benchmark.ts";
import { ownCpuMs } from "./cpu-time.ts";
import { commandAppend, pledgePayloadBytes } from "./drafts.ts";
import { calling, repeating } from "./laps.ts";
import { type NearLedger, openNearLedger } from "./near-ledger.ts";
import { race } from "./race.ts";
import { openRawSqlite } from "./raw-sqlite.ts";

export const append: Benchmark = {
  name: "append",
  about: "durable appends at the ledger, each with its idempotency key and payload, beside SQLite alone",
  async *run({ isQuick, dir, say }) {
    const [rounds, lapMs] = isQuick ? [3, 300] : [5, 1_200];
    await using ledger = await openNearLedger("orchard", dir);
    await ledger.append(commandAppend());
    const headerBytes = await headerSize(ledger);
    const rowBytes = headerBytes + pledgePayloadBytes;
    using raw = openRawSqlite(dir, rowBytes);
    for (const callers of [1, 64]) {
      say(`${callers} callers`);
      const ours = {
        name: "ledger",
        lap: () => calling(callers, lapMs, () => ledger.append(commandAppend())),
        cpuMs: ownCpuMs,
      };
      const group = callers === 1 ? "one row a transaction" : `groups of ${callers}`;
      const bare = {
        name: `SQLite, ${group}`,
        lap: () => repeating(lapMs, callers, () => raw.insert(callers)),
        cpuMs: ownCpuMs,
      };
      const raced = await race(ours, [bare], { rounds });
      const facts = { "bytes of a header": headerBytes, "bytes of a row": rowBytes };
      yield { what: counted(callers), raced, facts } satisfies Finding;
    }
  },
};

export const counted = (callers: number): string => (callers === 1 ? "1 caller" : `${callers} callers`);

async function headerSize(ledger: NearLedger): Promise<number> {
  const frame = parseFrame(await ledger.range(1, 1));
  if ("malformed" in frame) throw new Error(frame.malformed);
  return frame.headers[0]?.length ?? 0;
}
