/**
 * The entries of a log for a replay, taken out of headers that other threads are checking meanwhile. Nothing that is
 * read here is used unless they find every header canonical; then these few steps find what a full scan would.
 */
import { isAscii } from "node:buffer";
import { elsewhere, type Held, none } from "../held.ts";
import { parseX, type X } from "../parse-x.ts";

/** Reads headers, each followed by LF, from entry `from` on into `held.entries`; false when they cannot be headers. */
export function readKept(held: Held, logIndex: number, section: Buffer, from: number): boolean {
  const { base, by } = held.logs[logIndex] as Held["logs"][number];
  // Characters are bytes where all is ASCII: then the text of all headers is made at once.
  const whole = isAscii(section) ? section.toString("latin1") : undefined;
  const beforeX = beforeXOf(held.charter.headers);
  let seq = from;
  for (let start = 0; start < section.length; seq++) {
    const stop = section.indexOf(10, start);
    if (stop < 0) return false;
    const text = whole ?? section.toString("utf8", start, stop);
    const begin = whole === undefined ? 0 : start;
    const end = begin + (whole === undefined ? text.length : stop - start);
    // Only texts in `x` could hold these letters, and they come later.
    const xAt = text.indexOf(beforeX, begin + fixedLength);
    const subjectAt = text.lastIndexOf(beforeSubject, xAt);
    const typeAt = text.lastIndexOf(beforeType, xAt);
    if (subjectAt < begin || typeAt < subjectAt || xAt < typeAt || xAt > end) return false;
    const x = tryParse(text.slice(xAt + beforeX.length, end - 1));
    if (x === undefined) return false;
    held.entries.push({
      index: base + seq,
      log: logIndex,
      seq,
      by,
      type: intern(text.slice(typeAt + beforeType.length, xAt)),
      subject: subjectIn(held, text.slice(subjectAt + beforeSubject.length, typeAt)),
      x,
    });
    start = stop + 1;
  }
  return true;
}

/** What stands before `payload` in the shortest header: all of it ASCII. */
const fixedLength = 184;
const beforeSubject = ',"subject":';
const beforeType = ',"type":"';
const beforeXOf = (version: 1 | 2): string => `","v":${version},"x":`;
const logLength = 22;

/** A part of a text keeps the whole text in memory, so each type is kept once. */
const types = new Map<string, string>();

function intern(type: string): string {
  const known = types.get(type);
  if (known !== undefined) return known;
  const copy = Buffer.from(type).toString();
  types.set(copy, copy);
  return copy;
}

function subjectIn({ logs, logIndex }: Held, json: string): number {
  if (json === "null") return none;
  // A quoted `log.seq`, or "sealed", which names no log.
  const log = logs[logIndex.get(json.slice(1, 1 + logLength)) ?? -1];
  const seq = Number(json.slice(2 + logLength, -1));
  return log !== undefined && seq < log.size ? log.base + seq : elsewhere;
}

function tryParse(json: string): X | undefined {
  try {
    return parseX(json);
  } catch {
    return undefined;
  }
}
