/** A partner with real keys and an opened log, for tests: what it signs is signed, what it opens is a frame. */
import { randomBytes } from "node:crypto";
import type { SignRequest } from "@handfast/api/messages/ledger";
import { fromUtf8, toB64u } from "@handfast/protocol/bytes";
import { defaultParameters, encodeCharter, networkIdOf } from "@handfast/protocol/charter";
import { statementMessage } from "@handfast/protocol/federation";
import { formatFrame } from "@handfast/protocol/frame";
import { encodeHeader, type Header } from "@handfast/protocol/header";
import { type NetworkId, toMultikey } from "@handfast/protocol/ids";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { formatNote } from "@handfast/tlog/note";
import { generateKey, type KeyPair } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { type Opened, readOpened } from "../src/statements.ts";

export const multikeyOf = (key: KeyPair): string => toMultikey(key.publicKey.bytes);

/** @param root Its name; a fresh one when left out. */
export function createPartner(net: NetworkId, name: string, root: KeyPair = generateKey()) {
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
      next: toB64u(randomBytes(32)),
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
  const read = readOpened(openedBy(root), net);
  if (!read.ok) throw new Error(`a test partner is ${read.code}`);
  const own: Opened = read.value;
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
