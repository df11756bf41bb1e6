/** The log that this ledger writes now. Opening the next one changes all three together. */
import type { Fence } from "@handfast/storage/fence";
import type { KeyPair } from "@handfast/tlog/signer";
import type { LedgerIdentity } from "./files.ts";

export type OwnLog = {
  identity: LedgerIdentity;
  key: KeyPair;
  /** Null while this host cannot vouch for the folder: nothing is signed then. */
  fence: Fence | null;
  /** Keeps other processes of this host out of this log. */
  lock: Disposable;
};
