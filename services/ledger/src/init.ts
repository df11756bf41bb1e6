/**
 * Opens a partner's log in a network: new keys, a new log id, entry 0, and its control checkpoint by the root key, which is
 * needed for this once only.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { toB64u } from "@handfast/protocol/bytes";
import { type HeaderVersion, headerVersionOf, networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { encodeHeader, type Header, parseHeader } from "@handfast/protocol/header";
import { type Hash, type LogId, toMultikey } from "@handfast/protocol/ids";
import { originOf } from "@handfast/replica/replica";
import { lockFolder } from "@handfast/storage/lock";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import type { Signer } from "@handfast/tlog/ed25519";
import { formatNote } from "@handfast/tlog/note";
import { generateKey, type KeyPair, publicKeyBytes } from "@handfast/tlog/signer";
import { emptyRoot, leafHash } from "@handfast/tlog/tree";
import { asLedgerError, LedgerError } from "./fault.ts";
import { filesIn, type LedgerIdentity, writeLogKey, writeWitnessKey } from "./files.ts";
import { createHeld, readEntry } from "./held.ts";
import { withLines } from "./line-store.ts";
import { bind, createFences, type Fences } from "./own-fence.ts";
import { sealAsGiven } from "./sealing.ts";
import { openStores, type Stores } from "./stores.ts";
import { writeRuns } from "./write-runs.ts";

export type InitLedger = {
  /** The node's data folder; made where it is missing. */
  readonly dir: string;
  readonly charterBytes: Uint8Array;
  /** The partner's name, as others will see it. */
  readonly name: string;
  /** The root key: it names the partner, and signs entry 0. */
  readonly root: Signer;
  /** b64u SHA-256 of `handfast/root/v1` NUL the next root's multikey. */
  readonly nextRootHash: Hash;
  /** As in `LedgerConfig`. */
  readonly stateDir: string;
  /** Default: files in `stateDir`. */
  readonly fences?: Fences;
  readonly now?: () => number;
  /** Draws the log's id and its keys. Default: from the system's randomness. */
  readonly draw?: { readonly logId: () => LogId; readonly key: (of: "log" | "witness") => KeyPair };
  /** Opens what keeps the logs. Default: SQLite. */
  readonly openStores?: (path: string) => Stores;
};

/**
 * Resolves when entry 0 would survive a power cut. A beginning that was interrupted before that is begun anew.
 *
 * @throws {LedgerError} `exists` where the folder holds a log; `unusable` for a charter or a name that is none; `locked`.
 */
export async function initLedger(options: InitLedger): Promise<LedgerIdentity> {
  const { dir, charterBytes, name, root, nextRootHash, now = Date.now } = options;
  const open = options.openStores ?? openStores;
  const draw = options.draw ?? { logId: createLogId, key: generateKey };
  const charter = parseCharter(charterBytes);
  if (!charter.ok) throw new LedgerError("unusable", `the charter is ${charter.code}: ${charter.detail}`);
  const files = filesIn(dir);
  mkdirSync(files.keys, { recursive: true, mode: 0o700 });
  try {
    using _lock = lockFolder(dir);
    const fences = options.fences ?? createFences(options.stateDir, dir);
    await using stores = open(files.log);
    if (stores.node.head > 0) throw new LedgerError("exists", `${dir} already holds a log`);

    const partner = toMultikey(publicKeyBytes(root));
    const log = draw.logId();
    const identity: LedgerIdentity = { net: networkIdOf(charterBytes), partner, name, log };
    const key = draw.key("log");
    const witness = draw.key("witness");
    const version = headerVersionOf(charter.value);
    const bytes = openingOf(identity, { version, key, witness, nextRootHash, nowMs: now() });
    writeLogKey(files.logKey, identity, key);
    writeWitnessKey(files.witnessKey, witness);

    await using fence = fences.open(log, bind(dir, fences));
    // First behind the log, then level with it: a fence ahead of its log would look like a restored backup.
    await fence.set({ log, size: 0, root: emptyRoot() });
    const treeRoot = leafHash(bytes);
    const origin = originOf(identity.net, partner, log);
    const edge = {
      size: 1,
      noteSize: 1,
      note: formatNote(signCheckpoint({ origin, size: 1, root: treeRoot }, root)),
      proof: [],
    };
    const entry = readEntry(bytes, log, 0);
    const held = createHeld({ net: identity.net, charter: charter.value });
    held.replica.hold(entry);
    held.fold(entry, log);
    // Signed by the root key, so it comes with its edge, as foreign entries do.
    const run = { log, by: partner, from: 0, entries: [entry], payloads: [], lacking: [], edge };
    await writeRuns(
      { runs: [run], replies: [] },
      { stores: withLines(stores), held, sealing: { seal: sealAsGiven } },
    );
    await fence.set({ log, size: 1, root: treeRoot });
    return identity;
  } catch (error) {
    throw asLedgerError(error);
  }
}

/**
 * Draws a new log id. It never begins with `-`: people type the ids of a log's things on command lines, where that begins an option.
 * Logs opened by release 0.1.0 may begin so.
 *
 * @param draw 16 unpredictable bytes.
 */
export function createLogId(draw: () => Uint8Array = () => randomBytes(16)): LogId {
  let log = toB64u(draw());
  while (log.startsWith("-")) log = toB64u(draw());
  return log;
}

/** Whether a folder holds a ledger's key, and so perhaps a log. */
export const hasLedger = (dir: string): boolean => existsSync(filesIn(dir).logKey);

function openingOf(
  { net, partner, name, log }: LedgerIdentity,
  facts: {
    readonly version: HeaderVersion;
    readonly key: Signer;
    readonly witness: Signer;
    readonly nextRootHash: Hash;
    readonly nowMs: number;
  },
): Uint8Array {
  const header: Header = {
    v: facts.version,
    net,
    by: partner,
    log,
    seq: 0,
    at: [facts.nowMs, 0],
    parents: [],
    type: "log.opened",
    subject: null,
    audience: "network",
    payload: null,
    x: {
      root: partner,
      keys: [toMultikey(publicKeyBytes(facts.key))],
      witness: toMultikey(publicKeyBytes(facts.witness)),
      next: facts.nextRootHash,
      name,
    },
  };
  const bytes = encodeHeader(header);
  const read = parseHeader(bytes);
  if (!read.ok) throw new LedgerError("unusable", `a log cannot be opened so: ${read.detail}`);
  return bytes;
}
