/** Segments and what entries learned, as bytes: integers little-endian, logs by their number in this store. */
import { sha256 } from "@handfast/protocol/bytes";
import type { LogId } from "@handfast/protocol/ids";
import { type Known, type Segment, segmentEntries } from "@handfast/replica/segment";
import { StorageError } from "@handfast/storage/fault";

export type LogNames = {
  numberOf(log: LogId): number;
  nameOf(number: number): LogId;
};

const hashesBytes = segmentEntries * 32;
const msBytes = segmentEntries * 8;
const countersBytes = segmentEntries * 2;
const largestSeq = 0xffff_ffff;

export function encodeKnown(known: Known, { numberOf }: LogNames): Buffer {
  const bytes = Buffer.alloc(known.size * 8);
  let at = 0;
  for (const [log, seq] of known) {
    if (seq > largestSeq) throw new RangeError("a log this long does not fit");
    bytes.writeUInt32LE(numberOf(log), at);
    bytes.writeUInt32LE(seq, at + 4);
    at += 8;
  }
  return bytes;
}

export function decodeKnown(bytes: Uint8Array, { nameOf }: LogNames): Known {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = new Map<LogId, number>();
  for (let at = 0; at < bytes.length; at += 8)
    known.set(nameOf(view.getUint32(at, true)), view.getUint32(at + 4, true));
  return known;
}

export function encodeSegment(
  { hashes, ms, counters, base }: Omit<Segment, "learned">,
  names: LogNames,
): { readonly body: Uint8Array; readonly digest: Uint8Array } {
  const body = Buffer.concat([
    hashes,
    Buffer.from(ms.buffer, ms.byteOffset, msBytes),
    Buffer.from(counters.buffer, counters.byteOffset, countersBytes),
    encodeKnown(base, names),
  ]);
  return { body, digest: sha256(body) };
}

/** @throws {StorageError} `damaged` where the bytes are not those that were written. */
export function decodeSegment(
  row: { readonly body: Uint8Array; readonly digest: Uint8Array },
  names: LogNames,
): Omit<Segment, "learned"> {
  const { body, digest } = row;
  if (Buffer.compare(sha256(body), digest) !== 0)
    throw new StorageError("damaged", "a segment of the node store is not what was written");
  // Typed arrays need their own alignment, which a row's bytes do not have.
  const copy = body.slice().buffer;
  return {
    hashes: new Uint8Array(copy, 0, hashesBytes),
    ms: new Float64Array(copy, hashesBytes, segmentEntries),
    counters: new Uint16Array(copy, hashesBytes + msBytes, segmentEntries),
    base: decodeKnown(new Uint8Array(copy, hashesBytes + msBytes + countersBytes), names),
  };
}
