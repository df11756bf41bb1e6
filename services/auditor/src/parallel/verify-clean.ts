/**
 * Verifying a bundle on several cores: this thread reads the file once from front to back and hashes it, others check
 * headers, roots and signatures. It says what there is to say of a bundle in which everything is as it should be. Of
 * any other it says nothing: the sequential reading then finds out what is wrong, in the order of the file.
 */
import { availableParallelism } from "node:os";
import { openBundle, type Section, type SectionKind } from "../bundle.ts";
import { parseCharter } from "../charter.ts";
import { checkExpected } from "../expected-logs.ts";
import { createHeld, createPins, type Held, hasHash } from "../held.ts";
import { parseLogSection, parseManifest } from "../manifest.ts";
import { createProblems } from "../problem.ts";
import { createEntriesReader, isAfter, type Naming } from "../read-entries.ts";
import { createPayloadsReader } from "../read-payloads.ts";
import { checkSuccession } from "../succession.ts";
import { type Audit, checkNamed, createReport, headerBytesMin, type VerifyOptions } from "../verify.ts";
import { checkNotes } from "./check-notes.ts";
import type { Outcome } from "./jobs.ts";
import { openPool } from "./pool.ts";
import { readKept } from "./read-kept.ts";

/** Below it starting threads costs more than they save. */
const usualBytesMin = 32 * 1024 * 1024;
/** Beside this one. More would wait for the one that reads. */
const threadsMax = 3;

/** Thrown where something is not as it should be; caught here. */
class Unclean extends Error {}

export type Effort = { readonly bytesMin: number; readonly threads: number };

/** The audit of a bundle in which nothing is wrong; undefined when something is, or when it is not worth the threads. */
export async function verifyClean(
  path: string,
  options: VerifyOptions,
  { bytesMin, threads }: Effort = usualEffort(),
): Promise<Audit | undefined> {
  using reader = openBundle(path);
  if (reader.bytesTotal < bytesMin || threads < 1) return undefined;
  try {
    return await verify(reader, threads, options);
  } catch (error) {
    if (error instanceof Unclean) return undefined;
    throw error;
  }
}

/** As many threads beside this one as there are other cores. */
function usualEffort(): Effort {
  return { bytesMin: usualBytesMin, threads: Math.min(threadsMax, availableParallelism() - 1) };
}

type Reader = ReturnType<typeof openBundle>;

