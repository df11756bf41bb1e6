/**
 * Which logs were signed in several histories: those of which the bundle holds branches, and those of which an entry
 * `fork.proven` holds a proof (fold.md section 3). A proof is checked here from nothing but its header and the keys in
 * entry 0 of the log; who wrote it does not matter.
 */
import { decodeB64u } from "../b64u.ts";
import { type Entry, entriesAt, type Held, type HeldLog, lineOf, none } from "../held.ts";
import { createAuthority } from "../keys.ts";
import type { Past } from "../past.ts";
import { rootsOf } from "../tree.ts";
import { eventTypes, hasMust } from "./contract.ts";
import type { Fork } from "./doubt.ts";

type Head = { readonly size: number; readonly root: string; readonly signature: string };

/** Forks by log id. */
export function findForks(held: Held, past: Past): ReadonlyMap<string, Fork> {
  const forks = new Map<string, Fork>();
  const at = (log: string, from: number): Fork => {
    const fork = forks.get(log) ?? { from, proofs: [] };
    fork.from = Math.min(fork.from, from);
    forks.set(log, fork);
    return fork;
  };
  for (const { log, branch, first } of held.logs) if (branch > 0) at(log, first);
  for (const entry of held.entries) {
    const from = entry?.type === "fork.proven" ? provenFrom(held, past, entry) : undefined;
    if (from !== undefined) at(String(entry.x["log"]), from).proofs.push(entry);
  }
  return forks;
}

/** From which entry on a `fork.proven` shows a log to be in doubt; undefined when it proves nothing. */
export function provenFrom(held: Held, past: Past, { index, subject, x }: Entry): number | undefined {
  // One that is about something is malformed, and proves nothing.
  if (subject !== none) return undefined;
  return forkShownBy(held, x, (opening) => past.has(opening, index));
}

/**
 * The same of its `x` alone.
 *
 * @param mayKnow Whether its author could know the entry 0 of a log, by index.
 */
export function forkShownBy(
  held: Held,
  x: Entry["x"],
  mayKnow: (opening: number) => boolean = () => true,
): number | undefined {
  if (eventTypes.get("fork.proven")?.fits(x) !== true || hasMust(x)) return undefined;
  const [small, large] = x["checkpoints"] as [Head, Head];
  const isSigned = entriesAt(held, String(x["log"]), 0).some((opening) => {
    const line = held.logs[lineOf(held, opening)] as HeldLog;
    return mayKnow(opening) && [small, large].every((head) => isBelieved(held, line, head));
  });
  if (!isSigned || small.size > large.size) return undefined;
  const proof = (x["consistency"] as string[]).map((text) => Buffer.from(text, "base64url"));
  return contradict(small, large, proof) ? small.size - 1 : undefined;
}

function isBelieved(held: Held, { by, log, opened }: HeldLog, { size, root, signature }: Head): boolean {
  if (opened === undefined) return false;
  const origin = `handfast/v1/${held.manifest.net}/${by}/${log}`;
  const line = Buffer.alloc(68);
  if (!decodeB64u(signature, 0, 68, line, 0)) return false;
  const message = Buffer.from(`${origin}\n${size}\n${Buffer.from(root, "base64url").toString("base64")}\n`);
  const signatures = [{ name: origin, keyId: line.toString("hex", 0, 4), signature: line.subarray(4) }];
  const checkpoint = { origin, size, root: Buffer.from(root, "base64url"), message, signatures };
  const authority = createAuthority(origin, opened);
  return authority.isAuthorised(checkpoint) && authority.isSigned(checkpoint);
}

/** Whether two checkpoints cannot both be true: the hashes lead to the second from another root than the first. */
function contradict(small: Head, large: Head, proof: readonly Buffer[]): boolean {
  if (small.size === large.size) return proof.length === 0 && small.root !== large.root;
  const [before, after] = (rootsOf(small.size, large.size, proof) ?? []).map((root) =>
    root.toString("base64url"),
  );
  return after === large.root && before !== small.root;
}
