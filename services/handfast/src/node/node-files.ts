/** The files of a data folder that a start reads: how each is read, and what is said where a disk or a hand has spoilt it. */
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readLogKey } from "@handfast/ledger/files";
import { spoiltEntry } from "@handfast/ledger/look-through";

import { type CertifiedKey, parseCertifiedKey } from "@handfast/nats-operator/certificates";
import { type OperatorIdentity, parseOperatorIdentity } from "@handfast/nats-operator/identity";
import { type Charter, parseCharter } from "@handfast/protocol/charter";
import { faultIn } from "@handfast/storage/check";
import { commandIn, type DataFolder, readSecret } from "./data-folder.ts";
import { NodeError } from "./fault.ts";
import { readPartner } from "./init.ts";

const fromBackup = "take it from your backup of this folder";

/** @throws {NodeError} `charter-malformed` */
export function readCharter({ charter: path }: DataFolder): Charter {
  const charter = parseCharter(new Uint8Array(readFileSync(path)));
  if (charter.ok) return charter.value;
  throw new NodeError("charter-malformed", `${path} is ${charter.code}: ${charter.detail}`, {
    hint: fromBackup,
  });
}

/** @throws {NodeError} `key-malformed`: parsers' own messages may quote a key. */
export const readNatsIdentity = ({ natsIdentity: path }: DataFolder): OperatorIdentity =>
  readKey(path, (text) => parseOperatorIdentity(JSON.parse(text)));

/** @throws {NodeError} `key-malformed` */
export const readAuthority = ({ authority, authorityKey }: DataFolder): CertifiedKey =>
  readKey(authorityKey, (keyPem) => {
    createPrivateKey(keyPem);
    const certificate = readFileSync(authority, "utf8");
    return readKey(authority, () => parseCertifiedKey(certificate, keyPem), certificate);
  });

/** Before a server is started for a node that could not sign. @throws {NodeError | LedgerError} */
export function assertLogKey({ logKey }: DataFolder): void {
  if (existsSync(logKey)) readLogKey(logKey);
}

function readKey<Key>(path: string, parse: (text: string) => Key, text = readSecret(path)): Key {
  try {
    return parse(text);
  } catch (err) {
    if (err instanceof NodeError) throw err;
    throw new NodeError("key-malformed", `${path} does not hold what init wrote there`, { hint: fromBackup });
  }
}

export type SpoiltFile = { readonly what: string; readonly found: string };

/** What is spoilt in the folder of a node that is not up. The read model is left out: it is made again from the log. */
export function spoiltFiles(folder: DataFolder): readonly SpoiltFile[] {
  const reading: readonly [path: string, read: () => unknown][] = [
    [folder.partner, () => readPartner(folder)],
    [folder.charter, () => readCharter(folder)],
    [folder.logKey, () => readLogKey(folder.logKey)],
    [folder.natsIdentity, () => readNatsIdentity(folder)],
    [folder.authorityKey, () => readAuthority(folder)],
  ];
  const files = reading
    .filter(([path]) => existsSync(path))
    .flatMap(([, read]) => {
      const why = whyNot(read);
      return why === null ? [] : [{ what: "files", found: why }];
    });
  return [...files, ...databases(folder)];
}

function whyNot(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (err) {
    const { message, hint = fromBackup } = err as { readonly message: string; readonly hint?: string };
    return `${message}: ${hint}`;
  }
}

function databases(folder: DataFolder): readonly SpoiltFile[] {
  const restore = `move ${folder.dir} away, then ${commandIn(folder, "restore <backup>")}`;
  const files = [folder.log, join(folder.federation, "links.db"), join(folder.gateway, "tokens.db")];
  const damaged = files
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      const fault = faultIn(path);
      return fault === null ? [] : [{ path, fault }];
    });
  if (damaged.length > 0 || !existsSync(folder.log))
    return damaged.map(({ path, fault }) => ({
      what: path === folder.log ? "log.db" : "files",
      found: `${path} is damaged (${fault}): ${restore}`,
    }));
  const entry = spoiltEntry(folder.dir);
  return entry === null
    ? []
    : [{ what: "log.db", found: `${folder.log} is damaged (entry ${entry} cannot be read): ${restore}` }];
}
