/** What the ledger's tests share: a folder with a partner's log in it, opened without a bus, and drafts to append. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendReply, AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import type { At } from "@handfast/protocol/header";
import { unpin } from "@handfast/protocol/ids";
import { type Author, testCharter, testEpochMs, testKey } from "@handfast/testkit/author";
import { testStateDir } from "@handfast/testkit/state-folder";
import { initLedger } from "../src/init.ts";
import { type LedgerConfig, type LedgerDeps, type OpenLedger, openLedger } from "../src/ledger.ts";

const founders = ["orchard", "millrace", "ferry"] as const;
export const network = testCharter(...founders);
export const startMs = testEpochMs + 10_000_000;

export interface TestFolder extends Disposable {
  readonly dir: string;
  /** The fence of its first log. */
  readonly fence: string;
  /** Opens the ledger in it; a clock that a test can set goes with it. */
  open(deps?: Partial<LedgerDeps>, member?: LedgerConfig["member"]): Promise<OpenLedger>;
}

export async function ledgerFolder(name: string = "orchard"): Promise<TestFolder> {
  const dir = mkdtempSync(join(tmpdir(), "handfast-ledger-"));
  const stateDir = testStateDir();
  const nextRootHash = "A".repeat(43);
  const root = testKey(`${name} root`);
  const { log } = await initLedger({
    dir,
    stateDir,
    charterBytes: network.bytes,
    name,
    root,
    nextRootHash,
    now: () => startMs,
  });
  return {
    dir,
    fence: join(stateDir, `fence-${log}`),
    open: (deps = {}, member = {}) =>
      openLedger({ dir, stateDir, charter: network.bytes, member }, { now: () => startMs, ...deps }),
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

/**
 * Two of the three founders sponsor guests and vote them in, and each guest attests: members, by entries that `say` hands on.
 *
 * @param founders Whose logs grow by it.
 */
export function admitGuests(founders: readonly [Author, Author], guests: readonly Author[]): void {
  const [first, second] = founders;
  const after = (...authors: readonly Author[]): At => {
    const latest = Math.max(...authors.map((author) => author.header(author.size - 1).at[0]));
    return [latest + 1, 0];
  };
  for (const guest of guests) {
    const sponsorship = first.write({ type: "member.sponsored", x: { root: guest.by, log: guest.log } });
    const opening = unpin(sponsorship);
    const vote = { type: "member.endorsed", subject: opening, x: { opening, yes: true } };
    const votes = [
      first.write(vote),
      second.write({ ...vote, at: after(first, second), parents: [sponsorship] }),
    ].sort();
    const x = { charter: network.net };
    guest.write({ type: "charter.attested", subject: opening, at: after(guest, second), parents: votes, x });
  }
}
/** An author's founding attestation. */
export const attestFounding = (founder: Author): string =>
  founder.write({ type: "charter.attested", x: { charter: network.net } });

/** The reply of an append that must have been taken. */
export function taken(reply: AppendReply): Extract<AppendReply, { ok: true }> {
  if (!reply.ok) throw new Error(`not taken: ${JSON.stringify(reply)}`);
  return reply;
}
