/** `handfast init`: the folder, and for a founder the network's charter and the partner's log. */
import { existsSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initLedger } from "@handfast/ledger/service";
import { parseCharter } from "@handfast/protocol/charter";
import type { DataFolder } from "./data-folder.ts";
import { usage } from "./fault.ts";
import { givenName, givenPartnerName } from "./given-name.ts";
import { foundCharter, initNode, type Partner, readRoot } from "./init.ts";
import { assertPortsApart, Settings } from "./settings.ts";

export type InitFlags = {
  readonly name: string;
  readonly network?: string;
  readonly httpPort?: string;
  readonly natsPort?: string;
  /** Where this host keeps how far its logs were signed. */
  readonly stateDir: string;
  /** Written into the settings: where it was named, and not found out. */
  readonly isStateDirNamed?: boolean;
};
export type InitDone = {
  readonly dir: string;
  readonly name: string;
  readonly partner: string;
  readonly fingerprint: string;
  readonly network: string | null;
};

/** Makes a node's data folder, or leaves nothing behind. @throws {NodeError} usage */
export async function initCommand(folder: DataFolder, flags: InitFlags, nowMs: number): Promise<InitDone> {
  const name = givenPartnerName(flags.name, "--name");
  const network = flags.network === undefined ? null : givenName(flags.network, "--network");
  const settings = {
    ...(flags.httpPort === undefined ? {} : { httpPort: portOf(flags.httpPort, "--http-port") }),
    ...(flags.natsPort === undefined ? {} : { natsPort: portOf(flags.natsPort, "--nats-port") }),
    ...(flags.isStateDirNamed === true ? { stateDir: flags.stateDir } : {}),
  };
  assertPortsApart(Settings.parse(settings));
  assertNoFile(folder);
  const before = entriesOf(folder);
  try {
    const { partner, fingerprint } = await initNode(folder, name, settings, nowMs);
    if (network !== null)
      await enterNetwork(folder, partner, foundCharter(network, [partner.id]), flags.stateDir);
    return { dir: folder.dir, name, partner: partner.id, fingerprint, network };
  } catch (err) {
    removeWhatIsNew(folder, before);
    throw err;
  }
}

/** @throws {NodeError} usage: where the folder's path names something else. */
function assertNoFile({ dir }: DataFolder): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false)
    throw usage(`${dir} is a file, and a node needs a folder`, "name another folder with --data");
}

/** What a folder holds; null where there is none. */
const entriesOf = ({ dir }: DataFolder): ReadonlySet<string> | null =>
  existsSync(dir) ? new Set(readdirSync(dir)) : null;

/** Half a node would be in the way of the next attempt, and its keys name nobody. */
function removeWhatIsNew(folder: DataFolder, before: ReadonlySet<string> | null): void {
  if (!existsSync(folder.dir)) return;
  const isNew = (entry: string) => before?.has(entry) !== true;
  for (const entry of readdirSync(folder.dir).filter(isNew))
    rmSync(join(folder.dir, entry), { recursive: true, force: true });
  if (before === null) rmdirSync(folder.dir);
}

/** Opens this partner's log in the network of that charter, signed by its root key. */
export async function enterNetwork(
  folder: DataFolder,
  partner: Partner,
  charterBytes: Uint8Array,
  stateDir: string,
): Promise<void> {
  const charter = parseCharter(charterBytes);
  if (!charter.ok) throw usage(`the charter is ${charter.code}: ${charter.detail}`);
  const { signer, nextRootHash } = readRoot(folder, partner);
  await initLedger({
    dir: folder.dir,
    stateDir,
    charterBytes,
    name: partner.name,
    root: signer,
    nextRootHash,
    now: Date.now,
  });
  // Last: the folder belongs to a network once its log is durable.
  writeFileSync(folder.charter, charterBytes, { mode: 0o600 });
}

function portOf(text: string, flag: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw usage(
      `${flag}: ${text} is not a port`,
      `give a number from 0 (any free port) to 65535, for example ${flag} 7430`,
    );
  return port;
}
