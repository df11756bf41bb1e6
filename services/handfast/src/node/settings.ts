/**
 * A node's settings: flag, then `HANDFAST_*`, then `handfast.yaml`, then default. One strict schema; every bad value is
 * named at once, by its key and what is expected. Only a flag's value is repeated: the others may be a secret in a wrong place.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { expectationOf } from "@handfast/api/misfits";
import { budgets } from "@handfast/protocol/budgets";
import { Endpoint } from "@handfast/protocol/federation";
import { formats } from "@handfast/protocol/formats";
import { parse } from "yaml";
import { z } from "zod";
import { nameOf } from "../cli/flags.ts";
import { commandIn, type DataFolder } from "./data-folder.ts";
import { usage } from "./fault.ts";

const Port = z.coerce.number().int().min(0).max(65_535);
const HostName = z
  .string()
  .regex(/^[a-z0-9.:[\]-]{1,253}$/i)
  .register(formats, { id: "host-name" });

const Count = z.coerce.number().int().min(1).max(1_000_000_000_000);

export const Settings = z.strictObject({
  httpHost: HostName.default("127.0.0.1"),
  /** 0 takes a free port; `handfast status` tells which. */
  httpPort: Port.default(7430),
  /** Names beside loopback ones by which callers reach the HTTP API, without port. */
  httpNames: z.array(HostName).max(64).default([]),
  natsHost: HostName.default("127.0.0.1"),
  natsPort: Port.default(7422),
  /** Addresses partners dial, as in invitations: `tls://host:port`. Default: this machine's loopback. */
  natsAdvertise: z.array(Endpoint).max(8).default([]),
  natsServerPath: z.string().min(1).optional(),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  /** How often all links compare heads, in seconds; jittered. */
  reconcileSeconds: z.coerce.number().int().min(1).max(3_600).default(300),
  /** What is taken of one member: entries and MiB of headers an hour (eight hours' worth at once), and entries in all. */
  memberEntriesPerHour: Count.default(budgets.member.entriesPerHour),
  memberMebibytesPerHour: Count.default(budgets.member.headerMebibytesPerHour),
  memberEntries: Count.default(budgets.member.entries),
  /** What this host keeps outside data folders: how far the logs in them were signed. Default: `stateDirOf`. */
  stateDir: z.string().min(1).optional(),
});
export type Settings = Readonly<z.infer<typeof Settings>>;
/** With what is found out where a setting names none. */
export type WholeSettings = Settings & { readonly stateDir: string };
type Key = keyof Settings;

/** Where each setting's value came from. */
type Source = "flag" | "environment" | "file" | "default";
export type ReadSettings = { readonly settings: Settings; readonly sources: Readonly<Record<Key, Source>> };

