/**
 * A frame: how a run of entries travels (live, push, range, files), as text.
 *
 * `handfast/batch/v1 <net> <log> <from> <to>` LF, one header a line, an empty line, proof hashes in standard base64 one
 * a line, an empty line, the checkpoint note. The proof is empty where the note's size is `to`.
 */
import { fromBase64, toBase64 } from "#runtime";
import { fromUtf8, joined, toBytes } from "./bytes.ts";
import { LogId, NetworkId } from "./ids.ts";
import { limits } from "./limits.ts";

export type Frame = {
  readonly net: NetworkId;
  readonly log: LogId;
  readonly from: number;
  /** One past the last entry. */
  readonly to: number;
  /** Exact header bytes, `to - from` of them. */
  readonly headers: readonly Uint8Array[];
  /** Consistency proof from `to` to the note's size; 32 bytes each, at most 64. */
  readonly proof: readonly Uint8Array[];
  readonly note: string;
};

const LF = 0x0a;
const decimal = /^(?:0|[1-9][0-9]{0,15})$/;

export function formatFrame(frame: Frame): Uint8Array {
  const parts: Uint8Array[] = [
    toBytes(`handfast/batch/v1 ${frame.net} ${frame.log} ${frame.from} ${frame.to}\n`),
  ];
  const newline = Uint8Array.of(LF);
  for (const header of frame.headers) parts.push(header, newline);
  const proof = frame.proof.map((hash) => `${toBase64(hash)}\n`).join("");
  parts.push(toBytes(`\n${proof}\n${frame.note}`));
  return joined(parts);
}

/** A frame of foreign bytes, or what is wrong with its form. Looks at no header; that is the gate's work. */
export function parseFrame(bytes: Uint8Array): Frame | { readonly malformed: string } {
  if (bytes.length > limits.frameBytes) return { malformed: `larger than ${limits.frameBytes} bytes` };
  const firstEnd = bytes.indexOf(LF);
  const first = firstEnd < 0 || firstEnd > 200 ? null : fromUtf8(bytes.subarray(0, firstEnd));
  const [label, net, log, from, to, ...rest] = (first ?? "").split(" ");
  if (label !== "handfast/batch/v1" || rest.length > 0) return { malformed: "not a batch frame" };
  if (!NetworkId.safeParse(net).success || !LogId.safeParse(log).success)
    return { malformed: "first line: network or log" };
  if (!decimal.test(from ?? "") || !decimal.test(to ?? "")) return { malformed: "first line: from or to" };
  if (!Number.isSafeInteger(Number(to))) return { malformed: "first line: no log is that long" };
  const count = Number(to) - Number(from);
  if (count < 1 || count > limits.rangeEntries) return { malformed: `a frame of ${count} entries` };

  const headers: Uint8Array[] = [];
  let start = firstEnd + 1;
  for (let index = 0; index < count; index++) {
    const end = bytes.indexOf(LF, start);
    if (end < 0 || end === start) return { malformed: `entry ${index} of ${count} is missing` };
    headers.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (bytes[start] !== LF) return { malformed: "no empty line after the entries" };
  const tail = fromUtf8(bytes.subarray(start + 1));
  if (tail === null) return { malformed: "not UTF-8" };
  const proofEnd = tail.startsWith("\n") ? 0 : tail.indexOf("\n\n") + 1;
  if (proofEnd === 0 && !tail.startsWith("\n")) return { malformed: "no empty line after the proof" };
  const proof: Uint8Array[] = [];
  for (const line of tail.slice(0, proofEnd).split("\n").slice(0, -1)) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return { malformed: "proof: not a hash" };
    proof.push(hash);
  }
  if (proof.length > limits.proofHashes) return { malformed: "proof: too long" };
  return {
    net: net as string,
    log: log as string,
    from: Number(from),
    to: Number(to),
    headers,
    proof,
    note: tail.slice(proofEnd + 1),
  };
}
