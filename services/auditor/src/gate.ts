/**
 * The gate: what a header's bytes must be before anything in them means something. A canonical header has its twelve
 * members in one order and, within one log, the same author, log and network, so one walk over the text checks form
 * and schema together and finds where the parts are; nothing is parsed before it is needed.
 */
import { isUtf8 } from "node:buffer";
import { b64uLength, decodeB64u } from "./b64u.ts";
import { type Cursor, scanInteger, skipLiteral, skipObject } from "./json-scan.ts";

const headerBytesMax = 4096;
const xBytesMax = 2048;
/** 2100-01-01: a clock beyond it is broken, and would drag the network's clock along. */
const atMsMax = 4_102_444_800_000;
/** A body is an object: at least `{}`. */
const payloadBytesMin = 2;
const payloadBytesMax = 262_144;
const parentsMax = 16;
const typeLengthMax = 96;
/** Eight levels in a header: itself, `x`, and six more. */
const xDepth = 7;

const logLength = b64uLength(16);
const hashLength = b64uLength(32);

const typeForm = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$/;

/** A header that passed. One object serves a whole log: read it before the next scan. */
export type Header = {
  atMs: number;
  atCount: number;
  type: string;
  /** What `subject` is: null, `sealed`, or the ref in the two members below. */
  subject: "none" | "sealed" | "ref";
  subjectLog: string;
  subjectSeq: number;
  /** Of the payload in bytes, -1 where there is none. */
  payloadSize: number;
  readonly payloadHash: Buffer;
  /** In version 2, but for entry 0: what it says is the leaf hash of the entry before it. */
  hasPrev: boolean;
  readonly prev: Buffer;
  parentCount: number;
  readonly parentLogs: string[];
  readonly parentSeqs: number[];
  /** 32 bytes a parent. */
  readonly parentHashes: Buffer;
  /** The text of `x`. */
  x: string;
};

export type Gate = {
  readonly header: Header;
  /** Judges the entry at `seq`: undefined when it passed, else what was wrong. */
  scan(bytes: Buffer, seq: number): string | undefined;
  /** The same of a header from `start` to `end` of ASCII bytes, whose text is made once for many headers. */
  scanAscii(bytes: Buffer, text: string, start: number, end: number, seq: number): string | undefined;
};

