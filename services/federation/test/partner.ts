/** A partner with real keys and an opened log, for tests: what it signs is signed, what it opens is a frame. */
import { randomBytes } from "node:crypto";
import type { SignRequest } from "@handfast/api/messages/ledger";
import { fromUtf8, toB64u } from "@handfast/protocol/bytes";
import { defaultParameters, encodeCharter, networkIdOf } from "@handfast/protocol/charter";
import { type KeyChange, statementMessage } from "@handfast/protocol/federation";
import { formatFrame } from "@handfast/protocol/frame";
import { encodeHeader, type Header } from "@handfast/protocol/header";
import { type NetworkId, toMultikey } from "@handfast/protocol/ids";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { formatNote } from "@handfast/tlog/note";
import { generateKey, type KeyPair } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { readCredentials, type Speaker } from "../src/speaker.ts";

export const multikeyOf = (key: KeyPair): string => toMultikey(key.publicKey.bytes);

/** @param root Its name; a fresh one when left out. */
export function createPartner(
  net: NetworkId,
  name: string,
  root: KeyPair = generateKey(),
  next: string = toB64u(randomBytes(32)),
) {
  const key = generateKey();
  const by = multikeyOf(root);
  const log = toB64u(randomBytes(16));
  const header: Header = {
    v: 1,
    net,
    by,
    log,
    seq: 0,
    at: [1_700_000_000_000, 0],
    parents: [],
    type: "log.opened",
    subject: null,
    audience: "network",
    payload: null,
    x: {
      root: by,
      keys: [multikeyOf(key)],
      witness: multikeyOf(generateKey()),
      next,
      name,
    },
  };
  /** The frame `0 1` with a checkpoint by whom one likes. */
  const openedBy = (signer: KeyPair, over: Partial<Header> = {}): string => {
    const bytes = encodeHeader({ ...header, ...over });
    const origin = `handfast/v1/${net}/${by}/${log}`;
    const note = formatNote(signCheckpoint({ origin, size: 1, root: leafHash(bytes) }, signer));
    return fromUtf8(formatFrame({ net, log, from: 0, to: 1, headers: [bytes], proof: [], note })) ?? "";
  };
  const read = readCredentials({ opened: openedBy(root) }, net);
  if (!read.ok) throw new Error(`a test partner is ${read.code}`);
  const own: Speaker = read.value;
  return {
    own,
    key,
    openedBy,
    /** The ledger's part: signs with the log key. */
    ledger: {
      sign: async ({ kind, text }: SignRequest) => ({ sig: toB64u(key.sign(statementMessage(kind, text))) }),
    },
  };
}

/** A later log of a partner, as it shows that its keys were set anew. */
export function laterLog(
  own: Pick<Speaker, "partner">,
  net: NetworkId,
  {
    root,
    key,
    next,
    at = 2,
    signer = root,
    ...over
  }: {
    readonly root: KeyPair;
    readonly key: KeyPair;
    readonly next: string;
    /** Seconds after the first log. */
    readonly at?: number;
    readonly signer?: KeyPair;
    readonly by?: string;
    readonly isByLogKey?: boolean;
    readonly size?: number;
    readonly before?: readonly string[];
  },
): KeyChange {
  const log = toB64u(randomBytes(16));
  const by = over.by ?? own.partner;
  const previous = { log: toB64u(randomBytes(16)), root: toB64u(randomBytes(32)), size: 7 };
  const header: Header = {
    v: 1,
    net,
    by,
    log,
    seq: 0,
    at: [1_700_000_000_000 + at * 1_000, 0],
    parents: [],
    type: "log.opened",
    subject: null,
    audience: "network",
    payload: null,
    x: {
      root: multikeyOf(root),
      keys: [multikeyOf(key)],
      witness: multikeyOf(generateKey()),
      next,
      name: "Orchard",
      previous: over.isByLogKey === true ? { ...previous, signed: "log-key" } : previous,
    },
  };
  const bytes = encodeHeader(header);
  const head = {
    origin: `handfast/v1/${net}/${by}/${log}`,
    size: over.size ?? 1,
    root: leafHash(bytes),
  };
  return {
    header: fromUtf8(bytes) ?? "",
    before: [...(over.before ?? [])],
    note: formatNote(signCheckpoint(head, signer)),
  };
}

/** A charter with one founder. */
export function createNetwork(founder: KeyPair) {
  const charter = encodeCharter({
    name: "Valley",
    founders: [multikeyOf(founder)],
    nonce: toB64u(randomBytes(16)),
    parameters: defaultParameters,
  });
  return { charter, net: networkIdOf(charter) };
}
