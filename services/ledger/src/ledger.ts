/**
 * The ledger of a node, without the bus: one log of ours to append to and sign, every other to keep. Everything it answers
 * is durable; what it cannot be sure of stops it.
 */
import { existsSync } from "node:fs";
import type { Logger } from "@handfast/bus/logger";
import { budgets, type MemberBudget } from "@handfast/protocol/budgets";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import type { LogId } from "@handfast/protocol/ids";
import { createProgress } from "@handfast/service-kit/progress";
import { lockFolder } from "@handfast/storage/lock";
import { type Assurance, createAssurance, successorsOf } from "./assurance.ts";
import { createDamagedTexts, type DamagedTexts, scrubTexts } from "./damaged-texts.ts";
import type { Doubt } from "./doubt.ts";
import { createEvents } from "./events.ts";
import { asLedgerError, damaged, LedgerError } from "./fault.ts";
import { filesIn, type LedgerIdentity, readLogKey } from "./files.ts";
import type { Served } from "./frames.ts";
import { type Held, readHeld } from "./held.ts";
import { createLogId } from "./init.ts";
import { type LineStores, withLines } from "./line-store.ts";
import {
  composeNextLog,
  finishNextLog,
  isNextLog,
  isSuccessionForked,
  type NextLog,
  type NoNextLog,
} from "./next-log.ts";
import { createFences, doubtOfFolder, type Fences, readTag } from "./own-fence.ts";
import type { OwnLog } from "./own-log.ts";
import { createQuota, type Quota } from "./quota.ts";
import { recover } from "./recover.ts";
import {
  answeredBy,
  askRoot,
  forgetAnswered,
  forgetRequest,
  isAsked,
  type NoRootRequest,
  type RootWish,
} from "./root-request.ts";
import { createRounds, type Durable, type Rounds } from "./rounds.ts";
import { scrub } from "./scrub.ts";
import { createSealing } from "./sealing.ts";
import { openStores, type Stores, type StoresOptions } from "./stores.ts";

export type LedgerConfig = {
  /** The node's data folder, in which `initLedger` made the log. */
  readonly dir: string;
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  /** A folder of this host, outside the data folder, that keeps how far its logs were signed. */
  readonly stateDir: string;
  /** What is taken of one member, where not the protocol's defaults. */
  readonly member?: Partial<MemberBudget>;
};

export type LedgerDeps = {
  readonly logger?: Logger;
  /** Wall time in milliseconds. */
  readonly now?: () => number;
  /** 32 unpredictable bytes for each payload. Default: the system's. */
  readonly salt?: () => Uint8Array;
  /** Default: files in `stateDir`. */
  readonly fences?: Fences;
  /** Draws the id of the next log. Default: from the system's randomness. */
  readonly drawLogId?: () => LogId;
  /** Told of everything that has become durable, in order. */
  readonly tell?: (durable: readonly Durable[]) => void;
  /** Told how far the taking over of an older folder is, in words. */
  readonly onProgress?: (text: string) => void;
  /** Opens what keeps the logs. Default: SQLite. */
  readonly openStores?: (path: string, options: StoresOptions) => Stores;
};

export interface OpenLedger extends AsyncDisposable {
  /** The log it writes now: another one once the next is opened. */
  readonly own: Readonly<OwnLog>;
  readonly identity: LedgerIdentity;
  readonly assurance: Assurance;
  readonly stores: LineStores;
  readonly rounds: Rounds;
  readonly damagedTexts: DamagedTexts;
  readonly served: Served;
  /** Closes our log and opens the next one. */
  openNext(): Promise<NextLog | NoNextLog>;
  /** Asks for a next log that the root key opens: the header it is to sign for. */
  askRoot(wish: RootWish): Promise<{ readonly header: string } | NoRootRequest>;
  /** Opens the log that the root key signed for; null takes the request back. */
  takeRoot(note: string | null): Promise<NextLog | NoRootRequest | null>;
  readonly quota: Quota;
  readonly now: () => number;
}

/**
 * Locks the folder, reads back what a running ledger must know, and checks the right edge of every log against its checkpoint.
 * Whether our own may be gone on with is asked of this host's fence: where that does not agree, everything but signing goes on.
 *
 * @throws {LedgerError} `locked`, `not-there`, `unusable`, `state-folder`, `fatal`.
 */
