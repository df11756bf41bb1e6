/**
 * From the drafts of one append to entries with a place: expected heads compared, parents chosen, times set, payloads salted,
 * bytes written and sent through the gate that foreign ones pass. Nothing is changed here.
 */

import type { AppendReply, AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { levelOf } from "@handfast/protocol/events";
import { type At, encodeHeader, type Header, isControl, parseHeader } from "@handfast/protocol/header";
import {
  type Hash,
  hashOf,
  isBranch,
  type LineId,
  type LineRef,
  type LogId,
  type PinnedLineRef,
  type PinnedRef,
  pin,
  refOf,
  splitRef,
} from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { commitmentTo, type Payload, readBody, sealPayload } from "@handfast/protocol/payload";
import { meaningOf } from "@handfast/replica/naming";
import { chooseParents } from "@handfast/replica/parents";
import type { Past } from "@handfast/replica/pasts";
import { type VerifiedEntry, verifiedEntry } from "@handfast/replica/replica";
import { Refusal } from "./append-refusal.ts";
import { nextAt } from "./clock.ts";
import type { LedgerIdentity } from "./files.ts";
import type { Held } from "./held.ts";
import { createPrudence } from "./prudence.ts";
import { resolve, resolveX } from "./references.ts";

export type WrittenEntry = { readonly entry: VerifiedEntry; readonly payload: Payload | null };

export type Composed =
  | {
      readonly ok: true;
      /** With the `subject.merged` entries that had to go before. */
      readonly written: readonly WrittenEntry[];
      /** One a draft, in their order. */
      readonly refs: readonly PinnedRef[];
    }
  | Extract<AppendReply, { ok: false }>;

export type ComposeContext = {
  readonly held: Held;
  readonly identity: LedgerIdentity;
  readonly nowMs: number;
  /** Position of the newest entry held, for `moved`. */
  readonly head: number;
  /** Why nothing of our own may be signed now; null where it may. */
  readonly unsure: { readonly code: "own-log-unsure" | "clock-apart"; readonly detail: string } | null;
  /** 32 unpredictable bytes for each payload. Default: the system's. */
  readonly salt?: (() => Uint8Array) | undefined;
};

export function composeEntries(request: AppendRequest, context: ComposeContext): Composed {
  const { held, head, unsure } = context;
  if (unsure !== null) return { ok: false, ...unsure };
  for (const { subject, heads } of request.expect) {
    const now = held.heads.of(subject);
    if (now.length !== heads.length || now.some((ref, index) => ref !== heads[index]))
      return { ok: false, code: "moved", detail: `the heads of ${subject} are others`, position: head };
  }
  const refs: PinnedRef[] = [];
  try {
    const writer = createWriter(context);
    for (const [index, draft] of request.entries.entries()) {
      const relied = index === 0 ? request.expect.flatMap(({ heads }) => heads) : [];
      refs.push(writer.write(draft, refs, relied));
    }
    return { ok: true, written: writer.entries, refs };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, detail: error.message };
    throw error;
  }
}

