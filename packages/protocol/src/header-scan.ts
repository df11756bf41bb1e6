/**
 * The gate's quick way: recognizes an ordinary header in one pass over its text. What it recognizes passes the gate with the
 * same value; for anything else it answers null, and the gate says why, or takes it after all. So it decides nothing by itself;
 * properties hold it against the schema (`header-scan.test.ts`).
 */
import { fromUtf8, toBytes } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import type { At, Header } from "./header.ts";
import { highestMultikey, lowestMultikey, refPatterns } from "./ids.ts";
import { limits } from "./limits.ts";

const { log: logText, seq: seqText, hash: hashText } = refPatterns;
const countText = "(0|[1-9][0-9]{0,15})";
const refText = `${logText}\\.${seqText}`;

/** Everything before `x`, in the order that RFC 8785 gives the members. */
const beforeX = new RegExp(
  [
    `^\\{"at":\\[${countText},${countText}\\]`,
    `"audience":"(network|${refText})"`,
    `"by":"(z6Mk[1-9A-HJ-NP-Za-km-z]{44})"`,
    `"log":"(${logText})"`,
    `"net":"(${hashText})"`,
    `"parents":\\[((?:"${refText}@${hashText}"(?:,"${refText}@${hashText}")*)?)\\]`,
    `"payload":(?:null|\\{"hash":"(${hashText})","size":${countText}\\})`,
    `(?:"prev":"(${hashText})",)?"seq":${countText}`,
    `"subject":(?:null|"(${refText})")`,
    `"type":"([a-z0-9][a-z0-9-]*(?:\\.[a-z0-9][a-z0-9-]*)+)"`,
    `"v":([12])`,
    `"x":`,
  ].join(","),
);

/** The most levels of objects and lists that `x` may have, itself included. */
const xDepth = limits.headerDepth - 1;
const longestType = 96;

/** The header, where these bytes are surely one; null where that takes a closer look. */
export function scanHeader(bytes: Uint8Array): Header | null {
  if (bytes.length > limits.headerBytes) return null;
  const text = fromUtf8(bytes);
  const found = text === null ? null : beforeX.exec(text);
  if (text === null || found === null || text.charCodeAt(text.length - 1) !== 0x7d) return null;
  const [
    head,
    ms,
    counter,
    audience,
    by,
    log,
    net,
    parentList,
    payloadHash,
    payloadSize,
    prev,
    seqDigits,
    subject,
    type,
    version,
  ] = found as unknown as string[];
  const at: At = [Number(ms), Number(counter)];
  const seq = Number(seqDigits);
  const size = Number(payloadSize ?? limits.payloadBytes);
  const isWithin =
    at[0] <= limits.latestMs &&
    at[1] <= 65_535 &&
    seq > 0 &&
    (version === "2") === (prev !== undefined) &&
    Number.isSafeInteger(seq) &&
    size >= 2 &&
    size <= limits.payloadBytes &&
    (by as string) >= lowestMultikey &&
    (by as string) <= highestMultikey &&
    (type as string).length <= longestType &&
    !isControlType(type as string) &&
    isPlace(audience as string) &&
    (subject === undefined || isPlace(subject));
  if (!isWithin) return null;
  const parents = parentsIn(parentList as string, log as string);
  const x =
    parents === null
      ? null
      : exactObject(text.slice((head as string).length, -1), text.length === bytes.length);
  if (parents === null || x === null) return null;
  return {
    v: version === "2" ? 2 : 1,
    net: net as string,
    by: by as string,
    log: log as string,
    seq,
    at,
    parents,
    type: type as string,
    subject: subject ?? null,
    audience: audience as string,
    payload: payloadHash === undefined ? null : { hash: payloadHash, size },
    ...(prev === undefined ? {} : { prev }),
    x,
  };
}

/** Their `x` has a schema of its own. */
const isControlType = (type: string): boolean => type === "log.opened" || type === "partner.keys-set";

/** A ref ends in its seq, which must be a safe integer. */
const isPlace = (ref: string): boolean => ref.length <= 38 || Number.isSafeInteger(Number(ref.slice(23)));

/** Pinned refs in quotes, ascending, at most one a log, none of the own log; null where they are not. */
function parentsIn(list: string, own: string): string[] | null {
  if (list === "") return [];
  const parents = list.slice(1, -1).split('","');
  if (parents.length > limits.parents) return null;
  let before = "";
  let beforeLog = "";
  for (const parent of parents) {
    const log = parent.slice(0, 22);
    if (parent <= before || log === beforeLog || log === own) return null;
    if (!isPlace(parent.slice(0, parent.indexOf("@")))) return null;
    before = parent;
    beforeLog = log;
  }
  return parents;
}

/** The object that this text is, where it is its RFC 8785 form and holds only what a header's `x` may; else null. */
function exactObject(text: string, isAscii: boolean): Header["x"] | null {
  if (text.length > limits.xBytes || text.charCodeAt(0) !== 0x7b) return null;
  // An escape, or this one name, takes a closer look.
  if (text.includes("\\") || text.includes("__proto__")) return null;
  // Nothing is parsed that may be nested too deep: so few brackets cannot be, and more take a closer look as well.
  if (countOf(text, "{") + countOf(text, "[") > xDepth) return null;
  if (!isAscii && toBytes(text).length > limits.xBytes) return null;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  return isExact(value) && JSON.stringify(value) === text ? (value as Header["x"]) : null;
}

function countOf(text: string, mark: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count++;
  return count;
}

/** Members ascending, numbers from 0 to 2^53-1 without a fraction. */
function isExact(value: Json): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0;
  if (Array.isArray(value)) return value.every((item) => isExact(item as Json));
  let before = "";
  for (const name in value) {
    if (name < before || !isExact((value as { readonly [key: string]: Json })[name] as Json)) return false;
    before = name;
  }
  return true;
}
