/**
 * Commands over HTTP with everything on: token, idempotency key, schema, decision, canonical bytes, tree, signature, fsync, notices,
 * and the answer read from a view that has caught up. Beside it a Fastify route that only reads the same body, and SQLite alone
 * with the same bytes. Three processes: the callers here, the node or Fastify there, the node's nats-server.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { counted } from "./append.ts";
import { type BenchNode, openBenchNode } from "./bench-node.ts";
import type { Benchmark, Finding } from "./benchmark.ts";
import { ownCpuMs } from "./cpu-time.ts";
import { callOverHttp, type HttpCalls } from "./http-callers.ts";
import { repeating } from "./laps.ts";
import { race } from "./race.ts";
import { openRawSqlite } from "./raw-sqlite.ts";
import { startServerProcess } from "./server-process.ts";

const most = 64;
/** Where to be, in milliseconds, by callers. */
const goalsMs = { 1: 4, [most]: 16 } as const;

export const commands: Benchmark = {
  name: "commands",
  about: "commands at a whole node over HTTP, beside a bare Fastify route and SQLite alone",
  async *run({ isQuick, beside, dir, say }) {
    const [rounds, lapMs] = isQuick ? [2, 500] : [4, 1_200];
    say("starting a node");
    await using node = await openBenchNode(dir, most);
    await using bare = await startServerProcess(join(import.meta.dirname, "bare-fastify.ts"));
    await using other =
      beside === null ? null : await openBenchNode(mkdtempSync(join(dir, "beside-")), most, beside);
    const pledgingAt = ({ url, tokens }: BenchNode): HttpCalls => ({
      url,
      path: "/v1/commitments",
      headers: (caller) => ({ authorization: `Bearer ${tokens[caller]}`, "idempotency-key": randomUUID() }),
      body,
    });
    const pledging = pledgingAt(node);
    await callOverHttp(pledging, 1, 0);
    const { headers, payloads } = await node.entriesOf("commitment.pledged");
    const rowBytes = (headers[0]?.length ?? 0) + (payloads[0]?.length ?? 0);
    using raw = openRawSqlite(dir, rowBytes);
    // What a node does for the first time is slow, and one caller alone gets it through little.
    for (const each of [node, other])
      if (each !== null) await callOverHttp(pledgingAt(each), most, 3 * lapMs);

    for (const callers of [1, most] as const) {
      say(counted(callers));
      const raced = await race(
        {
          name: "node, everything on",
          lap: () => callOverHttp(pledging, callers, lapMs),
          cpuMs: node.cpuMs,
        },
        [
          {
            name: "bare Fastify route",
            lap: () => callOverHttp({ ...pledging, url: bare.url }, callers, lapMs),
            cpuMs: bare.cpuMs,
          },
          {
            name: `SQLite, ${callers === 1 ? "one row a transaction" : `groups of ${callers}`}`,
            lap: () => repeating(lapMs, callers, () => raw.insert(callers)),
            cpuMs: ownCpuMs,
          },
          ...(other === null
            ? []
            : [
                {
                  name: `node of ${beside}`,
                  lap: () => callOverHttp(pledgingAt(other), callers, lapMs),
                  cpuMs: other.cpuMs,
                },
              ]),
        ],
        { rounds },
      );
      const p50Ms = raced.ours.p50Ms ?? Number.NaN;
      yield {
        what: counted(callers),
        raced,
        goal: { text: `p50 under ${goalsMs[callers]} ms`, isMet: p50Ms < goalsMs[callers] },
        facts: { "bytes of a request's body": body.length, "bytes of an entry with its texts": rowBytes },
      } satisfies Finding;
    }
  },
};

/** A pledge of a usual size: 520 bytes. */
const body = pledge(520);

function pledge(bytes: number): string {
  const written = (text: string) =>
    JSON.stringify({ act: "pledge", title: "Repair the footbridge", text, due: "2030-03-01" });
  const words = "Timber from the mill, two days of work, before the flood. ".repeat(10);
  return written(words.slice(0, bytes - written("").length));
}
