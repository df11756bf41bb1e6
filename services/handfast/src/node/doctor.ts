/** `handfast doctor`: looks for what would keep the node from working, and says for each finding what it saw. Changes nothing. */

import { existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { NodeView } from "@handfast/api/views/node";
import { NatsOperatorError } from "@handfast/nats-operator/fault";
import { isPortFree } from "@handfast/nats-operator/listener";
import { findNatsServer, readVersion } from "@handfast/nats-operator/version";
import { limits } from "@handfast/protocol/limits";
import { counted } from "@handfast/service-kit/progress";
import { shellWord } from "@handfast/service-kit/shell";
import { clockTrouble, waysOn } from "../cli/log-commands.ts";
import type { NodeApi } from "../cli/node-api.ts";
import { faultOf } from "../cli/output.ts";
import { commandIn, commandToStart, type DataFolder, ownersAlone, writableByOthers } from "./data-folder.ts";
import { NodeError } from "./fault.ts";
import { spoiltFiles } from "./node-files.ts";
import { runningPid } from "./running.ts";
import { readSettings, type Settings } from "./settings.ts";

export type Finding = {
  readonly level: "ok" | "note" | "bad";
  readonly what: string;
  readonly found: string;
};

const ok = (what: string, found: string): Finding => ({ level: "ok", what, found });
const note = (what: string, found: string): Finding => ({ level: "note", what, found });
const bad = (what: string, found: string): Finding => ({ level: "bad", what, found });

const wantedDiskBytes = 512 * 1_024 * 1_024;

export async function examine(
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
  api: () => Promise<Pick<NodeApi, "node" | "url">>,
  nowMs: number,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [runtime(), await natsServer(env["HANDFAST_NATS_SERVER_PATH"], env["PATH"])];
  if (!existsSync(folder.partner))
    return [
      ...findings,
      bad("data folder", `no node in ${folder.dir}: ${commandIn(folder, "init --name <partner>")}`),
    ];
  findings.push(...secrets(folder), disk(folder));
  findings.push(
    existsSync(folder.charter)
      ? ok("network", "this node belongs to one")
      : note("network", `none yet: ${commandIn(folder, "join <invitation>")}`),
  );
  const seen = await reach(api);
  if ("why" in seen) return [...findings, ...(await withoutAnswer(seen, folder, env, nowMs))];
  findings.push(
    seen.health === "ok" ? ok("node", "up and answering") : bad("node", `up, but ${seen.reasons.join("; ")}`),
    ...portsInUse(seen),
    ownLog(seen.ownLog, folder),
    ...seen.peers.map((peer) => link(peer, folder, nowMs)),
    ...seen.forks.map((fork) => forked(fork, folder)),
    clock(seen.peers),
  );
  return findings;
}

/** A node that does not answer is up all the same while its process runs: its ports and its log are then in use, and not at fault. */
async function withoutAnswer(
  { why }: Silent,
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): Promise<readonly Finding[]> {
  const pid = runningPid(folder);
  if (pid !== null)
    return [
      bad("node", `up as process ${pid}, but its state is not known here: ${why}`),
      clockAlone(folder, nowMs),
    ];
  return [
    bad("node", `not up: ${commandToStart(folder)}`),
    ...files(folder),
    ...(await ports(folder, env)),
    clockAlone(folder, nowMs),
  ];
}

/** Damage that the next start would stop at. */
function files(folder: DataFolder): readonly Finding[] {
  const spoilt = spoiltFiles(folder);
  return spoilt.length === 0
    ? [ok("files", "what a start reads is whole")]
    : spoilt.map(({ what, found }) => bad(what, found));
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
  const open = [
    folder.rootKey,
    folder.logKey,
    folder.natsIdentity,
    folder.authorityKey,
    folder.cliToken,
  ].filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0);
  const findings = [
    ...open.map((path) =>
      bad("secrets", `${path} can be read or changed by others: chmod 600 ${shellWord(path)}`),
    ),
    ...writableByOthers(folder)
      .filter((path) => !open.includes(path))
      .map((path) => bad("secrets", `others can change what is in ${path}: ${ownersAlone(path)}`)),
  ];
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
  return free < wantedDiskBytes
    ? bad("disk", `${told}: make room, or the node stops taking entries`)
    : ok("disk", told);
}

async function ports(
  folder: DataFolder,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  let settings: Settings;
  try {
    ({ settings } = readSettings(folder, {}, env));
  } catch (err) {
    if (!(err instanceof NodeError)) throw err;
    return [bad("settings", `${err.message}${err.hint === undefined ? "" : `; ${err.hint}`}`)];
  }
  const wanted = [
    ["HTTP port", settings.httpHost, settings.httpPort],
    ["NATS port", settings.natsHost, settings.natsPort],
  ] as const;
  return Promise.all(
    wanted.map(async ([what, host, port]) => {
      const isFree = await isPortFree(host, port).catch((err: unknown) => {
        if (err instanceof NatsOperatorError) return err;
        throw err;
      });
      if (isFree instanceof NatsOperatorError)
        return bad(what, `${isFree.message}: set another in ${folder.settings}`);
      if (isFree) return ok(what, port === 0 ? "any free one" : `${port} is free`);
      return what === "NATS port" && isLeftOver(folder)
        ? note(what, `${port} is held by the nats-server of a node that was killed; the next start ends it`)
        : bad(
            what,
            `${port} on ${host} is taken by another program: stop that one, or set another port in ${folder.settings}`,
          );
    }),
  );
}

