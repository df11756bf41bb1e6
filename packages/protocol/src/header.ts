/**
 * The header of an entry: one line of canonical JSON with exactly these members. The line is the leaf of the author's Merkle
 * tree, so its bytes are written once, hashed, stored and shipped as they are.
 *
 * In version 2 an entry names the one before it in its log, so its hash covers everything before it: no two histories of a log hold
 * the same entry behind different ones, and who names an entry by its hash names one history (decision 0019).
 */
import { z } from "zod";
import { toBytes } from "./bytes.ts";
import { canonicalText, exact, fits, type Gated, type Json, parseJson, someNumber } from "./canonical.ts";
import { LogOpenedX, misfitOfOpening } from "./events/log.ts";
import { scanHeader } from "./header-scan.ts";
import { Hash, LogId, NetworkId, PartnerId, PinnedRef, Ref, unpin } from "./ids.ts";
import { limits } from "./limits.ts";

/** Hybrid logical clock: wall milliseconds, then a counter; strictly above the entry before and every parent. */
export const At = z.tuple([z.int().min(0).max(limits.latestMs), z.int().min(0).max(65_535)]);
export type At = z.infer<typeof At>;

export const compareAt = (a: At, b: At): number => a[0] - b[0] || a[1] - b[1];

/** `noun.verb-past`; third parties put their reversed domain in front; `sealed` where only an audience may know. */
export const EventType = z
  .string()
  .max(96)
  .regex(/^(?:sealed|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+)$/);

const Parents = z
  .array(PinnedRef)
  .max(limits.parents)
  .refine(
    (parents) => parents.every((parent, index) => index === 0 || (parents[index - 1] as string) < parent),
    {
      message: "not sorted, or named twice",
    },
  )
  .refine((parents) => new Set(parents.map((parent) => parent.slice(0, 22))).size === parents.length, {
    message: "two parents of one log",
  });

export const Header = z
  .strictObject({
    v: z.union([z.literal(1), z.literal(2)]),
    net: NetworkId,
    by: PartnerId,
    log: LogId,
    seq: z.int().min(0),
    at: At,
    parents: Parents,
    type: EventType,
    subject: z.union([Ref, z.literal("sealed"), z.null()]),
    audience: z.union([z.literal("network"), Ref]),
    payload: z.union([
      z.strictObject({ hash: Hash, size: z.int().min(2).max(limits.payloadBytes) }),
      z.null(),
    ]),
    /** Leaf hash of the entry before it in its log; in version 2, in every entry but the first. */
    prev: Hash.optional(),
    x: z.record(z.string(), z.json()),
  })
  .refine((header) => (header.v === 2 && header.seq > 0) === (header.prev !== undefined), {
    message: "prev stands in every entry of version 2 but entry 0, and nowhere else",
  })
  .refine((header) => !header.parents.some((parent) => parent.startsWith(header.log)), {
    message: "a parent in its own log",
  })
  .refine((header) => (header.seq === 0) === (header.type === "log.opened"), {
    message: "log.opened is entry 0 and nothing else is",
  })
  .refine((header) => (header.type === "sealed") === (header.subject === "sealed"), {
    message: "type and subject are sealed together",
  })
  .refine((header) => !someNumber(header.x as Json, (number) => !isCount(number)), {
    message: "x: a number that is not an integer from 0 to 2^53-1",
  });
export type Header = z.infer<typeof Header>;

/** Types that say whose log is whose: each ends its batch, and its `x` is exactly what its schema says. */
export const isControl = (type: string): boolean => type === "log.opened" || type === "partner.keys-set";

const isSpoken = (version: number): boolean => version === 1 || version === 2;
const isCount = (number: number) => Number.isSafeInteger(number) && number >= 0;

const headerLimit = { bytes: limits.headerBytes, depth: limits.headerDepth };

/**
 * From foreign bytes to a header, or why not (protocol section 6: gate).
 *
 * A `v` we do not know answers `version`, which is a "not now" and never remembered as refused.
 */
export function parseHeader(bytes: Uint8Array): Gated<Header> {
  const scanned = scanHeader(bytes);
  return scanned === null ? examineHeader(bytes) : { ok: true, value: scanned };
}

/** The whole gate: what `parseHeader` answers for every text, quick or not. */
export function examineHeader(bytes: Uint8Array): Gated<Header> {
  const parsed = parseJson(bytes, headerLimit);
  if (!parsed.ok) return parsed;
  const value = parsed.value as { readonly [key: string]: Json } | null;
  // Before its form is judged: a later version may have another, and must not be remembered as refused.
  if (
    value !== null &&
    typeof value === "object" &&
    typeof value["v"] === "number" &&
    !isSpoken(value["v"])
  ) {
    return { ok: false, code: "version", detail: `header version ${value["v"]}` };
  }
  const json = exact(parsed);
  if (!json.ok) return json;
  const header = fits(json.value, Header);
  if (!header.ok) return header;
  if (new TextEncoder().encode(canonicalText(header.value.x as Json)).length > limits.xBytes) {
    return { ok: false, code: "schema", detail: `x: larger than ${limits.xBytes} bytes` };
  }
  if (header.value.type === "partner.keys-set") {
    return { ok: false, code: "version", detail: "partner.keys-set is not spoken yet" };
  }
  if (header.value.type === "log.opened") {
    const { parents, subject, payload } = header.value;
    if (parents.length > 0 || subject !== null || payload !== null) {
      return { ok: false, code: "schema", detail: "log.opened has no parents, subject or payload" };
    }
    const x = fits(header.value.x as Json, LogOpenedX);
    if (!x.ok) return { ...x, detail: `x.${x.detail}` };
    const misfit = misfitOfOpening(x.value);
    if (misfit !== null) return { ok: false, code: "schema", detail: `x.${misfit}` };
  }
  return header;
}

/**
 * The exact bytes of a header.
 *
 * @throws {RangeError} Above the limit: the caller let too much in.
 */
export function encodeHeader(header: Header): Uint8Array {
  const { at, audience, by, log, net, parents, payload, prev, seq, subject, type, v } = header;
  // All but `x` is known to be plain, and stands in RFC 8785's order here.
  const commitment = payload === null ? null : { hash: payload.hash, size: payload.size };
  const beforeX = JSON.stringify({
    at,
    audience,
    by,
    log,
    net,
    parents,
    payload: commitment,
    ...(prev === undefined ? {} : { prev }),
    seq,
    subject,
    type,
    v,
  });
  const bytes = toBytes(`${beforeX.slice(0, -1)},"x":${canonicalText(header.x as Json)}}`);
  if (bytes.length > limits.headerBytes) throw new RangeError(`header of ${bytes.length} bytes`);
  return bytes;
}

/** Every ref a header names outside `x`. */
export const refsOf = (header: Header): readonly Ref[] => [
  ...header.parents.map(unpin),
  ...(header.subject === null || header.subject === "sealed" ? [] : [header.subject]),
];
