/** The ledger of one test node: a partner's keys, made before its network where a charter has to name it, and its log on disk. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import { initLedger, startLedger } from "@handfast/ledger/service";
import { toB64u } from "@handfast/protocol/bytes";
import { type LogId, type PartnerId, toMultikey } from "@handfast/protocol/ids";
import { testStateDir } from "@handfast/testkit/state-folder";
import { generateKey, type KeyPair, publicKeyBytes } from "@handfast/tlog/signer";

export type Owner = { readonly name: string; readonly root: KeyPair; readonly partner: PartnerId };

export function createOwner(name: string): Owner {
  const root = generateKey();
  return { name, root, partner: toMultikey(publicKeyBytes(root)) };
}

export async function startNodeLedger(options: {
  readonly dir: string;
  readonly home: Bus;
  readonly charter: Uint8Array;
  readonly owner: Owner;
  readonly logger?: Logger;
}): Promise<AsyncDisposable & { readonly log: LogId }> {
  const { home, charter, owner, logger } = options;
  const dir = join(options.dir, "ledger");
  const nextRootHash = toB64u(randomBytes(32));
  const { log } = await initLedger({
    dir,
    stateDir: testStateDir(),
    charterBytes: charter,
    name: owner.name,
    root: owner.root,
    nextRootHash,
  });
  const deps = { bus: home, ...(logger === undefined ? {} : { logger }) };
  const ledger = await startLedger({ dir, stateDir: testStateDir(), charter }, deps);
  return { log, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() };
}
