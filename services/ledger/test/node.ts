/** What the ledger's tests share: a folder with a partner's log in it, opened without a bus, and drafts to append. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendReply, AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import { testCharter, testEpochMs, testKey } from "@handfast/testkit/author";
import { initLedger } from "../src/init.ts";
import { type LedgerDeps, type OpenLedger, openLedger } from "../src/ledger.ts";

const founders = ["orchard", "millrace", "ferry"] as const;
export const network = testCharter(...founders);
export const startMs = testEpochMs + 10_000_000;

export interface TestFolder extends Disposable {
  readonly dir: string;
  /** Opens the ledger in it; a clock that a test can set goes with it. */
  open(deps?: Partial<LedgerDeps>): Promise<OpenLedger>;
}

export async function ledgerFolder(name: string = "orchard"): Promise<TestFolder> {
  const dir = mkdtempSync(join(tmpdir(), "handfast-ledger-"));
  const nextRootHash = "A".repeat(43);
  const root = testKey(`${name} root`);
  await initLedger({ dir, charterBytes: network.bytes, name, root, nextRootHash, now: () => startMs });
  return {
    dir,
    open: (deps = {}) => openLedger({ dir, charter: network.bytes }, { now: () => startMs, ...deps }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export const draft = (more: Partial<DraftEntry> = {}): DraftEntry => ({
  type: "initiative.proposed",
  subject: null,
  x: {},
  ...more,
});
export const append = (entries: readonly DraftEntry[], more: Partial<AppendRequest> = {}): AppendRequest => ({
  entries: [...entries],
  expect: [],
  ...more,
});

/** The reply of an append that must have been taken. */
export function taken(reply: AppendReply): Extract<AppendReply, { ok: true }> {
  if (!reply.ok) throw new Error(`not taken: ${JSON.stringify(reply)}`);
  return reply;
}
