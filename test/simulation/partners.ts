/**
 * Who takes part: a charter of three founders, a newcomer they may admit, and a stranger who may lie. Each has one key and one
 * log in all runs, made once for a process; a run begins with a copy of the log that `log.opened` opened.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initLedger } from "@handfast/ledger/service";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { chainedCharter, partnerIdOf, testEpochMs, testKey } from "@handfast/testkit/author";
import { createDisk } from "./disk.ts";
import { createHostState, type HostState } from "./fences.ts";
import { beginLife } from "./process.ts";
import { createScheduler } from "./scheduler.ts";

export const founders = ["orchard", "millrace", "ferry"] as const;
export const network = chainedCharter(...founders);
export const startMs = testEpochMs + 86_400_000;

export type PartnerTemplate = {
  readonly name: string;
  readonly partner: PartnerId;
  readonly log: LogId;
  /** The folder with its keys, its lock and its fence. */
  readonly dir: string;
  /** The database after `log.opened`. */
  readonly image: Uint8Array;
  /** What its host keeps then, and the tag of its folder. */
  readonly host: HostState;
  readonly tag: string;
};

export interface Partners extends Disposable {
  of(name: string): PartnerTemplate;
}

export const logOf = (name: string): LogId => toB64u(labelledHash("handfast/test-log", name).subarray(0, 16));

/** Folders lie in memory where the machine has a file system there: they are written thousands of times. */
export async function preparePartners(names: readonly string[], root = tmpdir()): Promise<Partners> {
  const folder = mkdtempSync(join(root, "handfast-simulation-"));
  const made = new Map<string, PartnerTemplate>();
  for (const name of names) {
    const dir = join(folder, name);
    const disk = createDisk();
    const life = beginLife(createScheduler(0));
    const host = createHostState();
    await initLedger({
      dir,
      stateDir: join(folder, "state"),
      fences: host,
      charterBytes: network.bytes,
      name,
      root: testKey(`${name} root`),
      nextRootHash: toB64u(labelledHash("handfast/test-next", name)),
      now: () => testEpochMs,
      draw: { logId: () => logOf(name), key: (of) => testKey(`${name} ${of}`) },
      openStores: () => disk.openFor(life),
    });
    const tag = readFileSync(join(dir, "fence-tag"), "utf8").trim();
    const template = {
      name,
      partner: partnerIdOf(name),
      log: logOf(name),
      dir,
      image: disk.image() ?? new Uint8Array(),
      host,
      tag,
    };
    cpSync(join(dir, "keys"), join(dir, "keys.opened"), { recursive: true });
    made.set(name, template);
    disk[Symbol.dispose]();
  }
  return {
    of: (name) => {
      const found = made.get(name);
      if (found === undefined) throw new RangeError(`no partner ${name} was prepared`);
      return found;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