/** Whether the nats-server that this folder's node began still runs, where the node does not. */
function isLeftOver(folder: DataFolder): boolean {
  try {
    return process.kill(Number(readFileSync(join(folder.nats, "nats-server.pid"), "utf8")), 0);
  } catch {
    // No such file, or no such process.
    return false;
  }
}

type Seen = { readonly url: string } & Pick<NodeView, "peers" | "health" | "reasons" | "ownLog" | "forks">;

/** No answer, and why. */
type Silent = { readonly why: string };

/** What the running node says. */
async function reach(api: () => Promise<Pick<NodeApi, "node" | "url">>): Promise<Seen | Silent> {
  try {
    const node = await api();
    const { peers, health, reasons, ownLog, forks } = await node.node();
    return { url: node.url, peers, health, reasons, ownLog, forks };
  } catch (err) {
    // Not up, or not reachable with what we have: the caller says so.
    const { message, hint } = faultOf(err);
    return { why: hint === undefined ? message : `${message}; ${hint}` };
  }
}

const portsInUse = ({ url }: Seen): readonly Finding[] => [ok("HTTP port", `the node answers at ${url}`)];

export function ownLog(own: Seen["ownLog"], folder: DataFolder): Finding {
  const what = "own log";
  if (own === null) return bad(what, "not known: the ledger does not answer");
  const { doubt, size } = own;
  const clock = clockTrouble(own, folder);
  if (doubt === null && clock !== null) return bad(what, `nothing is signed: ${clock}`);
  return doubt === null
    ? ok(what, `${counted(size, ["entry", "entries"])}, and this host agrees`)
    : bad(what, `nothing is signed: ${doubt.detail}; ${waysOn(doubt, folder)}`);
}

/** Nothing is wrong with this node, and only people can find out what happened. */
export function forked(
  { partner, name, log, from, isProven }: Seen["forks"][number],
  folder: DataFolder,
): Finding {
  const them = name ?? partner;
  const spread = isProven ? "every partner hears of it" : "not proven to others yet";
  return note(
    `log of ${them}`,
    `they signed two histories of ${log}, which part at entry ${from} (${spread}). Nothing after that counts unless somebody relied on it. Ask ${them} whether a copy of their folder went on, or their key was stolen; they go on by opening a new log with their root key. ${commandIn(folder, "events")} shows what they wrote`,
  );
}

/** A link that is closed stays so until an operator acts; one that is silent this long does not come back by itself either. */
const deadAfterMs = 10 * 60_000;

export function link(peer: Seen["peers"][number], folder: DataFolder, nowMs: number): Finding {
  const name = peer.name ?? peer.partner;
  const what = `link to ${name}`;
  if (peer.state === "connected") return ok(what, "connected");
  if (peer.state === "closed")
    return bad(
      what,
      `closed: ${peer.why === null ? "" : `${peer.why}. `}To open what was cut off: ${commandIn(folder, `peers restore ${shellWord(name)}`)} (here and there), or join a new invitation of theirs`,
    );
  const { lastHeardAt } = peer;
  const silent = lastHeardAt === null ? null : Math.round((nowMs - lastHeardAt) / 60_000);
  return lastHeardAt !== null && nowMs - lastHeardAt < deadAfterMs
    ? note(what, `reconnecting; heard ${silent} min ago`)
    : bad(
        what,
        `${silent === null ? "not heard since the link was opened here" : `silent for ${silent} min`}${peer.why === null ? "" : `, ${peer.why}`}: ask ${name} whether their node is up, which address it has now, and whether they restored a link that was cut off`,
      );
}

/** Our clock beside the peers': far from one of them it may be theirs that is wrong, far from most it is ours. */
export function clock(peers: Seen["peers"]): Finding {
  const heard = peers.filter((peer) => peer.clockSkewMs !== null);
  const apart = heard.filter((peer) => Math.abs(peer.clockSkewMs ?? 0) > limits.futureMs);
  if (heard.length === 0) return note("clock", "no peer heard yet to compare it with");
  if (apart.length === 0)
    return ok("clock", `within ${limits.futureMs / 1_000} s of ${heard.length} of ${heard.length} peers`);
  const told = apart
    .map((peer) => `${Math.round((peer.clockSkewMs ?? 0) / 1_000)} s from ${peer.name ?? peer.partner}`)
    .join(", ");
  return 2 * apart.length > heard.length
    ? bad("clock", `${told}: set this machine's clock`)
    : note("clock", `${told}; the other peers agree with this machine`);
}

/** Without peers, a clock can only be seen to have gone back: behind what this node wrote itself. */
function clockAlone(folder: DataFolder, nowMs: number): Finding {
  const written = [folder.partner, folder.charter, folder.log]
    .filter((path) => existsSync(path))
    .map((path) => statSync(path).mtimeMs);
  const aheadMs = Math.max(...written) - nowMs;
  return aheadMs > limits.futureMs
    ? bad("clock", `${Math.round(aheadMs / 1_000)} s before this node's last entry: set this machine's clock`)
    : ok("clock", "not before this node's last entry; peers are asked when it is up");
}