export async function openLedger(config: LedgerConfig, deps: LedgerDeps = {}): Promise<OpenLedger> {
  const { now = Date.now, tell = () => {}, openStores: open = openStores, drawLogId = createLogId } = deps;
  const { dir } = config;
  const say = createEvents(deps.logger);
  const files = filesIn(dir);
  const { net } = readLogKey(files.logKey).identity;
  const charter = parseCharter(config.charter);
  if (!charter.ok || networkIdOf(config.charter) !== net)
    throw new LedgerError("unusable", `the log in ${dir} is of another network than the charter`);
  const network = { net, charter: charter.value };
  try {
    await using cleanup = new AsyncDisposableStack();
    cleanup.use(lockFolder(dir));
    const fences = deps.fences ?? createFences(config.stateDir, dir);
    const progress = createProgress(["entry", "entries"]);
    const onTakeOver = (done: number, all: number): void => {
      say.takingOver(done, all);
      deps.onProgress?.(`taking over the folder of release 0.1.0: ${progress(done, all).text}`);
    };
    const stores = cleanup.use(withLines(open(files.log, { network, onTakeOver })));
    const readAll = (): Promise<Held> => readHeld(stores, network);
    const held = await readAll().catch(unreadable);
    const isHeld = (log: LogId): boolean => held.replica.logs.has(log);
    finishNextLog(dir, isHeld);
    forgetAnswered(dir, isHeld);
    const { identity, key } = readLogKey(files.logKey);
    const { log } = identity;
    const known = held.replica.logs.get(log);
    if (known === undefined) throw new LedgerError("not-there", `there is no log ${log} in ${files.log}`);
    const adopted = await recover(stores, held, log, createSealing(held.replica, { identity, key }));
    if (adopted > 0) say.adopted(adopted);

    const own: OwnLog = { identity, key, fence: null, lock: fences.lock(log) };
    cleanup.defer(async () => {
      await own.fence?.[Symbol.asyncDispose]();
      own.lock[Symbol.dispose]();
    });
    const binding = { tag: readTag(dir), place: fences.place(dir) };
    const doubt = doubtAtStart(held, own, stores, doubtOfFolder(fences.read(log), known, binding));
    if (doubt === null && binding.tag !== null) {
      own.fence = fences.open(log, { tag: binding.tag, place: binding.place });
      await own.fence.set({ log, size: known.held, root: known.tree.root(known.held) });
    }

    const served: Served = new Map();
    for (const [line, known] of held.replica.logs)
      if (known.edge !== null) served.set(line, { known, edge: known.edge });
    const quota = createQuota({ ...budgets.member, ...config.member }, now);
    const assurance: Assurance = createAssurance(doubt, {
      dir,
      own,
      held: () => rounds.held,
      fences,
      isUpgrade: existsSync(files.oldFence),
      isRootAsked: isAsked(dir),
      say,
      onSure: () => rounds.proveForks(),
    });
    const installing = { dir, fences };
    const roundsDeps = {
      stores,
      own,
      assurance,
      served,
      say,
      quota,
      now,
      salt: deps.salt,
      readHeld: readAll,
      tell,
      installing,
    };
    const rounds: Rounds = createRounds(roundsDeps, held);
    cleanup.use(rounds);
    say.opened(identity, known.held, stores.node.head, served.size);
    const stopping = new AbortController();
    cleanup.defer(() => stopping.abort());
    rounds.proveForks();
    scrub(stores, stopping.signal).catch(rounds.fail);
    const damagedTexts = createDamagedTexts(stores, rounds, say);
    scrubTexts(stores, damagedTexts, stopping.signal).catch(rounds.fail);
    const kept = cleanup.move();
    return {
      own,
      get identity() {
        return own.identity;
      },
      assurance,
      stores,
      rounds,
      served,
      quota,
      now,
      damagedTexts,
      askRoot: (wish) =>
        rounds.exclusively(() => {
          const asked = askRoot(dir, rounds.held, own, wish, { nowMs: now(), log: drawLogId() });
          if ("header" in asked) assurance.raise({ code: "root-asked" });
          return asked;
        }),
      takeRoot: async (note) => {
        if (note === null) {
          forgetRequest(dir);
          assurance.withdraw();
          return null;
        }
        const next = await rounds.openNext((current) => answeredBy(dir, current, own, note));
        if (!isNextLog(next)) return next;
        forgetRequest(dir);
        say.nextLogOpened(next.identity.log, next.previous.log, next.previous.size);
        return next;
      },
      openNext: async () => {
        const next = await rounds.openNext((current) =>
          composeNextLog(current, own, { nowMs: now(), log: drawLogId() }),
        );
        if (isNextLog(next)) say.nextLogOpened(next.identity.log, next.previous.log, next.previous.size);
        return next;
      },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  } catch (error) {
    throw asLedgerError(error);
  }
}

/** What is known before any peer was heard, the gravest first. */
function doubtAtStart(held: Held, { identity }: OwnLog, stores: Stores, byFence: Doubt | null): Doubt | null {
  const { log } = identity;
  const { replica } = held;
  if (replica.lines.of(log).length > 1 || isSuccessionForked(held, identity)) return { code: "forked" };
  if (successorsOf(replica.logs.values(), log).length > 0) return { code: "superseded" };
  // A folder put back behind what this host saw needs its own history first, whether it came from a backup or not.
  if (stores.copyOf === log) return { code: "copy" };
  return byFence;
}

/** Whatever fails in reading what this ledger itself wrote: it is no longer what was written. */
function unreadable(error: unknown): never {
  const known = asLedgerError(error);
  throw known instanceof LedgerError ? known : damaged("what is stored cannot be read back", error);
}
