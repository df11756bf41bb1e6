/**
 * From a frame to a verdict, in the order of checks of protocol section 6. Nothing is changed here: the tree's range is
 * cloned, and only what is taken later grows the log.
 */
import type { Frame } from "@handfast/protocol/frame";
import { compareAt, type Header } from "@handfast/protocol/header";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash } from "@handfast/tlog/compact-range";
import { rootBeyond } from "@handfast/tlog/proofs";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import { type Authority, originOf } from "./authority.ts";
import { follows, type GateContext, gateFrame } from "./gate-frame.ts";
import type { HeldLog } from "./held-log.ts";
import { type Refused, refuse, type Verdict, type VerifiedEntry, type VerifiedRun } from "./verdict.ts";

export type JudgeContext = Pick<GateContext, "closed" | "version"> & {
  readonly net: NetworkId;
  /** The receiver's wall clock in milliseconds: it may delay an entry, never decide its validity. */
  readonly nowMs: number;
  /** The log as known so far on one of its lines, and its author; the author alone where nothing of it is known yet. */
  readonly by: PartnerId;
  readonly known: HeldLog | undefined;
};

/** Signed entries that leave the line they were held against: another history, from the first entry of the run on. */
export type Parting = { readonly kind: "parting"; readonly run: Omit<VerifiedRun, "line" | "base"> };

export function judge(
  frame: Frame,
  { net, nowMs, by, version, known, closed }: JudgeContext,
): Verdict | Parting {
  if (frame.from === 0 && frame.to > 1) return refuse("malformed", "a batch does not go on after log.opened");
  const hashes = frame.headers.map(leafHash);
  const origin = originOf(net, by, frame.log);
  const line = known?.line ?? frame.log;
  if (known !== undefined && isKnown(frame, hashes, origin, known)) return { kind: "known", line };

  const gated = gateFrame(frame, { net, by, version, closed });
  if (gated.kind === "refused") return gated;
  const size = known?.tree.size ?? 0;
  if (frame.from > size) return { ...refuse("gap", `known up to ${size}`), size };

  // Another opening of a known log names keys of its own.
  const authority = gated.authority ?? (known as HeldLog).authority;
  const signed = checkNote(frame, origin, authority);
  if (signed.kind === "refused") return signed;
  const { checkpoint } = signed;
  const rooted = checkRoot(frame, hashes, checkpoint, known);
  if (rooted !== "fits") return { ...rooted, isSigned: true };
  // Only now is it known that the entry before it is the one that is held, and not that of another history.
  const first = gated.headers[0];
  if (known !== undefined && frame.from > 0 && first !== undefined) {
    if (compareAt(first.at, known.ats.at(frame.from - 1)) <= 0)
      return refuse("schema", `entry ${frame.from}: its time is not above that of the entry before it`);
    if (!follows(first, known.tree.leaf(frame.from - 1)))
      return refuse("schema", `entry ${frame.from}: prev is not the hash of the entry before it`);
  }

  // From here on the author has signed these bytes: what contradicts what is known is a fork.
  const parts = known === undefined ? null : partsAt(frame.from, hashes, known);
  if (parts === null && frame.to <= size) {
    const contradicts = known !== undefined && checkpoint.size <= size;
    return { kind: "known", line, ...(contradicts ? { note: frame.note } : {}) };
  }

  const from = parts ?? size;
  const entries: VerifiedEntry[] = [];
  for (let seq = from; seq < frame.to; seq++) {
    const index = seq - frame.from;
    const header = gated.headers[index] as Header;
    const [bytes, hash] = [frame.headers[index], hashes[index]] as [Uint8Array, Uint8Array];
    if (header.at[0] > nowMs + limits.futureMs)
      return refuse("future", `entry ${seq}: ${header.at[0] - nowMs} ms ahead of this node's clock`);
    entries.push({ header, bytes, hash });
  }
  const { log, note, proof } = frame;
  const run = { log, by, authority: gated.authority, from, entries, note, noteSize: checkpoint.size, proof };
  return parts === null ? { kind: "verified", run: { ...run, line, base: null } } : { kind: "parting", run };
}

/** A replay costs a hash an entry and a root: nothing is parsed, no signature is checked, nothing changes. */
function isKnown(frame: Frame, hashes: readonly Uint8Array[], origin: string, known: HeldLog): boolean {
  if (frame.to > known.tree.size || partsAt(frame.from, hashes, known) !== null) return false;
  const parsed = parseCheckpoint(frame.note);
  if (!parsed.ok || parsed.checkpoint.origin !== origin) return false;
  const { size, root } = parsed.checkpoint;
  return size >= frame.to && size <= known.tree.size && sameHash(known.tree.root(size), root);
}

function checkNote(
  frame: Frame,
  origin: string,
  authority: Authority,
): { readonly kind: "signed"; readonly checkpoint: Checkpoint } | Refused {
  const parsed = parseCheckpoint(frame.note);
  if (!parsed.ok) return refuse("bad-checkpoint", parsed.reason);
  const { size } = parsed.checkpoint;
  if (parsed.checkpoint.origin !== origin) return refuse("bad-checkpoint", "wrong-origin");
  if (size < frame.to) return refuse("bad-checkpoint", "smaller-than-frame");
  // No range crosses a control entry: what opens a log is proved by the control checkpoint itself.
  if (frame.to === 1 && size !== 1) return refuse("bad-checkpoint", "not-the-control-checkpoint");
  const opened = openCheckpoint(frame.note, origin, authority.keysAt(size));
  return opened.ok
    ? { kind: "signed", checkpoint: opened.checkpoint }
    : refuse("bad-checkpoint", opened.reason);
}

function checkRoot(
  frame: Frame,
  hashes: readonly Uint8Array[],
  checkpoint: Checkpoint,
  known: HeldLog | undefined,
): "fits" | Refused {
  const range = known === undefined ? { size: 0, peaks: [] } : known.tree.range(frame.from);
  for (const hash of hashes) appendLeafHash(range, hash);
  const beyond = rootBeyond(range, frame.proof, checkpoint.size);
  if (!beyond.ok) return refuse("bad-checkpoint", beyond.reason);
  return sameHash(beyond.root, checkpoint.root) ? "fits" : refuse("bad-checkpoint", "root-differs");
}

/** The first entry that is another one than the known one at its place; null where they agree. */
function partsAt(from: number, hashes: readonly Uint8Array[], known: HeldLog): number | null {
  for (const [index, hash] of hashes.entries()) {
    const seq = from + index;
    if (seq >= known.tree.size) return null;
    if (!sameHash(known.tree.leaf(seq), hash)) return seq;
  }
  return null;
}
