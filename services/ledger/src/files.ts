/** Where the ledger's files lie in a node's data folder, and how its keys are kept: one file each, for the owner only. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { fromMultikey, LogId as LogIdSchema, toMultikey } from "@handfast/protocol/ids";
import { shellWord } from "@handfast/service-kit/shell";
import { type KeyPair, publicKeyBytes, signerFrom } from "@handfast/tlog/signer";
import { LedgerError } from "./fault.ts";

export const filesIn = (dir: string) => ({
  log: join(dir, "log.db"),
  /** Lies in the folder and in its fence, which is kept in this host's state. */
  fenceTag: join(dir, "fence-tag"),
  /** What release 0.1.0 kept beside the database. */
  oldFence: join(dir, "fence"),
  keys: join(dir, "keys"),
  logKey: join(dir, "keys", "log.json"),
  /** While the next log is opened: what becomes `log.json` then. */
  nextLogKey: join(dir, "keys", "log.next.json"),
  /** While the root key is asked to sign the next opening. */
  rootRequest: join(dir, "keys", "root-request.json"),
  witnessKey: join(dir, "keys", "witness.json"),
  /** As `nextLogKey`, where the root names a new one. */
  nextWitnessKey: join(dir, "keys", "witness.next.json"),
});

/** Who writes here, and in which log. */
export type LedgerIdentity = {
  readonly net: NetworkId;
  readonly partner: PartnerId;
  readonly name: string;
  readonly log: LogId;
};

type LogKeyFile = LedgerIdentity & { readonly v: 1; readonly public: string; readonly key: string };

export function writeLogKey(path: string, identity: LedgerIdentity, key: KeyPair): void {
  const file: LogKeyFile = {
    v: 1,
    ...identity,
    public: toMultikey(publicKeyBytes(key)),
    key: key.exportPem(),
  };
  writeSecret(path, JSON.stringify(file));
}

export const writeWitnessKey = (path: string, key: KeyPair): void =>
  writeSecret(path, JSON.stringify({ v: 1, public: toMultikey(publicKeyBytes(key)), key: key.exportPem() }));

/** @throws {LedgerError} `not-there`, or `unusable` for a file that others can read or that does not hold a log key. */
export function readLogKey(path: string): { readonly identity: LedgerIdentity; readonly key: KeyPair } {
  if (!existsSync(path)) throw new LedgerError("not-there", `there is no log: ${path} is missing`);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new LedgerError("unusable", `${path} can be read or changed by others`, {
      hint: `chmod 600 ${shellWord(path)}`,
    });
  let file: Partial<LogKeyFile>;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as Partial<LogKeyFile>;
  } catch {
    // The parser's message may quote the key.
    throw new LedgerError("unusable", `${path} is not JSON`);
  }
  const { net, partner, name, log, key } = file;
  const isWhole =
    file.v === 1 &&
    [net, partner, name, key].every((text) => typeof text === "string") &&
    LogIdSchema.safeParse(log).success;
  if (!isWhole || fromMultikey(partner ?? "") === null)
    throw new LedgerError("unusable", `${path} is not a log key`);
  const identity = { net, partner, name, log } as LedgerIdentity;
  try {
    return { identity, key: signerFrom(key as string) };
  } catch {
    throw new LedgerError("unusable", `${path} is not a log key`);
  }
}

/** Durable before it is used: a key that signed must not be lost. Replaces what an interrupted beginning left. */
export function writeSecret(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
