/**
 * The bundle's outer form, read from front to back: a line that says what comes and how many bytes it has, the bytes,
 * a LF; at the end SHA-256 over everything before. A length is believed only below its limit, so a file can neither
 * make the reader allocate what it names nor run away; nothing is unpacked and no name in it is ever opened.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const kib = 1024;
const mib = 1024 * kib;

/** Upper limits of the sections, in bytes. */
const limits = {
  // 100,000 logs.
  manifest: 12 * mib,
  charter: 64 * kib,
  log: 64 * kib,
  entries: 5 * mib,
  checkpoint: 64 * kib,
  branch: 64 * kib,
  payloads: 5 * mib,
} as const;

export type SectionKind = keyof typeof limits;

/** One section. `bytes` are the reader's own and may be scribbled on, until the next call. */
export type Section = { readonly kind: SectionKind; readonly bytes: Buffer };
type End = { readonly kind: "end"; readonly sha256: string };
type Flaw = {
  readonly kind: "flaw";
  readonly code: "form" | "truncated" | "sha256";
  readonly detail: string;
};

export type BundleReader = Disposable & {
  readonly bytesTotal: number;
  readonly bytesRead: number;
  next(): Section | End | Flaw;
};

const firstLine = "handfast/bundle/v1\n";
/** Room for the longest section and the lines around it. */
const windowBytes = 12 * mib + 4 * kib;

/** Opens `path` for one reading. Throws what the file system throws. */
export function openBundle(path: string): BundleReader {
  const file = openSync(path, "r");
  const bytesTotal = fstatSync(file).size;
  const window = Buffer.allocUnsafeSlow(windowBytes);
  const digest = createHash("sha256");
  let start = 0;
  let end = 0;
  let bytesRead = 0;
  let begun = false;

  /** Makes `count` bytes available from `start`; false at the end of the file. */
  function need(count: number): boolean {
    if (end - start >= count) return true;
    window.copyWithin(0, start, end);
    end -= start;
    start = 0;
    while (end < count) {
      const got = readSync(file, window, end, windowBytes - end, null);
      if (got === 0) return false;
      end += got;
      bytesRead += got;
    }
    return true;
  }

  function take(count: number): Buffer {
    const bytes = window.subarray(start, start + count);
    start += count;
    return bytes;
  }

  /** The line at `start`, without its LF and not yet taken; at most 100 bytes. */
  function peekLine(): string | undefined {
    need(100);
    const stop = window.subarray(start, Math.min(end, start + 100)).indexOf(10);
    return stop < 0 ? undefined : window.toString("latin1", start, start + stop);
  }

  function form(detail: string): Flaw {
    return { kind: "flaw", code: "form", detail: `${detail}, at byte ${bytesRead - (end - start)}` };
  }

  function readEnd(line: string): End | Flaw {
    const sha256 = digest.digest("hex");
    take(line.length + 1);
    if (need(1)) return form("there is something after the end");
    if (line !== `end ${sha256}`) {
      return {
        kind: "flaw",
        code: "sha256",
        detail: `the bytes hash to ${sha256}, the last line says otherwise`,
      };
    }
    return { kind: "end", sha256 };
  }

  function next(): Section | End | Flaw {
    if (!begun) {
      begun = true;
      if (!need(firstLine.length)) return form("not a handfast bundle");
      const bytes = take(firstLine.length);
      if (bytes.toString("latin1") !== firstLine) return form("not a handfast bundle, version 1");
      digest.update(bytes);
    }
    const line = peekLine();
    if (line === undefined) {
      if (end - start >= 100) return form("expected the first line of a section");
      return { kind: "flaw", code: "truncated", detail: "the file ends before its last line" };
    }
    if (line.startsWith("end ")) return readEnd(line);
    const [, kind, digits] = /^([a-z]+) (0|[1-9][0-9]{0,15})$/.exec(line) ?? [];
    if (kind === undefined || digits === undefined || !Object.hasOwn(limits, kind)) {
      return form("expected the first line of a section");
    }
    const length = Number(digits);
    const limit = limits[kind as SectionKind];
    if (length > limit) return form(`a section of ${digits} bytes, where ${limit} are the limit`);
    const whole = line.length + 1 + length + 1;
    if (!need(whole)) {
      return { kind: "flaw", code: "truncated", detail: `the file ends inside a section (${kind})` };
    }
    const bytes = take(whole);
    if (bytes[whole - 1] !== 10) return form("a section is not followed by a line feed");
    digest.update(bytes);
    return { kind: kind as SectionKind, bytes: bytes.subarray(line.length + 1, whole - 1) };
  }

  return {
    bytesTotal,
    get bytesRead() {
      return bytesRead - (end - start);
    },
    next,
    [Symbol.dispose]: () => closeSync(file),
  };
}