/** A gate for the entries of one log. */
export function createGate(place: { net: string; by: string; log: string; version: 1 | 2 }): Gate {
  const fixed = Buffer.from(`,"by":"${place.by}","log":"${place.log}","net":"${place.net}","parents":[`);
  const refLog = new Uint8Array(16);
  let refSeq = 0;
  const types = new Map<string, string>();
  const cursor: Cursor = { text: "", start: 0, at: 0, fault: "" };
  const header: Header = {
    atMs: 0,
    atCount: 0,
    type: "",
    subject: "none",
    subjectLog: "",
    subjectSeq: 0,
    payloadSize: -1,
    payloadHash: Buffer.alloc(32),
    hasPrev: false,
    prev: Buffer.alloc(32),
    parentCount: 0,
    parentLogs: [],
    parentSeqs: [],
    parentHashes: Buffer.alloc(32 * parentsMax),
    x: "{}",
  };

  function fail(what: string): false {
    if (cursor.fault === "") cursor.fault = `${what} at character ${cursor.at - cursor.start}`;
    return false;
  }

  /** A quoted text without escapes, as refs and types are. */
  function scanPlain(maxLength: number): string | undefined {
    const start = cursor.at + 1;
    const stop = cursor.text.charCodeAt(start - 1) === 0x22 ? cursor.text.indexOf('"', start) : -1;
    if (stop < 0 || stop - start > maxLength) return undefined;
    cursor.at = stop + 1;
    return cursor.text.slice(start, stop);
  }

  function scanAt(): boolean {
    if (!skipLiteral(cursor, '{"at":[')) return false;
    header.atMs = scanInteger(cursor);
    if (header.atMs > atMsMax) return fail("after 2100-01-01");
    if (header.atMs < 0 || !skipLiteral(cursor, ",")) return false;
    header.atCount = scanInteger(cursor);
    if (header.atCount > 65_535) return fail("counter above 65535");
    return header.atCount >= 0 && skipLiteral(cursor, '],"audience":');
  }

  function scanAudience(): boolean {
    if (cursor.text.startsWith('"network"', cursor.at)) {
      cursor.at += 9;
      return true;
    }
    return scanRef() !== undefined;
  }

  /** What all headers of the log share. Everything before it is ASCII, so characters are bytes. */
  function skipFixed(bytes: Buffer): boolean {
    const end = cursor.at + fixed.length;
    if (end > bytes.length || bytes.compare(fixed, 0, fixed.length, cursor.at, end) !== 0) {
      return fail(`expected ${fixed.toString()}`);
    }
    cursor.at = end;
    return true;
  }

  /** A quoted `log.seq`: gives the log, and leaves the seq in `refSeq`. */
  function scanRef(): string | undefined {
    const start = cursor.at + 1;
    const end = start + logLength;
    if (!decodeB64u(cursor.text, start, 16, refLog, 0)) fail("expected a ref");
    else if (skipLiteral(cursor, '"')) {
      cursor.at = end;
      if (skipLiteral(cursor, ".")) refSeq = scanInteger(cursor);
      if (cursor.fault === "" && skipLiteral(cursor, '"')) return cursor.text.slice(start, end);
    }
    return undefined;
  }

  /** `log.seq@hash`, ascending, so two of one log would stand side by side. */
  function scanParents(): boolean {
    header.parentCount = 0;
    if (cursor.text.charCodeAt(cursor.at) === 0x5d) return skipLiteral(cursor, '],"payload":');
    for (let before = ""; ; header.parentCount++) {
      if (header.parentCount === parentsMax) return fail("more than 16 parents");
      const start = cursor.at + 1;
      if (!decodeB64u(cursor.text, start, 16, header.parentHashes, 32 * header.parentCount)) {
        return fail("expected a pinned ref");
      }
      const log = cursor.text.slice(start, start + logLength);
      if (!skipLiteral(cursor, '"')) return false;
      cursor.at += logLength;
      if (!skipLiteral(cursor, ".")) return false;
      const seq = scanInteger(cursor);
      if (seq < 0 || !skipLiteral(cursor, "@")) return false;
      if (!decodeB64u(cursor.text, cursor.at, 32, header.parentHashes, 32 * header.parentCount)) {
        return fail("expected a hash");
      }
      if (log <= before) return fail("parents not ascending, or two of one log");
      if (log === place.log) return fail("a parent in the entry's own log");
      header.parentLogs[header.parentCount] = log;
      header.parentSeqs[header.parentCount] = seq;
      before = log;
      cursor.at += hashLength;
      if (!skipLiteral(cursor, '"')) return false;
      if (cursor.text.charCodeAt(cursor.at) !== 0x2c) break;
      cursor.at++;
    }
    header.parentCount++;
    return skipLiteral(cursor, '],"payload":');
  }

  function scanPayload(): boolean {
    header.payloadSize = -1;
    if (cursor.text.charCodeAt(cursor.at) === 0x6e) return skipLiteral(cursor, "null");
    if (!skipLiteral(cursor, '{"hash":"')) return false;
    if (!decodeB64u(cursor.text, cursor.at, 32, header.payloadHash, 0)) return fail("expected a hash");
    cursor.at += hashLength;
    if (!skipLiteral(cursor, '","size":')) return false;
    header.payloadSize = scanInteger(cursor);
    if (header.payloadSize > payloadBytesMax) return fail("payload above 262144 bytes");
    if (header.payloadSize < payloadBytesMin) return fail("payload below 2 bytes");
    return skipLiteral(cursor, "}");
  }

  function scanPrev(seq: number): boolean {
    header.hasPrev = place.version === 2 && seq > 0;
    if (!header.hasPrev) return true;
    if (!skipLiteral(cursor, ',"prev":"')) return false;
    if (!decodeB64u(cursor.text, cursor.at, 32, header.prev, 0)) return fail("expected a hash");
    cursor.at += hashLength;
    return skipLiteral(cursor, '"');
  }

  function scanSubject(): boolean {
    header.subject = "none";
    const code = cursor.text.charCodeAt(cursor.at);
    if (code === 0x6e) return skipLiteral(cursor, "null");
    if (cursor.text.startsWith('"sealed"', cursor.at)) {
      header.subject = "sealed";
      cursor.at += 8;
      return true;
    }
    const log = scanRef();
    if (log === undefined) return false;
    header.subject = "ref";
    header.subjectLog = log;
    header.subjectSeq = refSeq;
    return true;
  }

  function scanType(): boolean {
    const text = scanPlain(typeLengthMax);
    if (text === undefined) return fail("expected a type");
    let type = types.get(text);
    if (type === undefined) {
      if (text !== "sealed" && !typeForm.test(text)) return fail("expected a type such as noun.verb-past");
      // The text of a type is a part of that of many headers, and would keep it in memory.
      type = Buffer.from(text).toString();
      types.set(type, type);
    }
    header.type = type;
    if ((type === "sealed") !== (header.subject === "sealed"))
      return fail("type and subject are sealed together");
    return true;
  }

  function scanX(isAscii: boolean): boolean {
    const start = cursor.at;
    if (!skipObject(cursor, xDepth)) return false;
    header.x = cursor.text.slice(start, cursor.at);
    const size = isAscii ? header.x.length : Buffer.byteLength(header.x);
    return size <= xBytesMax || fail("x above 2048 bytes");
  }

  function scan(bytes: Buffer, seq: number): string | undefined {
    if (!isUtf8(bytes)) return "not strict UTF-8";
    const text = bytes.toString("utf8");
    if (bytes.length > headerBytesMax) return "header above 4096 bytes";
    return scanHeader(bytes, text, 0, text.length, seq, text.length === bytes.length);
  }

  function scanHeader(
    bytes: Buffer,
    text: string,
    start: number,
    end: number,
    seq: number,
    isAscii: boolean,
  ): string | undefined {
    cursor.text = text;
    cursor.start = start;
    cursor.at = start;
    cursor.fault = "";
    const passed =
      scanAt() &&
      scanAudience() &&
      skipFixed(bytes) &&
      scanParents() &&
      scanPayload() &&
      scanPrev(seq) &&
      skipLiteral(cursor, ',"seq":') &&
      (scanInteger(cursor) === seq || fail(`expected seq ${seq}`)) &&
      skipLiteral(cursor, ',"subject":') &&
      scanSubject() &&
      skipLiteral(cursor, ',"type":') &&
      scanType() &&
      skipLiteral(cursor, `,"v":${place.version},"x":`) &&
      scanX(isAscii) &&
      skipLiteral(cursor, "}") &&
      (cursor.at === end || fail("text after the header"));
    return passed ? undefined : cursor.fault;
  }

  function scanAscii(
    bytes: Buffer,
    text: string,
    start: number,
    end: number,
    seq: number,
  ): string | undefined {
    if (end - start > headerBytesMax) return "header above 4096 bytes";
    return scanHeader(bytes, text, start, end, seq, true);
  }

  return { header, scan, scanAscii };
}
