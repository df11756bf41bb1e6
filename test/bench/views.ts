/**
 * The read model: built from a ledger's entries, beside SQLite alone with the same bytes; and pages of a list that is narrowed,
 * beside pages that are not. The ledger is an array: what it costs to read one is left out.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PayloadAnswer } from "@handfast/api/messages/ledger";
import type { Bus } from "@handfast/bus/bus";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import type { Ref } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Reads, ThingFilter } from "@handfast/views/reads";
import { openViews } from "@handfast/views/views";
import type { Benchmark, Finding } from "./benchmark.ts";
import { type BusyEntry, createBusyNetwork } from "./busy-network.ts";
import { ownCpuMs } from "./cpu-time.ts";
import { calling, timed } from "./laps.ts";
import { createNearBus } from "./near-bus.ts";
import { race } from "./race.ts";
import { openRawSqlite } from "./raw-sqlite.ts";

const pageEntries = 500;

export const views: Benchmark = {
  name: "views",
  about: "building the read model beside SQLite alone, and narrowed pages beside pages that are not",
  async *run({ isQuick, dir, say }) {
    const count = isQuick ? 20_000 : 200_000;
    say(`${count} entries`);
    const network = createBusyNetwork();
    const entries = network.entries().take(count).toArray();
    const bytes = entries.reduce((sum, { entry, text }) => sum + entry.header.length + sizeOf(text), 0);
    const owner = { net: network.net, charter: network.charter, self: network.self };
    const ledger = ledgerOf(entries);
    const open = (name: string) => openViews({ ...owner, dir: join(dir, name), bus: deafBus(), ledger });

    let built = 0;
    const building = {
      name: "read model",
      lap: () => {
        mkdirSync(join(dir, `views-${++built}`));
        return timed(count, async () => (await open(`views-${built}`))[Symbol.asyncDispose]());
      },
      cpuMs: ownCpuMs,
    };
    using raw = openRawSqlite(dir, Math.round(bytes / count));
    const bare = {
      name: `SQLite, groups of ${pageEntries}`,
      lap: () =>
        timed(count, () => {
          for (let done = 0; done < count; done += pageEntries) raw.insert(pageEntries);
        }),
      cpuMs: ownCpuMs,
    };
    const rounds = isQuick ? 2 : 1;
    const raced = await race(building, [bare], { rounds, isWarmedUp: false });
    const size = sizeOfFolder(join(dir, `views-${built}`));
    yield {
      what: `built from ${count} entries`,
      raced,
      facts: {
        "bytes of an entry and its texts": Math.round(bytes / count),
        "on disk an entry": Math.round(size / count),
      },
    } satisfies Finding;

    const start = performance.now();
    await using model = await open(`views-${built}`);
    const first = await page(model.reads, {}, 0);
    const openMs = performance.now() - start;
    const random = () => Math.floor(Math.random() * count);
    const narrowed: number[] = [];
    const filters: readonly (() => ThingFilter)[] = [
      () => ({ state: "active" }),
      () => ({ partner: network.charter.founders[random() % 8] as string, state: "satisfied" }),
      () => ({ overdue: true }),
      () => ({ dueAfter: dayAfter(random()), dueBefore: dayAfter(random() + 10_000) }),
      () => ({ text: "barn mead" }),
      () => ({ externalId: `CRM-${random()}` }),
    ];
    const lapMs = isQuick ? 300 : 1_500;
    const side = (name: string, filter: () => ThingFilter, latencies: number[]) => ({
      name,
      lap: async () => {
        const lap = await calling(1, lapMs, async () => {
          await page(model.reads, filter(), random());
        });
        latencies.push(...(lap.latenciesMs ?? []));
        return lap;
      },
      cpuMs: ownCpuMs,
    });
    let turn = 0;
    const ours = side("narrowed", () => (filters[turn++ % filters.length] as () => ThingFilter)(), narrowed);
    const pages = await race(ours, [side("not narrowed", () => ({}), [])], { rounds: 3 });
    const p99 = narrowed.toSorted((a, b) => a - b)[Math.floor(narrowed.length * 0.99)] ?? Number.NaN;
    yield {
      what: `pages of 50 among ${first.items.length < 50 ? "few" : "many"} commitments`,
      raced: pages,
      goal: { text: "a narrowed page under 10 ms at p99", isMet: p99 < 10 },
      facts: { "p99, ms": Number(p99.toFixed(2)), "opened, with a first page, in ms": Math.round(openMs) },
    } satisfies Finding;
  },
};

const page = (reads: Reads, filter: ThingFilter, after: number) =>
  reads.list("commitments", { ...filter, at: null, after, limit: 50 });

const sizeOf = (text: BusyEntry["text"]): number => (text === null ? 0 : JSON.stringify(text).length);

const sizeOfFolder = (dir: string): number =>
  readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

/** The network writes an entry a minute, from the beginning of 2024. */
const dayAfter = (minutes: number): string =>
  new Date(Date.UTC(2024, 0, 1) + minutes * 60_000).toISOString().slice(0, 10);

/** Nothing is heard on it. */
const deafBus = (): Bus => ({
  ...createNearBus(),
  subscribe: () => ({ dropped: 0, [Symbol.asyncDispose]: async () => {} }),
});

function ledgerOf(entries: readonly BusyEntry[]): LedgerClient {
  const texts = new Map<Ref, string>(
    entries.flatMap(({ ref, text }) => (text === null ? [] : [[ref, toB64u(toBytes(JSON.stringify(text)))]])),
  );
  const answer = (ref: Ref): PayloadAnswer => {
    const body = texts.get(ref);
    return body === undefined ? { ref, state: "unknown" } : { ref, salt: "", body };
  };
  return {
    read: async ({ after, limit }: { after: number; limit: number }) => ({
      entries: entries.slice(after, after + limit).map(({ entry }) => entry),
      head: entries.length,
    }),
    payloads: async ({ refs }: { refs: readonly Ref[] }) => ({ payloads: refs.map(answer) }),
  } as unknown as LedgerClient;
}
