/**
 * Whose keys speak for a partner, from what a statement shows: the first log, whose root is the partner's name, and every entry
 * since in which a root set the keys anew or handed over to the next one. Each is signed by the root that it names, which is
 * the one before or the one that was committed to, so nobody without a root key leads to other keys.
 */
import { fromB64u, toBytes } from "@handfast/protocol/bytes";
import type { CallRefusal, Credentials, KeyChange } from "@handfast/protocol/federation";
import { parseFrame } from "@handfast/protocol/frame";
import { type At, compareAt, type Header, parseHeader } from "@handfast/protocol/header";
import { fromMultikey, type LogId, type NetworkId, type PartnerId } from "@handfast/protocol/ids";
import { isOpenedByLogKey, LogOpenedX } from "@handfast/protocol/log";
import { authorityOf, type InForce, originOf } from "@handfast/replica/authority";
import { openCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash, rangeFrom, rootOf } from "@handfast/tlog/compact-range";
import { admitKey, type PublicKey } from "@handfast/tlog/ed25519";
import { leafHash, sameHash } from "@handfast/tlog/tree";

export type Speaker = {
  readonly partner: PartnerId;
  readonly name: string;
  /** Its first log. */
  readonly log: LogId;
  /** The log keys in force. */
  readonly keys: readonly PublicKey[];
  /** How they came to be in force: the first log's opening as a frame, and what has set them since. */
  readonly frame: Uint8Array;
  readonly since: readonly KeyChange[];
  /** How many roots there were before the one in force, and when that one last set keys. */
  readonly generation: number;
  readonly at: At;
};

type Read<T> = { readonly ok: true; readonly value: T } | CallRefusal;
export const no = (code: CallRefusal["code"], detail: string): CallRefusal => ({ ok: false, code, detail });

/** A later root speaks before an earlier one, whatever times say; under one root the later entry. */
export const isNewer = (one: Speaker, other: Speaker): boolean =>
  one.generation === other.generation ? compareAt(one.at, other.at) > 0 : one.generation > other.generation;

/** Reads what somebody shows of his keys: `opened` is the frame `0 1` of the first log. */
export function readCredentials({ opened, since = [] }: Credentials, net: NetworkId): Read<Speaker> {
  const frame = parseFrame(toBytes(opened));
  if ("malformed" in frame) return no("malformed", frame.malformed);
  const [bytes] = frame.headers;
  if (bytes === undefined || frame.from !== 0 || frame.to !== 1 || frame.proof.length > 0)
    return no("malformed", "not the first entry of a log");
  if (frame.net !== net) return no("unknown-network", "a log of another network");
  const first = readSetting({ bytes, before: [], note: frame.note }, net, null);
  if (!first.ok) return first;
  if (first.value.header.log !== frame.log) return no("schema", "the frame is of another log than its entry");

  let setting = first.value;
  for (const { header, before, note } of since) {
    const next = readSetting({ bytes: toBytes(header), before, note }, net, setting);
    if (!next.ok) return next;
    setting = next.value;
  }
  const { header, inForce, name } = setting;
  const keys = inForce.keys.map((key) => admitKey(fromMultikey(key) ?? new Uint8Array()));
  const speaker: Speaker = {
    partner: header.by,
    name,
    log: first.value.header.log,
    keys: keys.flatMap((key) => (key.ok ? [key.key] : [])),
    frame: toBytes(opened),
    since,
    generation: inForce.generation,
    at: header.at,
  };
  return { ok: true, value: speaker };
}

/** One entry that set keys, and what is in force by it. */
type Setting = { readonly header: Header; readonly inForce: InForce; readonly name: string };

function readSetting(
  {
    bytes,
    before,
    note,
  }: { readonly bytes: Uint8Array; readonly before: readonly string[]; readonly note: string },
  net: NetworkId,
  earlier: Setting | null,
): Read<Setting> {
  const parsed = parseHeader(bytes);
  if (!parsed.ok) return no(parsed.code, parsed.detail ?? "not a header");
  const header = parsed.value;
  const { by, log, seq, type } = header;
  if (header.net !== net) return no("unknown-network", "a log of another network");
  if (earlier !== null && by !== earlier.header.by) return no("schema", "keys of another partner");
  if (earlier !== null && compareAt(header.at, earlier.header.at) <= 0)
    return no("schema", "its time is not above that of the keys before");
  const x = LogOpenedX.safeParse(header.x);
  if (type !== "log.opened" || !x.success || (x.data.previous === undefined) !== (earlier === null))
    return no("schema", "does not open the log of the partner it names");
  if (isOpenedByLogKey(x.data)) return no("schema", "a log key sets no keys");
  const origin = originOf(net, by, log);
  const answer = authorityOf({ origin, by }, x.data, earlier?.inForce ?? null);
  if (!answer.ok) return no("schema", answer.wrong);
  const { authority } = answer;

  const read = openCheckpoint(note, origin, authority.keysAt(seq + 1));
  if (!read.ok) return no("bad-checkpoint", read.reason);
  const range = rangeFrom(
    seq,
    before.map((hash) => fromB64u(hash) ?? new Uint8Array()),
  );
  if (!range.ok) return no("bad-checkpoint", range.reason);
  appendLeafHash(range.range, leafHash(bytes));
  const { size, root } = read.checkpoint;
  if (size !== seq + 1 || !sameHash(rootOf(range.range), root))
    return no("bad-checkpoint", "the checkpoint is not of this entry");
  return { ok: true, value: { header, inForce: authority.inForceAt(seq + 1), name: x.data.name } };
}
