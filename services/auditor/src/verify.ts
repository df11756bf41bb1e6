/**
 * Verifying a bundle, in the order of `docs/reference/bundle.md`: one reading from front to back, then the checks that
 * need everything. It trusts no one, writes nothing, and lists what it did not check.
 */
import { type BundleReader, openBundle, type Section, type SectionKind } from "./bundle.ts";
import { parseCharter } from "./charter.ts";
import { checkExpected } from "./expected-logs.ts";
import { type Finding, findIn } from "./findings.ts";
import { createHeld, entriesAt, entryAt, type Held, hasHash, isForked, placeOf } from "./held.ts";
import {
  countEntries,
  type LogClaim,
  parseBranchSection,
  parseLogSection,
  parseManifest,
} from "./manifest.ts";
import { createProblems, type Problem, type ProblemCode, type Problems, type Verdict } from "./problem.ts";
import type { OnProgress } from "./progress.ts";
import { createCheckpointsReader, openingOf } from "./read-checkpoints.ts";
import { createEntriesReader, isAfter, type Naming } from "./read-entries.ts";
import { createPayloadsReader, type PayloadCounts } from "./read-payloads.ts";
import { checkSuccession } from "./succession.ts";

export type VerifyOptions = {
  /** Check the signature of every checkpoint, not only of control and last ones. */
  readonly everySignature?: boolean;
  /** Keep the entries, for a replay. */
  readonly keep?: boolean;
  /** Told now and then how much of the file is read, in bytes. */
  readonly onProgress?: OnProgress;
};

export type Report = {
  readonly verdict: Verdict;
  readonly network: string | null;
  readonly logs: readonly {
    by: string;
    name: string | null;
    log: string;
    /** Of a further history that its author signed: its number, from 1. */
    branch?: number;
    size: number;
    root: string | null;
    checkpoints: number;
    signatures: number;
  }[];
  readonly entries: number;
  readonly payloads: PayloadCounts;
  readonly notChecked: readonly string[];
  /** What partners did, for which the bundle is not at fault. */
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** Of the file before its last line; null when the file could not be read to its end. */
  readonly sha256: string | null;
};

export type Audit = { readonly report: Report; readonly held: Held | undefined };

/** No canonical header is shorter, so a file cannot make us reserve room for more entries than it can hold. */
export const headerBytesMin = 240;

/** Reads and judges the bundle at `path`. Throws what the file system throws, nothing about the content. */
export function verifyBundle(path: string, options: VerifyOptions = {}): Audit {
  using reader = openBundle(path);
  const problems = createProblems();
  const reading = readSections(reader, problems, options);
  if (reading.held !== undefined && reading.isWhole) {
    checkNamed(reading.held, reading.namings, problems);
    reading.absent = checkExpected(reading.held, reading.namings, problems);
    checkSuccession(reading.held, problems);
    checkParents(reading.held, problems);
  }
  return { report: createReport(reading, problems, options), held: reading.held };
}

export type Reading = {
  held: Held | undefined;
  entries: number;
  payloads: PayloadCounts;
  namings: Naming[];
  /** Whose log is not here and need not be, in words. */
  absent: readonly string[];
  sha256: string | null;
  /** Every entry is held. */
  isWhole: boolean;
};

