/**
 * A partner that writes a log by hand: real keys, real headers, real checkpoints, and whatever a test wants to be wrong.
 * It keeps everything it wrote, so that any range or cut can be framed later.
 */
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import {
  type Charter,
  defaultParameters,
  encodeCharter,
  type HeaderVersion,
  networkIdOf,
} from "@handfast/protocol/charter";
import type { Frame } from "@handfast/protocol/frame";
import { type At, encodeHeader, type Header } from "@handfast/protocol/header";
import {
  type LogId,
  type NetworkId,
  type PartnerId,
  type PinnedRef,
  pin,
  refOf,
  toMultikey,
} from "@handfast/protocol/ids";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import type { Signer } from "@handfast/tlog/ed25519";
import { readerOf, rootAt } from "@handfast/tlog/hash-reader";
import { formatNote } from "@handfast/tlog/note";
import { anchoredProof } from "@handfast/tlog/proofs";
import { type KeyPair, publicKeyBytes, signerFrom } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";

/** The beginning of the tests' time: before the present, so that nothing is ahead of a real clock. */
export const testEpochMs = 1_700_000_000_000;

const testKeys = new Map<string, KeyPair>();

/** A key that is the same in every run, so that failures can be repeated; made once, since admission takes a millisecond. */
export function testKey(name: string): KeyPair {
  const key = testKeys.get(name) ?? signerFrom(labelledHash("handfast/test-key", name));
  testKeys.set(name, key);
  return key;
}
export const partnerIdOf = (name: string): PartnerId => toMultikey(publicKeyBytes(testKey(`${name} root`)));

type TestCharter = { readonly charter: Charter; readonly net: NetworkId; readonly bytes: Uint8Array };
/** A charter of these founders, as release 0.1.0 wrote it. */
export const testCharter = (...founders: readonly string[]): TestCharter => charterWith(founders, {});
/** A charter of these founders, whose network has headers of version 2. */
export const chainedCharter = (...founders: readonly string[]): TestCharter =>
  charterWith(founders, { headers: 2 });

function charterWith(founders: readonly string[], form: Pick<Charter, "headers">): TestCharter {
  const charter: Charter = {
    name: "Valley",
    ...form,
    founders: founders.map(partnerIdOf).sort(),
    nonce: toB64u(new Uint8Array(16)),
    parameters: defaultParameters,
  };
  const bytes = encodeCharter(charter);
  return { charter, net: networkIdOf(bytes), bytes };
}

export type Author = {
  readonly by: PartnerId;
  readonly log: LogId;
  readonly origin: string;
  readonly root: KeyPair;
  readonly key: KeyPair;
  readonly size: number;
  /** Writes an entry and answers its pinned ref. `at` goes up by itself; what is given takes precedence. */
  write(entry?: Partial<Header>): PinnedRef;
  ref(seq: number): PinnedRef;
  header(seq: number): Header;
  bytes(seq: number): Uint8Array;
  /** The checkpoint at a size, signed by who should unless told otherwise. */
  note(size: number, signer?: Signer): string;
  /** Entries [from, to) under the checkpoint at `noteSize` (default: `to`). */
  frame(from: number, to: number, noteSize?: number): Frame;
};

export type AuthorOptions = {
  readonly log?: LogId;
  /** Default: 1. */
  readonly version?: HeaderVersion;
  /** Of `log.opened`; later ones follow. */
  readonly at?: At;
  /** Members of `log.opened` beside or instead of the usual ones. */
  readonly opening?: Header["x"];
};

/** A partner whose log holds `log.opened`. Two of one name are one partner with two logs unless `log` is the same. */
export function createAuthor(net: NetworkId, name: string, options: AuthorOptions = {}): Author {
  const root = testKey(`${name} root`);
  const key = testKey(`${name} log`);
  const by = partnerIdOf(name);
  const { version = 1 } = options;
  const log = options.log ?? toB64u(labelledHash("handfast/test-log", name).subarray(0, 16));
  const origin = `handfast/v1/${net}/${by}/${log}`;
  const entries: { readonly header: Header; readonly bytes: Uint8Array; readonly hash: Uint8Array }[] = [];

  const write = (entry: Partial<Header> = {}): PinnedRef => {
    const before: At = entries.at(-1)?.header.at ?? [testEpochMs, 0];
    const last = entries.at(-1);
    const header: Header = {
      v: version,
      net,
      by,
      log,
      seq: entries.length,
      at: [before[0] + 1, 0],
      parents: [],
      type: "org.example.noted",
      subject: null,
      audience: "network",
      payload: null,
      ...(version === 2 && last !== undefined ? { prev: toB64u(last.hash) } : {}),
      x: {},
      ...entry,
    };
    const bytes = encodeHeader(header);
    entries.push({ header, bytes, hash: leafHash(bytes) });
    return ref(header.seq);
  };
  const entryAt = (seq: number) => {
    const entry = entries[seq];
    if (entry === undefined) throw new RangeError(`${name} wrote no entry ${seq}`);
    return entry;
  };
  const ref = (seq: number): PinnedRef => pin(refOf(log, seq), toB64u(entryAt(seq).hash));
  const reader = () => readerOf(entries.map(({ hash }) => hash));
  const note = (size: number, signer: Signer = size === 1 ? root : key): string =>
    formatNote(signCheckpoint({ origin, size, root: rootAt(reader(), size) }, signer));

  const multikey = (part: string): string => toMultikey(publicKeyBytes(testKey(`${name} ${part}`)));
  const next = toB64u(labelledHash("handfast/root/v1", multikey("next")));
  write({
    type: "log.opened",
    at: options.at ?? [testEpochMs, 0],
    x: { root: by, keys: [multikey("log")], witness: multikey("witness"), next, name, ...options.opening },
  });

  return {
    by,
    log,
    origin,
    root,
    key,
    get size() {
      return entries.length;
    },
    write,
    ref,
    header: (seq) => entryAt(seq).header,
    bytes: (seq) => entryAt(seq).bytes,
    note,
    frame: (from, to, noteSize = to) => ({
      net,
      log,
      from,
      to,
      headers: entries.slice(from, to).map(({ bytes }) => bytes),
      proof: noteSize === to ? [] : anchoredProof(reader(), to, noteSize),
      note: note(noteSize),
    }),
  };
}
