/**
 * The ledger of a node, without the bus: one log of ours to append to and sign, every other to keep. Everything it answers
 * is durable; what it cannot be sure of stops it.
 */
import type { Logger } from "@handfast/bus/logger";
import { budgets, type MemberBudget } from "@handfast/protocol/budgets";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { createProgress } from "@handfast/service-kit/progress";
import { type FencePost, openFence, readFence } from "@handfast/storage/fence";
import { lockFolder } from "@handfast/storage/lock";
import type { Signer } from "@handfast/tlog/ed25519";
import { sameHash } from "@handfast/tlog/tree";
import { createEvents } from "./events.ts";
import { asLedgerError, damaged, LedgerError } from "./fault.ts";
import { filesIn, type LedgerIdentity, readLogKey } from "./files.ts";
import type { Served } from "./frames.ts";
import { type Held, readHeld } from "./held.ts";
import { type LineStores, withLines } from "./line-store.ts";
import { createQuota, type Quota } from "./quota.ts";
import { recover } from "./recover.ts";
import { createRounds, type Durable, type Rounds } from "./rounds.ts";
import { scrub } from "./scrub.ts";
import { createSealing } from "./sealing.ts";
import { openStores, type Stores, type StoresOptions } from "./stores.ts";

export type LedgerConfig = {
  /** The node's data folder, in which `initLedger` made the log. */
  readonly dir: string;
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  /** What is taken of one member, where not the protocol's defaults. */
  readonly member?: Partial<MemberBudget>;
};

export type LedgerDeps = {
  readonly logger?: Logger;
  /** Wall time in milliseconds. */
  readonly now?: () => number;
  /** 32 unpredictable bytes for each payload. Default: the system's. */
  readonly salt?: () => Uint8Array;
  /** Told of everything that has become durable, in order. */
  readonly tell?: (durable: readonly Durable[]) => void;
  /** Told how far the taking over of an older folder is, in words. */
  readonly onProgress?: (text: string) => void;
  /** Opens what keeps the logs. Default: SQLite. */
  readonly openStores?: (path: string, options: StoresOptions) => Stores;
};

export interface OpenLedger extends AsyncDisposable {
  readonly identity: LedgerIdentity;
  readonly key: Signer;
  readonly stores: LineStores;
  readonly rounds: Rounds;
  readonly served: Served;
  readonly quota: Quota;
}

/**
 * Locks the folder, reads back what a running ledger must know, and checks the right edge of every log against its checkpoint,
 * and that our own is not behind its fence.
 *
 * @throws {LedgerError} `locked`, `not-there`, `unusable`, `fatal`.
 */
export async function openLedger(config: LedgerConfig, deps: LedgerDeps = {}): Promise<OpenLedger> {
  const { now = Date.now, tell = () => {}, openStores: open = openStores } = deps;
  const say = createEvents(deps.logger);
  const files = filesIn(config.dir);
  const { identity, key } = readLogKey(files.logKey);
  const charter = parseCharter(config.charter);
  if (!charter.ok || networkIdOf(config.charter) !== identity.net)
    throw new LedgerError("unusable", `the log in ${config.dir} is of another network than the charter`);
  const network = { net: identity.net, charter: charter.value };
  try {
    await using cleanup = new AsyncDisposableStack();
    cleanup.use(lockFolder(config.dir));
    const progress = createProgress(["entry", "entries"]);
    const onTakeOver = (done: number, all: number): void => {
      say.takingOver(done, all);
      deps.onProgress?.(`taking over the folder of release 0.1.0: ${progress(done, all).text}`);
    };
    const stores = cleanup.use(withLines(open(files.log, { network, onTakeOver })));
    const readAll = (): Promise<Held> => readHeld(stores, network);
    const held = await readAll().catch(unreadable);
    const own = held.replica.logs.get(identity.log);
    if (own === undefined)
      throw new LedgerError("not-there", `there is no log ${identity.log} in ${files.log}`);
    const adopted = await recover(stores, held, identity.log, createSealing(held.replica, identity, key));
    if (adopted > 0) say.adopted(adopted);
    assertNotBehind(readFence(files.fence), identity, held);
    const fence = cleanup.use(openFence(files.fence, (error) => rounds.fail(error)));
    fence.set({ log: identity.log, size: own.held, root: own.tree.root(own.held) });

    const served: Served = new Map();
    for (const [line, known] of held.replica.logs)
      if (known.edge !== null) served.set(line, { known, edge: known.edge });
    const quota = createQuota({ ...budgets.member, ...config.member }, now);
    const { salt } = deps;
    const all = { stores, identity, key, fence, served, say, quota, now, salt, readHeld: readAll, tell };
    const rounds: Rounds = createRounds(all, held);
    cleanup.use(rounds);
    say.opened(identity, own.held, stores.node.head, served.size);
    const stopping = new AbortController();
    cleanup.defer(() => stopping.abort());
    rounds.proveForks();
    scrub(stores, stopping.signal).catch(rounds.fail);
    const kept = cleanup.move();
    return { identity, key, stores, rounds, served, quota, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  } catch (error) {
    throw asLedgerError(error);
  }
}

/** Whatever fails in reading what this ledger itself wrote: it is no longer what was written. */
function unreadable(error: unknown): never {
  const known = asLedgerError(error);
  throw known instanceof LedgerError ? known : damaged("what is stored cannot be read back", error);
}

/** A log that is behind its fence was restored: going on in it would sign a second history. */
function assertNotBehind(fence: FencePost | "torn" | null, { log }: LedgerIdentity, { replica }: Held): void {
  const own = replica.logs.get(log);
  if (own === undefined) return;
  const isLevel =
    fence !== null &&
    fence !== "torn" &&
    fence.log === log &&
    fence.size <= own.held &&
    (fence.size === 0 || sameHash(fence.root, own.tree.root(fence.size)));
  if (isLevel) return;
  const what = fence === null || fence === "torn" ? "its fence is gone" : `its fence stands at ${fence.size}`;
  throw new LedgerError(
    "fatal",
    `log ${log} holds ${own.held} entries and ${what}: it was restored or copied`,
    {
      hint: "do not go on in this log, or it will contradict what peers hold of it: put back the newest folder as a whole, or make a new node and join again",
    },
  );
}