function readSections(reader: BundleReader, problems: Problems, options: VerifyOptions): Reading {
  const nothing: PayloadCounts = { given: 0, withheld: 0, redacted: 0, notHeld: 0 };
  const reading: Reading = {
    held: undefined,
    entries: 0,
    payloads: nothing,
    namings: [],
    absent: [],
    sha256: null,
    isWhole: false,
  };
  let current = step();

  function step(): Section | undefined {
    options.onProgress?.("reading", reader.bytesRead, reader.bytesTotal);
    const part = reader.next();
    if (part.kind === "flaw") problems.add({ code: part.code, detail: part.detail });
    else if (part.kind === "end") reading.sha256 = part.sha256;
    else return part;
    return undefined;
  }

  function complain(code: ProblemCode, detail: string, log?: string): undefined {
    problems.add({ code, ...(log !== undefined && { log }), detail });
  }

  /** The section at hand when it is of this kind. */
  function expect(kind: SectionKind, log?: string): Buffer | undefined {
    if (current?.kind === kind) return current.bytes;
    if (current !== undefined || reading.sha256 !== null) {
      complain("form", `expected a section ${kind}, found ${current?.kind ?? "the end"}`, log);
    }
    return undefined;
  }

  function readHead(): Held | undefined {
    const manifestBytes = expect("manifest");
    if (manifestBytes === undefined) return undefined;
    const manifest = parseManifest(manifestBytes);
    if (typeof manifest === "string") return complain("manifest", manifest);
    current = step();
    const charterBytes = expect("charter");
    if (charterBytes === undefined) return undefined;
    const charter = parseCharter(charterBytes);
    if (typeof charter === "string") return complain("charter", charter);
    if (charter.net !== manifest.net)
      return complain("charter", "hashes to another network than the manifest's");
    const claimed = countEntries(manifest.logs);
    if (claimed * headerBytesMin > reader.bytesTotal) {
      return complain("manifest", `${claimed} entries do not fit into ${reader.bytesTotal} bytes`);
    }
    current = step();
    return createHeld(manifest, charter);
  }

  function readLog(held: Held, logIndex: number): boolean {
    const log = held.logs[logIndex] as Held["logs"][number];
    const sectionBytes = expect(log.branch === 0 ? "log" : "branch", log.log);
    if (sectionBytes === undefined) return false;
    const { net, logs } = held.manifest;
    const claim = logs.find((one) => one.log === log.log) as LogClaim;
    const expected =
      log.branch === 0
        ? parseLogSection(sectionBytes, net, log)
        : parseBranchSection(sectionBytes, net, claim, log.branch);
    if (typeof expected === "string") {
      complain("manifest", expected, log.log);
      return false;
    }
    const entries = createEntriesReader(held, logIndex, problems, reading.namings, options.keep ?? false);
    for (current = step(); current?.kind === "entries"; current = step()) {
      if (!entries.read(current.bytes)) return false;
    }
    reading.entries += entries.count - log.first;
    if (entries.count < log.size) {
      complain("form", `${entries.count} entries, where the manifest says ${log.size}`, log.log);
      return false;
    }
    if (log.partsFrom !== undefined) {
      const beside = entryAt(held, log.partsFrom, log.first) as number;
      if (hasHash(held, log.base, held.hashes, 32 * beside)) {
        complain("form", `branch ${log.branch} does not differ where it parts`, log.log);
        return false;
      }
    }
    const checkpoints = createCheckpointsReader(held, log, problems, options.everySignature ?? false);
    for (; current?.kind === "checkpoint"; current = step()) {
      log.checkpoints++;
      checkpoints.read(current.bytes);
    }
    if (log.checkpoints !== expected) {
      complain("checkpoint", `${log.checkpoints} checkpoints, where the log says ${expected}`, log.log);
    }
    checkpoints.finish();
    return true;
  }

  /** What was read is told also where reading stops; the rest of the file is still hashed, to tell damage from forgery. */
  function readOut(): Reading {
    while (current !== undefined) current = step();
    return reading;
  }

  const held = readHead();
  if (held === undefined) return readOut();
  reading.held = held;
  for (let logIndex = 0; logIndex < held.logs.length; logIndex++) {
    if (!readLog(held, logIndex)) return readOut();
  }
  reading.isWhole = true;
  const payloads = createPayloadsReader(held, problems, options.keep ?? false);
  reading.payloads = payloads.counts;
  for (; current?.kind === "payloads"; current = step()) payloads.read(current.bytes);
  if (current !== undefined) complain("form", `a section ${current.kind} after the payloads`);
  if (reading.sha256 !== null) payloads.finish();
  return readOut();
}

/**
 * Whether parents are what their children say, and clocks agree with causality. What entries name in `subject` and `x`
 * is not checked: any member may write what it likes there, and the fold passes it over.
 */
