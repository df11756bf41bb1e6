/**
 * Makes a node's data folder: the root key that names the partner forever, the node's own NATS operator and certificate
 * authority, and, for a founder, the network's charter. The log itself is opened by `init-command.ts`, once the network is known.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createAuthority } from "@handfast/nats-operator/certificates";
import { createOperator } from "@handfast/nats-operator/identity";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { type Charter, defaultParameters, encodeCharter } from "@handfast/protocol/charter";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import { fromMultikey, Hash, Multikey, type PartnerId, toMultikey } from "@handfast/protocol/ids";
import { Name } from "@handfast/protocol/text";
import { generateKey, publicKeyBytes, signerFrom } from "@handfast/tlog/signer";
import { z } from "zod";
import { type DataFolder, makeFolder, readSecret, writeSecret } from "./data-folder.ts";
import { NodeError } from "./fault.ts";
import { settingsFile } from "./settings.ts";

/** What stands in `partner.json`: public, and all that a running node needs to know of the root key. */
export const Partner = z.strictObject({ v: z.literal(1), id: Multikey, name: Name });
export type Partner = Readonly<z.infer<typeof Partner>>;

/** @throws {NodeError} `partner-malformed` */
export function readPartner({ partner: file }: DataFolder): Partner {
  const read = Partner.safeParse(jsonIn(readFileSync(file, "utf8")));
  if (read.success) return read.data;
  throw new NodeError("partner-malformed", `${file} does not say who this node is`, {
    hint: "take it from your backup of this folder",
  });
}

/** Undefined where it is none: no shape takes that. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its reader says what it should have been.
    return undefined;
  }
}

/** What stands in `keys/root.json`: the root key and the next one, whose hash the log commits to. */
const RootFile = z.strictObject({ v: z.literal(1), root: z.string(), next: z.string() });

export type Initialised = { readonly partner: Partner; readonly fingerprint: string };

/** @throws {NodeError} usage: when the folder already holds a node. */
export async function initNode(
  folder: DataFolder,
  name: string,
  settings: Parameters<typeof settingsFile>[0],
  nowMs: number,
): Promise<Initialised> {
  makeFolder(folder);
  const root = generateKey();
  const next = generateKey();
  const partner: Partner = { v: 1, id: toMultikey(publicKeyBytes(root)), name };
  // Certificates and NATS take fewer characters than a partner's name may have, so both are named by its id.
  const authority = await createAuthority(partner.id, nowMs);
  writeSecret(
    folder.rootKey,
    `${JSON.stringify({ v: 1, root: root.exportPem(), next: next.exportPem() })}\n`,
  );
  writeSecret(folder.natsIdentity, `${JSON.stringify(createOperator(partner.id))}\n`);
  writeSecret(folder.authorityKey, authority.keyPem);
  writeFileSync(folder.authority, authority.certificatePem);
  writeFileSync(folder.settings, settingsFile(settings), { mode: 0o600 });
  // A folder that lies in somebody's repository must not be committed: it holds private keys.
  writeFileSync(folder.gitignore, "*\n");
  // Last: a folder without it holds no node, so an interrupted init is begun again in another folder.
  writeFileSync(folder.partner, `${JSON.stringify(partner)}\n`);
  return { partner, fingerprint: fingerprintOf(partner.id) };
}

/** The charter of a new network with this partner as its only founder; canonical bytes. */
export function foundCharter(name: string, founders: readonly PartnerId[]): Uint8Array {
  const charter: Charter = {
    name,
    headers: 2,
    founders: [...founders].sort(),
    nonce: toB64u(randomBytes(16)),
    parameters: defaultParameters,
  };
  return encodeCharter(charter);
}

/** The root key's signer, and the hash of the next root that every log commits to. */
export function readRoot(folder: DataFolder, partner: Partner) {
  const file = RootFile.safeParse(jsonIn(readSecret(folder.rootKey)));
  if (!file.success)
    throw new NodeError("root-key-malformed", `${folder.rootKey} is not a root key of this node`);
  const signer = signerFrom(file.data.root);
  const expected = fromMultikey(partner.id);
  if (expected === null || !Buffer.from(publicKeyBytes(signer)).equals(expected)) {
    throw new NodeError("root-key-differs", `${folder.rootKey} is another partner's root key`);
  }
  const next = toMultikey(publicKeyBytes(signerFrom(file.data.next)));
  return { signer, nextRootHash: Hash.parse(toB64u(labelledHash("handfast/root/v1", next))) };
}
