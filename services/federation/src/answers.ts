/** What came back over a link: a frame, JSON of a known shape, or a refusal. A peer's answer is as foreign as its frames. */
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import { CallRefusal, parseCall } from "@handfast/protocol/federation";
import type { z } from "zod";

const brace = 0x7b;
/** A reply that is not a frame starts with `{`. */
export const isFrame = (bytes: Uint8Array): boolean => bytes[0] !== brace;

/** @returns The answer, the peer's refusal, or `malformed` where it is neither. */
export function readAnswer<T extends z.ZodType>(
  schema: T,
  bytes: Uint8Array,
): { readonly ok: true; readonly value: z.infer<T> } | CallRefusal {
  const value = parseCall(schema, bytes);
  return value === null ? readRefusal(bytes) : { ok: true, value };
}

export function readRefusal(bytes: Uint8Array): CallRefusal {
  return (
    parseCall(CallRefusal, bytes) ?? { ok: false, code: "malformed", detail: "an answer of no known shape" }
  );
}

export const writeCall = (value: object): Uint8Array => toBytes(JSON.stringify(value));

/** First line of a frame that is known to be one (ours, or just accepted): its log and run. */
export function frameLine(frame: Uint8Array): {
  readonly log: string;
  readonly from: number;
  readonly to: number;
} {
  const line = fromUtf8(frame.subarray(0, Math.max(0, frame.indexOf(0x0a)))) ?? "";
  const [, , log = "", from, to] = line.split(" ");
  return { log, from: Number(from), to: Number(to) };
}