export function checkParents(held: Held, problems: Problems): void {
  const { parents, hashes } = held;
  for (let pin = 0; pin < parents.count; pin++) {
    const child = parents.child(pin);
    const target = settled(pin);
    if (!parents.isHash(pin, hashes, 32 * target))
      tell("hash", child, target, "names as parent, with another hash,");
    if (!isAfter(held, child, target)) tell("clock", child, target, "is not after its parent");
  }

  /** Where several entries stand at a place, the one with that very hash. */
  function settled(pin: number): number {
    const target = parents.target(pin);
    if (parents.isHash(pin, hashes, 32 * target)) return target;
    const { log, seq } = placeOf(held, target);
    if (!isForked(held, log)) return target;
    const found = entriesAt(held, log, seq).find((one) => parents.isHash(pin, hashes, 32 * one));
    if (found !== undefined) parents.settle(pin, found);
    return found ?? target;
  }

  function tell(code: "hash" | "clock", child: number, target: number, what: string): void {
    const { log, seq } = placeOf(held, target);
    problems.add({ code, ...placeOf(held, child), detail: `${what} ${log}.${seq}` });
  }
}

/**
 * A log belongs here when a founder opened it, a sponsorship in a log that belongs here names it, or it goes on from
 * such a log of the same partner. Reached from the founders, so strangers cannot vouch for each other.
 */
export function checkNamed(held: Held, namings: readonly Naming[], problems: Problems): void {
  const known = new Set<number>();
  const asked: number[] = [];
  function admit(log: number): void {
    if (known.has(log)) return;
    known.add(log);
    asked.push(log);
  }
  const named = new Map<number, number[]>();
  function link(from: number, to: number): void {
    const others = named.get(from);
    if (others === undefined) named.set(from, [to]);
    else others.push(to);
  }
  for (const { byLog, type, root, log } of namings) {
    if (type !== "member.sponsored") continue;
    const index = held.logIndex.get(String(log));
    if (index !== undefined && held.logs[index]?.by === root) link(byLog, index);
  }
  held.logs.forEach(({ by, opened, partsFrom }, index) => {
    if (partsFrom !== undefined) link(partsFrom, index);
    const previous = held.logIndex.get(opened?.closed[0]?.log ?? "");
    if (previous !== undefined && held.logs[previous]?.by === by) link(previous, index);
    // A later log of a founder is named by the one it goes on from: that is looked at apart.
    if (held.founders.includes(by)) admit(index);
  });
  for (let log = asked.pop(); log !== undefined; log = asked.pop()) named.get(log)?.forEach(admit);
  held.logs.forEach(({ log }, index) => {
    if (known.has(index) || held.logs[index]?.branch !== 0) return;
    problems.add({ code: "unknown-log", log, detail: "neither the charter nor a sponsorship names it" });
  });
}

export function createReport(reading: Reading, problems: Problems, options: VerifyOptions): Report {
  const { held, payloads } = reading;
  const logs = (held?.logs ?? []).map((line) => ({
    by: line.by,
    name: openingOf(held as Held, line)?.name ?? null,
    log: line.log,
    ...(line.branch > 0 && { branch: line.branch }),
    size: line.size,
    root: line.root ?? null,
    checkpoints: line.checkpoints,
    signatures: line.signatures,
  }));
  const told = [...problems.told];
  const untold = problems.count - told.length;
  if (untold > 0) told.push({ code: told[0]?.code ?? "form", detail: `and ${untold} more problems` });
  return {
    verdict: problems.verdict,
    network: held?.manifest.net ?? null,
    logs,
    entries: reading.entries,
    payloads,
    notChecked: [...reading.absent, ...notChecked(logs, payloads, options)],
    findings: held !== undefined && reading.isWhole ? findIn(held) : [],
    problems: told,
    sha256: reading.sha256,
  };
}

function notChecked(logs: Report["logs"], payloads: PayloadCounts, options: VerifyOptions): string[] {
  const unsigned = logs.reduce((sum, { checkpoints, signatures }) => sum + checkpoints - signatures, 0);
  const missing = payloads.withheld + payloads.redacted + payloads.notHeld;
  return [
    ...(unsigned > 0 && !options.everySignature
      ? [
          `the signatures of ${unsigned} checkpoints between the first and the last (ask with --every-signature)`,
        ]
      : []),
    ...(missing > 0
      ? [
          `the texts of ${missing} entries (${payloads.withheld} withheld, ${payloads.redacted} redacted, ` +
            `${payloads.notHeld} not held)`,
        ]
      : []),
    "whether the exporter left out the ends of logs that nothing in the bundle refers to (witnesses will show that)",
  ];
}
