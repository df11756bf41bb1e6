/** `handfast init`: the folder, and for a founder the network's charter and the partner's log. */
import { writeFileSync } from "node:fs";
import { initLedger } from "@handfast/ledger/service";
import { parseCharter } from "@handfast/protocol/charter";
import { Name } from "@handfast/protocol/text";
import type { DataFolder } from "./data-folder.ts";
import { usage } from "./fault.ts";
import { foundCharter, initNode, type Partner, readRoot } from "./init.ts";

export type InitFlags = {
  readonly name: string;
  readonly network?: string;
  readonly httpPort?: string;
  readonly natsPort?: string;
};
export type InitDone = {
  readonly dir: string;
  readonly name: string;
  readonly partner: string;
  readonly fingerprint: string;
  readonly network: string | null;
};

export async function initCommand(folder: DataFolder, flags: InitFlags, nowMs: number): Promise<InitDone> {
  const name = nameOf(flags.name, "--name");
  const network = flags.network === undefined ? null : nameOf(flags.network, "--network");
  const settings = {
    ...(flags.httpPort === undefined ? {} : { httpPort: portOf(flags.httpPort, "--http-port") }),
    ...(flags.natsPort === undefined ? {} : { natsPort: portOf(flags.natsPort, "--nats-port") }),
  };
  const { partner, fingerprint } = await initNode(folder, name, settings, nowMs);
  if (network !== null) await enterNetwork(folder, partner, foundCharter(network, [partner.id]));
  return { dir: folder.dir, name, partner: partner.id, fingerprint, network };
}

/** Opens this partner's log in the network of that charter, signed by its root key. */
export async function enterNetwork(
  folder: DataFolder,
  partner: Partner,
  charterBytes: Uint8Array,
): Promise<void> {
  const charter = parseCharter(charterBytes);
  if (!charter.ok) throw usage(`the charter is ${charter.code}: ${charter.detail}`);
  const { signer, nextRootHash } = readRoot(folder, partner);
  await initLedger({
    dir: folder.dir,
    charterBytes,
    name: partner.name,
    root: signer,
    nextRootHash,
    now: Date.now,
  });
  // Last: the folder belongs to a network once its log is durable.
  writeFileSync(folder.charter, charterBytes, { mode: 0o600 });
}

function nameOf(text: string, flag: string): string {
  const parsed = Name.safeParse(text.normalize("NFC"));
  if (!parsed.success)
    throw usage(
      `${flag}: ${parsed.error.issues[0]?.message ?? "does not fit"}`,
      "1 to 64 characters, without controls",
    );
  return parsed.data;
}

function portOf(text: string, flag: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw usage(`${flag} takes a port from 0 to 65535`);
  return port;
}
