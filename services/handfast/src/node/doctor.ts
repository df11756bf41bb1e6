/** `handfast doctor`: looks for what would keep the node from working, and says for each finding what it saw. Changes nothing. */
import { existsSync, statfsSync, statSync } from "node:fs";
import { isPortFree } from "@handfast/nats-operator/listener";
import { findNatsServer, readVersion } from "@handfast/nats-operator/version";
import type { NodeApi } from "../cli/node-api.ts";
import type { DataFolder } from "./data-folder.ts";
import { readSettings } from "./settings.ts";

export type Finding = {
  readonly level: "ok" | "note" | "bad";
  readonly what: string;
  readonly found: string;
};

const ok = (what: string, found: string): Finding => ({ level: "ok", what, found });
const note = (what: string, found: string): Finding => ({ level: "note", what, found });
const bad = (what: string, found: string): Finding => ({ level: "bad", what, found });

const wantedDiskBytes = 512 * 1_024 * 1_024;
/** Beyond this other nodes hold back what we write. */
const skewLimitMs = 120_000;

export async function examine(
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
  api: () => Promise<NodeApi>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [runtime(), await natsServer(env["HANDFAST_NATS_SERVER_PATH"], env["PATH"])];
  if (!existsSync(folder.partner))
    return [
      ...findings,
      bad("data folder", `no node in ${folder.dir}; make one: handfast init --name <partner>`),
    ];
  findings.push(...secrets(folder), disk(folder));
  findings.push(
    existsSync(folder.charter)
      ? ok("network", "this node belongs to one")
      : note("network", "none yet: handfast join <invitation>"),
  );
  const up = await reach(api);
  if (up === null) findings.push(note("node", "not up (handfast up)"), ...(await ports(folder, env)));
  else findings.push(ok("node", "up and answering"), ...up);
  return findings;
}

function runtime(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= 26
    ? ok("node.js", process.versions.node)
    : bad("node.js", `${process.versions.node}; 26 is needed (npm run setup)`);
}

async function natsServer(path: string | undefined, search: string | undefined): Promise<Finding> {
  try {
    const binary = findNatsServer(path, search);
    const { version, belowMinimum } = await readVersion(binary);
    return belowMinimum
      ? note("nats-server", `${version} at ${binary}: old; it may listen on loopback only`)
      : ok("nats-server", `${version} at ${binary}`);
  } catch (err) {
    return bad("nats-server", `${(err as Error).message} (apt-get install nats-server)`);
  }
}

function secrets(folder: DataFolder): readonly Finding[] {
  const open = [folder.rootKey, folder.natsIdentity, folder.authorityKey, folder.cliToken].filter(
    (path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0,
  );
  const findings = open.map((path) => bad("secrets", `${path} can be read by others: chmod 600 ${path}`));
  if (findings.length === 0) findings.push(ok("secrets", "only you can read them"));
  if (existsSync(folder.rootKey))
    findings.push(
      note("root key", "lies on this machine; copy it to a place that is not connected and remove it here"),
    );
  return findings;
}

function disk(folder: DataFolder): Finding {
  const { bavail, bsize } = statfsSync(folder.dir);
  const free = bavail * bsize;
  const told = `${Math.round(free / 1_048_576)} MiB free`;
  return free < wantedDiskBytes ? bad("disk", told) : ok("disk", told);
}

async function ports(
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  const { settings } = readSettings(folder, {}, env);
  const wanted = [
    ["HTTP port", settings.httpHost, settings.httpPort],
    ["NATS port", settings.natsHost, settings.natsPort],
  ] as const;
  return Promise.all(
    wanted.map(async ([what, host, port]) => {
      if (port === 0) return ok(what, "any free one");
      return (await isPortFree(host, port))
        ? ok(what, `${port} is free`)
        : bad(what, `${port} on ${host} is taken by another program`);
    }),
  );
}

/** What the running node says; null when none answers. */
async function reach(api: () => Promise<NodeApi>): Promise<readonly Finding[] | null> {
  try {
    const peers = await (await api()).peers();
    return peers.flatMap((peer) => {
      const who = `link to ${String(peer["name"] ?? peer["partner"])}`;
      const skewMs = Number(peer["clockSkewMs"] ?? 0);
      const clock =
        Math.abs(skewMs) > skewLimitMs
          ? [
              bad(
                "clock",
                `${Math.round(skewMs / 1_000)} s apart from ${String(peer["name"])}: set this machine's clock`,
              ),
            ]
          : [];
      return [
        peer["state"] === "connected" ? ok(who, "connected") : note(who, String(peer["state"])),
        ...clock,
      ];
    });
  } catch {
    // Not up, or not reachable with what we have: the caller says so.
    return null;
  }
}
