/**
 * Writes the audit bundle of docs/reference/bundle.md: one file of lengths and bytes, ended by the hash of everything before. Made
 * section by section from what the ledger holds; at no time is more than a section in memory.
 *
 * The ledger is read twice: once to know what the manifest must say, once to write it. A log is written up to what was held when
 * it began, under a checkpoint of that size or, with a proof, beyond it; so what arrives meanwhile changes nothing.
 */
import { createHash } from "node:crypto";
import type { EntryName } from "@handfast/api/messages/ledger";
import { fromB64u, fromUtf8, joined, sha256, toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { type Hash, type NetworkId, type PartnerId, pin, refOf } from "@handfast/protocol/ids";
import type { ArchivedLog, LedgerArchive } from "./ledger-archive.ts";

export type BundleFacts = {
  readonly net: NetworkId;
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  readonly exportedBy: PartnerId;
  /** Milliseconds since 1970. */
  readonly exportedAt: number;
  readonly software: string;
};

/** What the first reading found of a log. */
type Surveyed = ArchivedLog & {
  readonly checkpoints: number;
  /** What proves it, where its last checkpoint lies beyond it. */
  readonly beyond: string | null;
  readonly withPayload: Bitmap;
  /** Of a branch: the names of entries with a payload. */
  readonly names: ReadonlyMap<number, EntryName>;
  /** Its number among the branches of its log, from 1; 0 for the log itself. */
  readonly branch: number;
  /** Of a branch: the number of what it leaves. */
  readonly of: number;
  readonly payloads: number;
};

/** Bytes of `entries` and `payloads` sections: 4 MiB at most. */
const sectionBytes = 4 * 1024 * 1024;
const payloadsAtOnce = 128;

export async function* writeBundle(
  archive: LedgerArchive,
  facts: BundleFacts,
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256");
  const hashed = (bytes: Uint8Array): Uint8Array => {
    hash.update(bytes);
    return bytes;
  };
  yield hashed(toBytes("handfast/bundle/v1\n"));
  for await (const { kind, content } of sections(archive, facts)) {
    yield hashed(toBytes(`${kind} ${content.length}\n`));
    yield hashed(content);
    yield hashed(toBytes("\n"));
  }
  yield toBytes(`end ${hash.digest("hex")}\n`);
}

type Section = { readonly kind: string; readonly content: Uint8Array };

async function* sections(archive: LedgerArchive, facts: BundleFacts): AsyncGenerator<Section, void> {
  const logs: Surveyed[] = [];
  // Branches stay behind what they leave: sorting keeps the order of what is equal.
  for (const log of (await archive.logs()).toSorted(byPartnerAndLog)) {
    const before = logs.filter((one) => one.log === log.log);
    const of = before.findIndex(({ line }) => line === log.base?.line);
    if (log.base !== null && of < 0) continue;
    const surveyed = await survey(log, archive, { branch: before.length, of });
    if (surveyed !== null) logs.push(surveyed);
  }
  const { net, exportedAt, exportedBy, software } = facts;
  const named = logs.flatMap(({ by, log, size, branch }) => {
    if (branch > 0) return [];
    const branches = logs.flatMap((one) => (one.log === log && one.branch > 0 ? [partingOf(one)] : []));
    return [{ by, log, size, ...(branches.length === 0 ? {} : { branches }) }];
  });
  const payloads = logs.reduce((sum, log) => sum + log.payloads, 0);
  yield json("manifest", { exportedAt, exportedBy, logs: named, net, payloads, software, v: 1 });
  yield { kind: "charter", content: facts.charter };
  for (const one of logs) {
    const { by, log, size, checkpoints, branch } = one;
    const parting = branch === 0 ? {} : { branch, ...partingOf(one) };
    yield json(branch === 0 ? "log" : "branch", { by, checkpoints, log, net, size, ...parting });
    yield* packed("entries", headerLines(archive, one));
    for await (const notes of archive.checkpoints(one)) {
      for (const { note } of notes) yield { kind: "checkpoint", content: toBytes(note) };
    }
    if (one.beyond !== null) yield { kind: "checkpoint", content: toBytes(one.beyond) };
  }
  yield* packed("payloads", payloadLines(archive, logs));
}

const partingOf = ({ base, of, size }: Surveyed) => ({ from: base?.size ?? 0, of, size });

const json = (kind: string, value: Json): Section => ({ kind, content: toBytes(canonicalText(value)) });

const byPartnerAndLog = (a: ArchivedLog, b: ArchivedLog): number =>
  compare(a.by, b.by) || compare(a.log, b.log);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Counts what is in a log up to its newest checkpoint; null where there is none. */
async function survey(
  held: ArchivedLog,
  archive: LedgerArchive,
  place: Pick<Surveyed, "branch" | "of">,
): Promise<Surveyed | null> {
  let checkpoints = 0;
  let size = 0;
  const beyond = await archive.beyond(held);
  for await (const notes of archive.checkpoints(held)) {
    checkpoints += notes.length;
    size = notes.at(-1)?.size ?? size;
  }
  if (beyond !== null) {
    checkpoints += 1;
    size = held.size;
  }
  if (size === 0) return null;
  const log = { ...held, size, beyond, ...place };
  const withPayload = createBitmap(size);
  const names = new Map<number, EntryName>();
  let payloads = 0;
  let seq = held.base?.size ?? 0;
  for await (const headers of archive.headers(log)) {
    for (const header of headers) {
      if (hasPayload(header)) {
        withPayload.set(seq);
        payloads += 1;
        // On a branch the place alone does not say which entry is meant.
        if (held.base !== null) names.set(seq, pin(refOf(held.log, seq), leafHashOf(header)));
      }
      seq += 1;
    }
  }
  return { ...log, checkpoints, withPayload, names, payloads };
}

/** RFC 6962: what stands behind the `@` of refs to this entry. */
const leafHashOf = (header: Uint8Array): Hash => toB64u(sha256(joined([Uint8Array.of(0), header])));

function hasPayload(header: Uint8Array): boolean {
  const { payload } = JSON.parse(fromUtf8(header) ?? "null") as { readonly payload: unknown };
  return payload !== null;
}

async function* headerLines(archive: LedgerArchive, log: ArchivedLog): AsyncGenerator<Uint8Array, void> {
  for await (const headers of archive.headers(log)) yield* headers;
}

/** One line for every entry with a payload, ascending by log and place. */
async function* payloadLines(
  archive: LedgerArchive,
  logs: readonly Surveyed[],
): AsyncGenerator<Uint8Array, void> {
  for (const log of logs.toSorted((a, b) => compare(a.log, b.log))) {
    let refs: EntryName[] = [];
    for (let seq = log.base?.size ?? 0; seq < log.size; seq++) {
      if (log.withPayload.has(seq)) refs.push(log.names.get(seq) ?? refOf(log.log, seq));
      if (refs.length < payloadsAtOnce && seq < log.size - 1) continue;
      for (const answer of await archive.payloads(refs)) yield toBytes(canonicalText(lineOf(answer)));
      refs = [];
    }
  }
}

/** The ledger ships bodies encoded; a bundle holds their text. Where the ledger cannot say, a text is not held. */
function lineOf(answer: Awaited<ReturnType<LedgerArchive["payloads"]>>[number]): Json {
  const { ref } = answer;
  if ("state" in answer) return { ref, state: answer.state === "unknown" ? "not-held" : answer.state };
  const body = fromUtf8(fromB64u(answer.body) ?? new Uint8Array());
  // A bundle has no form for a body that is not text; its author hashed bytes that say nothing.
  return body === null ? { ref, state: "not-held" } : { body, ref, salt: answer.salt };
}

/** Lines gathered into sections, each line followed by LF. */
async function* packed(kind: string, lines: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Section, void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const line of lines) {
    if (bytes > 0 && bytes + line.length + 1 > sectionBytes) {
      yield { kind, content: Buffer.concat(gathered) };
      gathered = [];
      bytes = 0;
    }
    gathered.push(line, newline);
    bytes += line.length + 1;
  }
  if (bytes > 0) yield { kind, content: Buffer.concat(gathered) };
}
const newline = Uint8Array.of(0x0a);

type Bitmap = { set(index: number): void; has(index: number): boolean };
function createBitmap(size: number): Bitmap {
  const bits = new Uint8Array(Math.ceil(size / 8));
  return {
    set: (index) => {
      bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
    },
    has: (index) => ((bits[index >> 3] as number) & (1 << (index & 7))) !== 0,
  };
}