async function verify(reader: Reader, threads: number, options: VerifyOptions): Promise<Audit> {
  let current: Section | undefined;
  let sha256: string | undefined;

  function step(): void {
    options.onProgress?.("reading", reader.bytesRead, reader.bytesTotal);
    const part = reader.next();
    if (part.kind === "flaw") throw new Unclean();
    if (part.kind === "end") {
      sha256 = part.sha256;
      current = undefined;
    } else current = part;
  }
  function expect(kind: SectionKind): Buffer {
    if (current?.kind !== kind) throw new Unclean();
    return current.bytes;
  }

  step();
  const held = readHead();
  await using pool = openPool(threads, {
    manifest: held.manifest,
    headers: held.charter.headers,
    columns: sharedBuffers(held),
    everySignature: options.everySignature ?? false,
  });
  const everySignature = options.everySignature ?? false;
  /** Memory for sections that came back. */
  const spare: ArrayBuffer[] = [];
  const namings: Naming[] = [];
  const pairs: Int32Array[] = [];
  const logs: Promise<void>[] = [];
  for (let log = 0; log < held.logs.length; log++) logs.push((await readLog(log)).checked);
  await Promise.all(logs);

  const problems = createProblems();
  const payloads = createPayloadsReader(held, problems, options.keep ?? false);
  for (; current?.kind === "payloads"; step()) payloads.read(current.bytes);
  if (sha256 === undefined) throw new Unclean();
  payloads.finish();
  for (const outcome of await pool.runOnEach({ kind: "parents" })) expectClean(outcome);
  checkNamed(held, namings, problems);
  const absent = checkExpected(held, namings, problems);
  checkSuccession(held, problems);
  if (problems.count > 0) throw new Unclean();

  const reading = {
    held,
    entries: held.entryCount,
    payloads: payloads.counts,
    namings,
    absent,
    sha256,
    isWhole: true,
  };
  return {
    report: createReport(reading, problems, options),
    held: { ...held, parents: createPins(options.keep ? pairs : []) },
  };

  function readHead(): Held {
    const manifest = parseManifest(expect("manifest"));
    if (typeof manifest === "string") throw new Unclean();
    step();
    const charter = parseCharter(expect("charter"));
    if (typeof charter === "string" || charter.net !== manifest.net) throw new Unclean();
    // Histories beside each other are rare, and read in order.
    if (manifest.logs.some(({ branches }) => branches !== undefined)) throw new Unclean();
    const claimed = manifest.logs.reduce((sum, { size }) => sum + size, 0);
    if (claimed * headerBytesMin > reader.bytesTotal) throw new Unclean();
    step();
    return createHeld(manifest, charter);
  }

  /** Reads one log and hands it out; `checked` resolves when others have looked at all of it. */
  async function readLog(index: number): Promise<{ readonly checked: Promise<void> }> {
    const log = held.logs[index] as Held["logs"][number];
    const checkpoints = parseLogSection(expect("log"), held.manifest.net, log);
    if (typeof checkpoints === "string") throw new Unclean();
    const jobs: Promise<Outcome>[] = [];
    const starts: number[] = [];
    let opening: ArrayBuffer | undefined;
    let seq = 0;
    for (step(); current?.kind === "entries"; step()) {
      const { bytes } = current;
      opening ??= openLog(index, bytes);
      if (options.keep && !readKept(held, index, bytes, seq)) throw new Unclean();
      const copy = copyOf(bytes, spare);
      const { length } = bytes;
      jobs.push(
        pool.run({ kind: "entries", log: index, seq, bytes: copy, length }, length, [copy]).then(takeBack),
      );
      starts.push(seq);
      seq += countLines(bytes);
      await pool.room();
    }
    const notes: Uint8Array[] = [];
    for (; current?.kind === "checkpoint"; step()) notes.push(Uint8Array.from(current.bytes));
    if (seq !== log.size || notes.length !== checkpoints || opening === undefined) throw new Unclean();
    log.checkpoints = notes.length;
    const place = pairs.length;
    pairs.length += jobs.length;
    const checked = checkLog(index, opening, jobs, starts, notes, place);
    // Heard when all logs are awaited, unless the reading fails first.
    checked.catch(() => {});
    return { checked };
  }

  async function checkLog(
    index: number,
    opening: ArrayBuffer,
    jobs: readonly Promise<Outcome>[],
    starts: readonly number[],
    notes: readonly Uint8Array[],
    place: number,
  ): Promise<void> {
    const log = held.logs[index] as Held["logs"][number];
    for (const [number, outcome] of (await Promise.all(jobs)).entries()) {
      expectClean(outcome);
      namings.push(...(outcome.namings ?? []));
      pairs[place + number] = outcome.pairs ?? new Int32Array(0);
      // Within a section the thread that read it compared clocks and hashes.
      const start = log.base + (starts[number] as number);
      if (start === log.base) continue;
      if (!isAfter(held, start, start - 1)) throw new Unclean();
      if (outcome.prev !== undefined && !hasHash(held, start - 1, Buffer.from(outcome.prev), 0))
        throw new Unclean();
    }
    // A replay keeps this thread busy; else it has time for roots.
    const isOurs = options.keep !== true || index % (threads + 1) === 0;
    const outcome = expectClean(
      isOurs
        ? checkNotes(held, index, notes, everySignature)
        : await pool.run({ kind: "checkpoints", log: index, opening, notes }, 0),
    );
    log.signatures = outcome.signatures ?? 0;
    if (outcome.root !== undefined) log.root = outcome.root;
  }

  function takeBack(outcome: Outcome): Outcome {
    if (outcome.bytes !== undefined) spare.push(outcome.bytes);
    return outcome;
  }

  /** The first header of a log, read here too: who signs for the log follows from it. */
  function openLog(index: number, bytes: Buffer): ArrayBuffer {
    const first = copyOf(bytes.subarray(0, bytes.indexOf(10) + 1), []);
    const problems = createProblems();
    createEntriesReader(held, index, problems, [], false).read(Buffer.from(first, 1));
    if (problems.count > 0) throw new Unclean();
    return first;
  }
}

function expectClean(outcome: Outcome): Outcome {
  if (!outcome.isClean) throw new Unclean();
  return outcome;
}

/** A copy with a byte before it, which the reader of entries needs; in memory that is spare, if some is large enough. */
function copyOf(bytes: Buffer, spare: ArrayBuffer[]): ArrayBuffer {
  const place = spare.findIndex(({ byteLength }) => byteLength > bytes.length);
  const [found] = place < 0 ? [] : spare.splice(place, 1);
  const copy = found ?? new ArrayBuffer(bytes.length + 1);
  new Uint8Array(copy).set(bytes, 1);
  return copy;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

function sharedBuffers({ hashes, atMs, atCount, payloadSizes, payloadHashes }: Held) {
  const bufferOf = ({ buffer }: { readonly buffer: ArrayBufferLike }) => buffer as SharedArrayBuffer;
  return {
    hashes: bufferOf(hashes),
    atMs: bufferOf(atMs),
    atCount: bufferOf(atCount),
    payloadSizes: bufferOf(payloadSizes),
    payloadHashes: bufferOf(payloadHashes),
  };
}
