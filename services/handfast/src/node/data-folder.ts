/**
 * A node's data folder: where each thing lies, and who may read it. Everything a partner must keep is in here, so that a
 * backup is one folder; what shows whether it is the newest one lies elsewhere on this host.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exitCodes } from "@handfast/api/exit-codes";
import { shellWord } from "@handfast/service-kit/shell";
import { NodeError, usage } from "./fault.ts";

export type DataFolder = ReturnType<typeof dataFolder>;

/** The paths inside a data folder, whether it exists or not. */
export function dataFolder(path: string) {
  const dir = resolve(path);
  return {
    dir,
    settings: join(dir, "handfast.yaml"),
    /** The founding charter's canonical bytes; absent until the node belongs to a network. */
    charter: join(dir, "charter.json"),
    partner: join(dir, "partner.json"),
    keys: join(dir, "keys"),
    rootKey: join(dir, "keys", "root.json"),
    logKey: join(dir, "keys", "log.json"),
    log: join(dir, "log.db"),
    natsIdentity: join(dir, "keys", "nats.json"),
    authority: join(dir, "keys", "authority.pem"),
    authorityKey: join(dir, "keys", "authority.key.pem"),
    /** The token by which the command line on this machine speaks to the node. */
    cliToken: join(dir, "keys", "cli-token"),
    nats: join(dir, "nats"),
    /** The credentials of this start's services. */
    natsUsers: join(dir, "nats", "users"),
    /** The read model. */
    partnership: join(dir, "partnership"),
    gateway: join(dir, "gateway"),
    federation: join(dir, "federation"),
    /** The invitation to take up at the next start. */
    pendingInvitation: join(dir, "federation", "invitation"),
    gitignore: join(dir, ".gitignore"),
    /** Written while the node is up: where its HTTP API is. */
    running: join(dir, "running.json"),
  } as const;
}

/** Where a node is when nothing else is said, in the folder a command is given in. */
export const defaultFolder = "./handfast-data";

/** A command on the node in this folder, as it can be typed here: `--data` is left out where it would be the default. */
export const commandIn = ({ dir }: Pick<DataFolder, "dir">, words: string): string =>
  dir === resolve(defaultFolder) ? `handfast ${words}` : `handfast --data ${shellWord(dir)} ${words}`;

/** What brings a node up: a network first, where it belongs to none yet. */
export const commandToStart = (folder: DataFolder): string =>
  commandIn(folder, existsSync(folder.charter) ? "up" : "join <invitation>");

/**
 * Makes the folder with mode 0700. Its parent must exist, so that a mistyped path is reported and not created.
 *
 * @throws {NodeError} usage: where it holds anything, and so also keys without a node: they may be the only copy.
 */
export function makeFolder(folder: DataFolder): void {
  if (existsSync(folder.partner)) {
    throw usage(
      `${folder.dir} already holds a node`,
      `choose another folder with --data, or run \`${commandIn(folder, "status")}\``,
    );
  }
  const remains = [folder.rootKey, folder.natsIdentity, folder.authorityKey].find((path) => existsSync(path));
  if (remains !== undefined) {
    throw usage(
      `${remains} is a key, but ${folder.dir} holds no whole node (partner.json is missing)`,
      "choose another folder with --data; or restore your backup; or, if an init broke off here, remove the folder",
    );
  }
  const others = existsSync(folder.dir)
    ? readdirSync(folder.dir).filter((entry) => !ofTheDisk.has(entry))
    : [];
  if (others.length > 0) {
    throw usage(
      `${folder.dir} holds ${others[0]}${others.length > 1 ? ` and ${others.length - 1} more` : ""}, which a node would write over or hide`,
      "name a new or an empty folder with --data",
    );
  }
  if (!existsSync(dirname(folder.dir)))
    throw usage(`there is no folder ${dirname(folder.dir)}`, "check the path, or create that folder first");
  for (const dir of [folder.dir, folder.keys, folder.gateway, folder.federation]) makeOne(dir);
  // A folder that was there already keeps its mode: what is in it is nobody else's all the same.
  chmodSync(folder.dir, 0o700);
}

/** What a freshly made file system holds by itself. */
const ofTheDisk: ReadonlySet<string> = new Set(["lost+found"]);

/** One folder at a time: where none can be made (`/proc`), making parents as well would try without end. */
function makeOne(dir: string): void {
  if (existsSync(dir)) return;
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new NodeError("folder-not-made", `${dir} cannot be made (${code})`, {
      cause,
      exitCode: exitCodes.usage,
      hint: "name a folder that you may write to with --data",
    });
  }
}

/** Writes a new file that only its owner may read; never over another one. */
export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
}

/** @throws {NodeError} usage: a folder; `key-readable-by-others` when a secret's mode lets anyone but the owner read or change it. */
export function readSecret(path: string): string {
  const { mode } = assertFile(path);
  if ((mode & 0o077) !== 0) {
    throw new NodeError("key-readable-by-others", `${path} can be read or changed by others`, {
      hint: `chmod 600 ${shellWord(path)}`,
    });
  }
  return readFileSync(path, "utf8");
}

/** @throws {NodeError} usage: where that is a folder, or the like. */
export function assertFile(path: string): Stats {
  const there = statSync(path);
  if (there.isFile()) return there;
  throw usage(`${path} is ${there.isDirectory() ? "a folder" : "a device or the like"}`, "name a file");
}

/** @throws {NodeError} usage: when there is no node in the folder; `folder-writable-by-others`. */
export function assertNode(folder: DataFolder): void {
  if (!existsSync(folder.partner))
    throw usage(
      `there is no node in ${folder.dir}`,
      `make one with \`${commandIn(folder, "init --name <partner>")}\`, or name its folder with --data`,
    );
  assertOwners(folder);
}

/** Anyone who can write in a folder can replace a key in it. @throws {NodeError} `folder-writable-by-others` */
export function assertOwners(folder: DataFolder): void {
  const open = writableByOthers(folder)[0];
  if (open === undefined) return;
  throw new NodeError("folder-writable-by-others", `others can change what is in ${open}`, {
    hint: `${ownersAlone(open)}, once you know that nobody did`,
  });
}

/** Folders and files that somebody beside their owner may write, and that nobody else may. */
export const writableByOthers = ({
  dir,
  keys,
  rootKey,
  logKey,
  log,
  settings,
}: DataFolder): readonly string[] =>
  [dir, keys, rootKey, logKey, log, settings].filter(
    (path) => existsSync(path) && (statSync(path).mode & 0o022) !== 0,
  );

/** The command that leaves a folder or a file to its owner. */
export const ownersAlone = (path: string): string =>
  `chmod ${statSync(path).isDirectory() ? 700 : 600} ${shellWord(path)}`;

/** @throws {NodeError} `key-readable-by-others`: before a server is started for a node that could not sign. */
export function assertLogKeySecret({ logKey }: DataFolder): void {
  if (existsSync(logKey)) readSecret(logKey);
}
