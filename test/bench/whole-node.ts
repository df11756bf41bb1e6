/**
 * A node with a long history, as an operator meets it: `handfast up` from the start of the process to the first page of a list
 * over HTTP, what it takes of memory then, and pages of a narrowed list. Beside it the same of a node that has no history, since
 * most of a start is Node's own.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import { openTokens } from "@handfast/gateway/tokens";
import { openLedger } from "@handfast/ledger/open";
import { limits } from "@handfast/protocol/limits";
import type { Benchmark, Finding } from "./benchmark.ts";
import { memoryMbOf } from "./cpu-time.ts";
import { calling, timed } from "./laps.ts";
import { type Lap, race } from "./race.ts";
import { handfastMain, startServerProcess } from "./server-process.ts";

const { appendEntries, batchEntries } = limits;
/** Entries of one commitment: pledged, moved on twice, claimed. */
const perCommitment = 4;
const pageItems = 50;

export const wholeNode: Benchmark = {
  name: "node",
  about:
    "a node with a million entries: its first answer after a start, its memory, and narrowed pages, beside an empty one",
  async *run({ isQuick, dir, say }) {
    const [rounds, count] = isQuick ? [2, 16_384] : [5, 1_000_000];
    const empty = found(join(dir, "empty"));
    const long = found(join(dir, "long"));
    say(`writing ${count} entries`);
    await fill(long.data, count);
    say("building the read model");
    const building = await timed(count, async () => {
      await using node = await start(long);
      await node.page("");
    });
    const side = (name: string, node: Found) => ({
      name,
      lap: async (): Promise<Lap> => {
        const began = performance.now();
        await using started = await start(node);
        await started.page("");
        const seconds = (performance.now() - began) / 1_000;
        return { count: 1, seconds, latenciesMs: [seconds * 1_000] };
      },
    });
    const raced = await race(
      side("from the start of the process to a first page", long),
      [side("the same without a history", empty)],
      { rounds },
    );
    await using node = await start(long);
    await node.page("");
    const memoryMb = memoryMbOf(node.pid);
    yield {
      what: `start of a node with ${count} entries`,
      raced,
      facts: {
        "read model built, seconds": building.seconds.toFixed(1),
        "memory after the first answer, MB": memoryMb,
        "ledger and read model on disk, MB": Math.round(sizeOf(long.data) / 1e6),
      },
    } satisfies Finding;

    const pages = (queries: readonly string[]) => async (): Promise<Lap> => {
      let turn = 0;
      return calling(1, isQuick ? 500 : 3_000, () => node.page(queries[turn++ % queries.length] as string));
    };
    const latencies: number[] = [];
    const narrowed = pages([
      "&state=claimed",
      "&state=active&dueBefore=2028-01-01",
      "&dueAfter=2027-06-01&dueBefore=2027-06-30",
      "&externalId=item-40",
      "&text=footbridge%20mill",
      "&overdue=true",
    ]);
    const lists = await race(
      {
        name: "narrowed",
        lap: async () => {
          const lap = await narrowed();
          latencies.push(...(lap.latenciesMs ?? []));
          return lap;
        },
        cpuMs: node.cpuMs,
      },
      [{ name: "not narrowed", lap: pages([""]), cpuMs: node.cpuMs }],
      { rounds: 3 },
    );
    const p99 = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
    yield {
      what: `pages of ${pageItems} over HTTP`,
      raced: lists,
      goal: { text: "a narrowed page under 10 ms at p99", isMet: p99 < 10 },
      facts: { "p99, ms": Number(p99.toFixed(2)), "memory, MB": memoryMbOf(node.pid) },
    } satisfies Finding;
  },
};

type Found = { readonly data: string; readonly token: string };

const stateDirOf = (data: string): string => `${data}-state`;

function found(data: string): Found {
  const flags = ["init", "--name", "Orchard", "--network", "Valley", "--http-port", "0", "--nats-port", "0"];
  flags.push("--state-dir", stateDirOf(data));
  execFileSync(process.execPath, [handfastMain(), "--data", data, "--json", ...flags], { stdio: "ignore" });
  using tokens = openTokens(join(data, "gateway"));
  return { data, token: tokens.create({ name: "reader", role: "viewer" }, Date.now()).text };
}

async function start({ data, token }: Found) {
  const flags = ["--json", "up", "--log-level", "error", "--stop-with-stdin"];
  const node = await startServerProcess(handfastMain(), "--data", data, ...flags);
  return {
    ...node,
    page: async (query: string): Promise<void> => {
      const answer = await fetch(`${node.url}/v1/commitments?limit=${pageItems}${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      if (!answer.ok) throw new Error(`a page was answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
  };
}

/** By the ledger of the node itself, before the node runs: one commitment after the other, all its own. */
async function fill(data: string, count: number): Promise<void> {
  const charter = new Uint8Array(readFileSync(join(data, "charter.json")));
  await using ledger = await openLedger({ dir: data, stateDir: stateDirOf(data), charter });
  const { partner } = ledger.identity;
  let made = 0;
  const commitment = (place: number): DraftEntry[] => {
    const index = made++;
    const subject = `#${place}`;
    const due = new Date(Date.UTC(2027, 0, 1 + (index % 700))).toISOString().slice(0, 10);
    const title = `Repair the ${index % 3 === 0 ? "footbridge" : "barn"} of mill ${index % 1_000}`;
    const x = { debtor: partner, beneficiaries: ["network"], due, externalId: `item-${index}` };
    return [
      {
        type: "commitment.pledged",
        subject: null,
        x,
        body: { title, text: "Two days of work, before the flood." },
      },
      { type: "commitment.progressed", subject, x: { part: 30 } },
      { type: "commitment.progressed", subject, x: { part: 70 } },
      ...(index % 2 === 0
        ? [{ type: "commitment.claimed", subject, x: {} }]
        : [{ type: "commitment.progressed", subject, x: { part: 90 } }]),
    ];
  };
  const request = (): AppendRequest => ({
    entries: Array.from({ length: appendEntries / perCommitment }, (_, place) =>
      commitment(place * perCommitment),
    ).flat(),
    expect: [],
  });
  for (let done = 0; done < count; done += batchEntries) {
    const appends = Array.from({ length: batchEntries / appendEntries }, request);
    const replies = await Promise.all(appends.map((append) => ledger.rounds.append(append)));
    for (const reply of replies)
      if (!reply.ok) throw new Error(`not appended: ${reply.code} ${reply.detail ?? ""}`);
  }
}

const sizeOf = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );
