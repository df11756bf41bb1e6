/**
 * One log's headers: through the gate, in order, hashed; what they name is noted and looked up when everything is
 * read, because logs name each other in both directions.
 */
import { isAscii } from "node:buffer";
import { hash } from "node:crypto";
import { createGate, type Header } from "./gate.ts";
import { elsewhere, entriesAt, entryAt, type Held, hasHash, isForked, none } from "./held.ts";
import { parseLogOpened } from "./log-opened.ts";
import { parseX } from "./parse-x.ts";
import type { Problems } from "./problem.ts";

/** What is said of memberships: `member.sponsored` names the log of a partner to come, the others say who takes part. */
export type Naming = {
  readonly byLog: number;
  readonly seq: number;
  readonly type: string;
  readonly root: unknown;
  readonly log: unknown;
  readonly opening: unknown;
  readonly yes: unknown;
};
const ofMemberships: ReadonlySet<string> = new Set([
  "member.sponsored",
  "member.endorsed",
  "member.left",
  "charter.attested",
]);

export type EntriesReader = {
  /** Reads one section, before which another byte must lie; false when the log cannot be read on. */
  read(section: Buffer): boolean;
  /** How many entries there are so far. */
  readonly count: number;
  /** What the first entry read says of the one before it, where that was not read here. */
  readonly prev: Buffer | undefined;
};

/** Reads the log at `logIndex`, from entry `from` on. `keep`: fill `held.entries` for a replay. */
export function createEntriesReader(
  held: Held,
  logIndex: number,
  problems: Problems,
  namings: Naming[],
  keep: boolean,
  from = held.logs[logIndex]?.first ?? 0,
): EntriesReader {
  const log = held.logs[logIndex] as Held["logs"][number];
  const { first } = log;
  const gate = createGate({
    net: held.manifest.net,
    by: log.by,
    log: log.log,
    version: held.charter.headers,
  });
  const { header } = gate;
  let count = from;
  let prev: Buffer | undefined;

  function complain(code: Parameters<Problems["add"]>[0]["code"], detail: string): void {
    problems.add({ code, log: log.log, seq: count, detail });
  }

  /** The index of a ref, when it is in the bundle; what is missing is told for parents only. */
  function find(target: string, seq: number, isParent: boolean): number {
    const index = held.logIndex.get(target);
    const [one] = isForked(held, target) ? entriesAt(held, target, seq) : [];
    // Of several the hash of a parent says which, and pasts say it of a subject, when everything is read.
    if (one !== undefined) return one;
    const size = index === undefined ? 0 : (held.logs[index]?.size ?? 0);
    if (index !== undefined && seq < size) return (held.logs[index]?.base ?? 0) + seq;
    if (isParent && index === undefined) complain("missing-log", `names ${target}.${seq}, a log left out`);
    if (isParent && index !== undefined) {
      complain("beyond-log", `names ${target}.${seq}, where that log ends at ${size} entries`);
    }
    return elsewhere;
  }

  function subjectIndex(): number {
    if (header.subject === "none") return none;
    if (header.subject === "ref" && isForked(held, header.subjectLog)) {
      held.unsettled.set(log.base + count - first, { log: header.subjectLog, seq: header.subjectSeq });
    }
    return header.subject === "ref" ? find(header.subjectLog, header.subjectSeq, false) : elsewhere;
  }

  function readEntry(leaf: Buffer, fault: string | undefined): boolean {
    if (fault !== undefined) {
      complain("header", fault);
      return false;
    }
    const index = log.base + count - first;
    held.hashes.write(hash("sha256", leaf, "latin1"), 32 * index, 32, "latin1");
    held.atMs[index] = header.atMs;
    held.atCount[index] = header.atCount;
    const before = count > from ? index - 1 : first > 0 ? entryAt(held, logIndex, count - 1) : undefined;
    if (before !== undefined && !isAfter(held, index, before))
      complain("clock", "not after the entry before it");
    if (before === undefined && header.hasPrev) prev = Buffer.from(header.prev);
    if (before !== undefined && header.hasPrev && !hasHash(held, before, header.prev, 0)) {
      complain("hash", "prev is not the hash of the entry before it");
    }
    held.payloadSizes[index] = header.payloadSize;
    if (header.payloadSize >= 0) header.payloadHash.copy(held.payloadHashes, 32 * index);
    for (let parent = 0; parent < header.parentCount; parent++) {
      const target = find(header.parentLogs[parent] as string, header.parentSeqs[parent] as number, true);
      if (target >= 0) held.parents.add(index, target, header.parentHashes, 32 * parent);
    }
    readControl(header);
    if (keep) {
      const { type } = header;
      const x = parseX(header.x);
      held.entries.push({
        index,
        log: logIndex,
        seq: count,
        by: log.by,
        type,
        subject: subjectIndex(),
        x,
      });
    }
    count++;
    return true;
  }

  function readControl({ type, x }: Header): void {
    if (count === 0) {
      const opened = parseLogOpened(header, log.by);
      if (typeof opened === "string") complain("log-opened", opened);
      else log.opened = opened;
    } else if (type === "log.opened") {
      complain("log-opened", "a log opens once");
    } else if (type === "partner.keys-set") {
      complain("later-release", "keys change here in a way this release cannot follow: upgrade");
    } else if (type === "fork.proven") {
      held.proofs.push({ index: log.base + count - first, x: JSON.parse(x) as Record<string, unknown> });
    } else if (ofMemberships.has(type)) {
      const { root, log: named, opening, yes } = JSON.parse(x) as Record<string, unknown>;
      namings.push({ byLog: logIndex, seq: count, type, root, log: named, opening, yes });
    }
  }

  return {
    get count() {
      return count;
    },
    get prev() {
      return prev;
    },
    read(section) {
      // A leaf is 0x00 and the header; the byte before a header is a line feed that was hashed already, so the zero
      // goes there and no header is copied. (Before the first one stands the line feed of the section's own line.)
      const around = Buffer.from(section.buffer, section.byteOffset - 1, section.length + 1);
      // Headers are ASCII but for texts: then characters are bytes, and the text of all is made at once.
      const text = isAscii(section) ? around.toString("latin1") : undefined;
      for (let start = 1; start < around.length; ) {
        const stop = around.indexOf(10, start);
        if (stop < 0) return broken("a header without its line feed");
        if (count === log.size) return broken("more entries than the log's size");
        around[start - 1] = 0;
        const fault =
          text === undefined
            ? gate.scan(around.subarray(start, stop), count)
            : gate.scanAscii(around, text, start, stop, count);
        if (!readEntry(around.subarray(start - 1, stop), fault)) return false;
        start = stop + 1;
      }
      return true;
    },
  };

  function broken(detail: string): false {
    complain("form", detail);
    return false;
  }
}

/** Whether the clock of entry `later` is strictly above that of `earlier`. */
export function isAfter({ atMs, atCount }: Held, later: number, earlier: number): boolean {
  const [a, b] = [atMs[later] as number, atMs[earlier] as number];
  return a > b || (a === b && (atCount[later] as number) > (atCount[earlier] as number));
}
