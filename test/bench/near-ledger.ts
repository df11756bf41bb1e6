/** The ledger as a service of a node: its own files, its own keys, all of its endpoints; on a bus without a wire. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AppendReply, type AppendRequest, IngestReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import { initLedger, startLedger } from "@handfast/ledger/service";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { LogId, NetworkId } from "@handfast/protocol/ids";
import { testCharter, testKey } from "@handfast/testkit/author";
import { createNearBus } from "./near-bus.ts";

export interface NearLedger extends AsyncDisposable {
  readonly net: NetworkId;
  readonly log: LogId;
  /** Resolves when all of it is durable. */
  append(request: AppendRequest): Promise<void>;
  /** A frame of entries from `from` on. */
  range(from: number, limit: number): Promise<Uint8Array>;
  /** How many of the frame's entries are now held, durably. */
  ingest(frame: Uint8Array): Promise<number>;
}

const founders = ["orchard", "millrace"] as const;
const timeoutMs = 60_000;

/** Opens the log of a founder in a new folder below `dir`. */
export async function openNearLedger(name: (typeof founders)[number], dir: string): Promise<NearLedger> {
  await using cleanup = new AsyncDisposableStack();
  const own = mkdtempSync(join(dir, `${name}-`));
  cleanup.defer(() => rmSync(own, { recursive: true, force: true }));
  const stateDir = join(dir, "state");
  const { bytes: charter, net } = testCharter(...founders);
  const nextRootHash = toB64u(labelledHash("handfast/root/v1", name));
  const root = testKey(`${name} root`);
  const { log } = await initLedger({ dir: own, stateDir, charterBytes: charter, name, root, nextRootHash });
  const bus = createNearBus();
  cleanup.use(await startLedger({ dir: own, stateDir, charter }, { bus }));

  const ask = async (verb: string, data: Uint8Array): Promise<Uint8Array> =>
    (await bus.request(subjects.service("ledger", verb), data, { timeoutMs })).data;
  const kept = cleanup.move();
  return {
    net,
    log,
    append: async (request) => {
      const reply = AppendReply.parse(fromJson(await ask("append", toJson(request))));
      if (!reply.ok) throw new Error(`not appended: ${reply.code} ${reply.detail ?? ""}`);
    },
    range: (from, limit) => ask("range", toJson({ net, log, from, limit })),
    ingest: async (frame) => {
      const reply = IngestReply.parse(fromJson(await ask("ingest", frame)));
      if (!reply.ok) throw new Error(`not ingested: ${reply.code} ${reply.detail ?? ""}`);
      return reply.accepted;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const toJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const fromJson = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