export const settingKeys = Object.keys(Settings.shape) as readonly Key[];
/** Commas part their items in a variable. */
const lists: ReadonlySet<Key> = new Set(["httpNames", "natsAdvertise"]);
/** `natsHost` is `HANDFAST_NATS_HOST`. */
const variableOf = (key: Key): string =>
  `HANDFAST_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** @throws {NodeError} usage: naming every bad key at once. */
export function readSettings(
  folder: DataFolder,
  flags: Readonly<Partial<Record<Key, unknown>>>,
  env: Readonly<Record<string, string | undefined>>,
): ReadSettings {
  const file = readFile(folder);
  const found: Partial<Record<Key, unknown>> = {};
  const sources = {} as Record<Key, Source>;
  for (const key of settingKeys) {
    const variable = env[variableOf(key)];
    const fromEnv = lists.has(key) ? variable?.split(",") : variable;
    const [value, source]: [unknown, Source] =
      flags[key] !== undefined
        ? [flags[key], "flag"]
        : fromEnv !== undefined
          ? [fromEnv, "environment"]
          : file[key] !== undefined
            ? [file[key], "file"]
            : [undefined, "default"];
    if (value !== undefined) found[key] = value;
    sources[key] = source;
  }
  const unknown = Object.keys(file).filter((key) => !settingKeys.includes(key as Key));
  const parsed = Settings.safeParse(found);
  const bad = parsed.success ? [] : [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
  if (unknown.length > 0 || !parsed.success) {
    const parts = [
      ...bad.map((key) => misfitOf(key as Key, found[key as Key], sources[key as Key])),
      ...unknown.map((key) => `${key} in ${folder.settings} is not a setting`),
    ];
    throw usage(
      parts.join("; "),
      unknown.length > 0
        ? `settings are: ${settingKeys.join(", ")}`
        : bad.some((key) => sources[key as Key] === "file")
          ? `mend ${folder.settings}`
          : `for example ${bad.map((key) => exampleOf(key as Key, sources[key as Key])).join(" and ")}; what it is now: ${commandIn(folder, "config explain")}`,
    );
  }
  assertPortsApart(parsed.data);
  return { settings: parsed.data, sources };
}

const everyAddress: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]"]);

/** Two programs cannot listen at one port of one address. @throws {NodeError} usage */
export function assertPortsApart({ httpHost, httpPort, natsHost, natsPort }: Settings): void {
  const isShared = httpHost === natsHost || everyAddress.has(httpHost) || everyAddress.has(natsHost);
  if (httpPort === 0 || httpPort !== natsPort || !isShared) return;
  throw usage(
    `httpPort and natsPort are both ${httpPort}: each needs a port of its own`,
    "for example --http-port 7430 and --nats-port 7422; 0 takes any free one",
  );
}

/** By the XDG Base Directory Specification: `$XDG_STATE_HOME/handfast`, or `~/.local/state/handfast`. */
export function stateDirOf(
  { stateDir }: Pick<Settings, "stateDir">,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (stateDir !== undefined) return resolve(stateDir);
  const { XDG_STATE_HOME: base, HOME: home } = env;
  // The specification passes over relative paths.
  return base !== undefined && isAbsolute(base)
    ? join(base, "handfast")
    : join(home || homedir(), ".local", "state", "handfast");
}

/** The setting at its default, as it is given there. */
function exampleOf(key: Key, source: Source): string {
  const value = foundOut[key] ?? listed[key] ?? String(Settings.parse({})[key]);
  return source === "flag" ? `${nameOf(key)} ${value}` : `${variableOf(key)}=${value}`;
}

const misfitOf = (key: Key, value: unknown, source: Source): string =>
  `${key} (from ${source}): ${source === "flag" ? `got ${JSON.stringify(value)}, ` : ""}expected ${expectationOf(Settings.shape[key])}`;

function readFile(folder: DataFolder): Readonly<Record<string, unknown>> {
  if (!existsSync(folder.settings)) return {};
  let value: unknown;
  try {
    value = parse(readFileSync(folder.settings, "utf8"));
  } catch (cause) {
    throw usage(`${folder.settings} is not YAML: ${(cause as Error).message.split("\n")[0]}`);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw usage(`${folder.settings} holds no settings`);
  return value as Record<string, unknown>;
}

/** What a setting without a default may be, as an example. */
const foundOut: Readonly<Partial<Record<Key, string>>> = {
  natsServerPath: "/usr/sbin/nats-server",
  stateDir: "/var/lib/handfast-state",
};

/** The same of a list, which is empty by default. */
const listed: Readonly<Partial<Record<Key, string>>> = {
  httpNames: "handfast.orchard.example",
  natsAdvertise: "tls://hub.orchard.example:7422",
};

/** The file `handfast init` writes: every setting, commented out at its default. */
export function settingsFile(chosen: Readonly<Partial<Record<Key, unknown>>>): string {
  const lines: readonly [Key, string][] = [
    ["httpHost", "Where the HTTP API listens. Beyond loopback put TLS in front of it."],
    ["httpPort", "0 takes a free port."],
    ["httpNames", "Names callers use when a proxy stands in front, for example [handfast.orchard.example]."],
    ["natsHost", "Where partners' nodes reach this one. Beyond loopback the nats-server must be current."],
    ["natsPort", "Partners know your node by it: keep it fixed."],
    ["natsAdvertise", "Addresses written into invitations, for example [tls://hub.orchard.example:7422]."],
    ["natsServerPath", "The nats-server to run; default: the first in PATH."],
    ["logLevel", "debug, info, warn, error or silent."],
    ["reconcileSeconds", "How often links compare their logs."],
    [
      "memberEntriesPerHour",
      "How many entries of one member are taken in an hour; eight hours' worth at once.",
    ],
    ["memberMebibytesPerHour", "The same in MiB of their headers."],
    ["memberEntries", "How many entries of one member are taken in all."],
    ["stateDir", "A folder of this host, never copied with this one: how far the log was signed."],
  ];
  const defaults = Settings.parse({});
  const body = lines.map(([key, comment]) => {
    const value = chosen[key] ?? defaults[key];
    const text = `${key}: ${value === undefined ? foundOut[key] : JSON.stringify(value)}`;
    return `# ${comment}\n${chosen[key] === undefined ? "# " : ""}${text}\n`;
  });
  return `# Settings of this node. A flag or a HANDFAST_* variable wins over what stands here.\n\n${body.join("\n")}`;
}