function createWriter({ held, identity, nowMs, salt }: ComposeContext) {
  const { replica } = held;
  const { net, partner: by, log } = identity;
  const own = replica.logs.get(log);
  if (own === undefined) throw new Error("our own log is not held");
  const size = own.held;
  const entries: WrittenEntry[] = [];
  const lastAt = own.ats.at(size - 1);
  if (lastAt[0] > nowMs + limits.futureMs) {
    // The clock went back, or was wrong before: times above the log's last would be refused by everyone as ahead.
    throw new Refusal(
      "clock-ahead",
      `the log's last entry is ${Math.round((lastAt[0] - nowMs) / 1_000)} s ahead of this machine's clock: wait until then, or leave it behind in a new log (handfast log new)`,
    );
  }

  // What the log knows at its end grows with each entry written here.
  const learned: Past[] = [];
  const before = replica.pasts.of(log, size - 1);
  const knows: Past = (other) =>
    other === log
      ? size + entries.length - 1
      : learned.reduce((known, past) => Math.max(known, past(other)), before(other));
  const learn = (parent: PinnedLineRef): void => {
    const place = splitRef(parent);
    const past = replica.pasts.of(place.log, place.seq);
    learned.push((other) => (other === place.log ? place.seq : past(other)));
  };

  /** The pinned ref of a held entry, as this node names it; null for one of our own log, which is in the past anyway. */
  const pinned = (ref: LineRef | PinnedLineRef): PinnedLineRef | null => {
    const place = splitRef(ref);
    const isOwnNew = place.log === log && place.seq >= size;
    const hash = isOwnNew ? entries[place.seq - size]?.entry.hash : replica.find(place.log, place.seq)?.hash;
    if (hash === undefined) throw new Refusal("malformed", `${ref} is not held`);
    const wholly = standing(place.log, place.seq, toB64u(hash));
    if (!ref.includes("@") || hashOf(ref) === hashOf(wholly)) return place.log === log ? null : wholly;
    // Another history may have these bytes there.
    const line = replica.lines.holding(logOf(place.log), place.seq, hashOf(ref));
    if (line === null) throw new Refusal("malformed", `${ref} has other bytes here`);
    return standing(line.line, place.seq, hashOf(ref));
  };
  const standing = (named: LineId, seq: number, hash: Hash): PinnedLineRef => {
    const line = replica.logs.get(named);
    return pin(refOf(line === undefined ? named : replica.lines.lineAt(line, seq).line, seq), hash);
  };
  const logOf = (line: LineId): LogId => replica.logs.get(line)?.log ?? line;
  const { prudent, refuseInDoubt, settling } = createPrudence(replica, { log, knows });

  /** A ref as the header has it: between nodes, histories have no names. */
  const outward = <Text extends string>(ref: Text): Text => {
    const { log: line } = splitRef(ref);
    return isBranch(line) ? (`${logOf(line)}${ref.slice(line.length)}` as Text) : ref;
  };
  /** Refuses a ref that readers would not take for the entry that is meant. */
  const refuseAmbiguous = (ref: LineRef | PinnedLineRef, parents: readonly PinnedLineRef[]): void => {
    const { log: meant, seq } = splitRef(ref);
    if (ref.includes("@") || !replica.lines.isForked(logOf(meant))) return;
    const pasts = parents.map((parent) => {
      const place = splitRef(parent);
      const past = replica.pasts.of(place.log, place.seq);
      return (other: LineId) => (other === place.log ? place.seq : past(other));
    });
    const now: Past = (other) => pasts.reduce((known, past) => Math.max(known, past(other)), knows(other));
    const naming = {
      seq: size + entries.length,
      pastAt: (place: number) => (place < size ? replica.pasts.of(log, place) : now),
    };
    const line = replica.logs.get(meant);
    const owner = line === undefined ? meant : replica.lines.lineAt(line, seq).line;
    if (meaningOf(outward(ref), naming, replica.lines) !== owner)
      throw new Refusal("in-doubt", `${outward(ref)}: its author signed several entries there`);
  };

  const put = (
    facts: Pick<Header, "type" | "subject" | "x">,
    parents: readonly PinnedLineRef[],
    payload: Payload | null,
  ): PinnedRef => {
    const seq = size + entries.length;
    const previous: At = entries.at(-1)?.entry.header.at ?? lastAt;
    const at = nextAt(nowMs, [previous, ...parents.map((parent) => atOf(parent))]);
    const commitment = payload === null ? null : commitmentTo(payload);
    const last = entries.at(-1)?.entry.hash ?? own.tree.leaf(size - 1);
    const header: Header = {
      v: replica.version,
      net,
      by,
      log,
      seq,
      at,
      parents: parents.map(outward).sort(),
      audience: "network",
      payload: commitment,
      ...(replica.version === 1 ? {} : { prev: toB64u(last) }),
      ...facts,
    };
    const entry = verifiedEntry(header, exactBytes(header));
    entries.push({ entry, payload });
    for (const parent of parents) learn(parent);
    return pin(refOf(log, seq), toB64u(entry.hash));
  };
  const atOf = (parent: PinnedLineRef): At => {
    const place = splitRef(parent);
    const found = replica.find(place.log, place.seq);
    if (found === null) throw new Refusal("malformed", `${parent} is not held`);
    return found.at;
  };

  return {
    entries,
    /** Writes one draft, after the merges it needs. */
    write: (
      draft: DraftEntry,
      written: readonly PinnedRef[],
      relied: readonly PinnedLineRef[],
    ): PinnedRef => {
      if (isControl(draft.type))
        throw new Refusal("malformed", `${draft.type} is written by the ledger alone`);
      const subject = draft.subject === null ? null : resolve(draft.subject, written);
      if (subject === null && draft.subject !== null)
        throw new Refusal("malformed", `${draft.subject} is not before it`);
      const x = resolveX(draft.type, draft.x as { [key: string]: Json }, written, outward);
      if (!x.ok) throw new Refusal("malformed", `${x.unresolved} is not before it`);
      const named = [...x.refs, ...(subject === null ? [] : [subject])];
      const explicit = named.map(pinned).filter((ref) => ref !== null);
      for (const ref of explicit) refuseInDoubt(ref);
      // A proof is read with the keys of the log that it is about: its opening is named, whatever is in doubt.
      const opening = draft.type === "fork.proven" ? [pinned(refOf(String(draft.x["log"]), 0))] : [];
      const heads = relied.map(pinned).filter((ref) => ref !== null);
      const wanted = [
        ...heads.flatMap(prudent),
        ...explicit,
        ...explicit.flatMap(settling),
        ...opening.filter((ref) => ref !== null),
      ];
      const { merges, parents } = chooseParents(wanted, { log, knows }, replica.pasts);
      for (const ref of named) refuseAmbiguous(ref, parents);
      const about = subject === null ? null : outward(subject);
      const merged = levelOf(draft.type) === "thing" ? about : null;
      for (const heads of merges) put({ type: "subject.merged", subject: merged, x: {} }, heads, null);
      const payload =
        draft.body === undefined ? null : payloadOf(draft.body as { [key: string]: Json }, salt);
      return put({ type: draft.type, subject: about, x: x.x as Header["x"] }, parents, payload);
    },
  };
}

function payloadOf(body: { readonly [key: string]: Json }, salt: ComposeContext["salt"]): Payload {
  const payload = encoded("body", () => sealPayload(body, salt));
  const read = readBody(payload.body);
  if (!read.ok) throw new Refusal("malformed", `body: ${read.detail}`);
  return payload;
}

function exactBytes(header: Header): Uint8Array {
  const bytes = encoded(header.type, () => encodeHeader(header));
  // A whole header within the bound of its `x` has no larger one inside.
  const isTooLarge =
    bytes.length > limits.xBytes && toBytes(canonicalText(header.x as Json)).length > limits.xBytes;
  if (isTooLarge) throw new Refusal("too-large", `${header.type}: x is larger than ${limits.xBytes} bytes`);
  const read = parseHeader(bytes);
  if (!read.ok) throw new Refusal("malformed", `${header.type}: ${read.detail}`);
  return bytes;
}

/** Runs an encoder on what a caller sent: what it throws is about the input, too large or no plain JSON. */
function encoded<Result>(what: string, encode: () => Result): Result {
  try {
    return encode();
  } catch (error) {
    const code = error instanceof RangeError ? "too-large" : "malformed";
    throw new Refusal(code, `${what}: ${(error as Error).message}`);
  }
}
