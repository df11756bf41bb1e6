/**
 * Who may sign a checkpoint. The newest control entry below its size decides: right after one only the root key
 * counts (a log key may sign beside it), so a stolen log key cannot make itself master; further on any of the log
 * keys. A later log may be opened by a log key of the one it goes on from: then it has those very keys.
 */
import { isSignedBy, type VerifyingKey } from "./ed25519.ts";
import type { LogOpened } from "./log-opened.ts";
import { type Checkpoint, keyIdOf } from "./note.ts";

export type Authority = {
  /** Whether a key that had the right is named among the signatures. */
  isAuthorised(checkpoint: Checkpoint): boolean;
  /** Whether every signature by a key of this log is true. */
  isSigned(checkpoint: Checkpoint): boolean;
};

/** Sizes whose checkpoint settles what lies below. */
export function isControlSize(size: number): boolean {
  return size === 1;
}

/** The keys of one log, at work under the name `origin`. */
export function createAuthority(origin: string, opened: LogOpened): Authority {
  const rootId = keyIdOf(origin, opened.root.bytes);
  const logIds = new Set(opened.logKeys.map((key) => keyIdOf(origin, key.bytes)));
  const keys = new Map<string, VerifyingKey>();
  for (const key of [opened.root, ...opened.logKeys]) keys.set(keyIdOf(origin, key.bytes), key);

  return {
    isAuthorised: ({ size, signatures }) =>
      signatures.some(
        ({ name, keyId }) =>
          name === origin &&
          (isControlSize(size) && !opened.isByLogKey ? keyId === rootId : logIds.has(keyId)),
      ),
    isSigned: ({ message, signatures }) =>
      signatures.every(({ name, keyId, signature }) => {
        const key = name === origin ? keys.get(keyId) : undefined;
        return key === undefined || isSignedBy(key, message, signature);
      }),
  };
}
