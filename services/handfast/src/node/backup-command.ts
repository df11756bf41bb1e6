/**
 * `handfast backup` and `handfast restore`. A backup is a data folder, marked inside as a copy: wherever it is opened, its log is
 * never gone on with. It is taken while the node is up, as of one moment of its database.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { copyLedger, markLedger } from "@handfast/ledger/service";
import { shellWord } from "@handfast/service-kit/shell";
import { copyDatabase } from "@handfast/storage/copy";
import { syncFolder, syncTree } from "@handfast/storage/sync-folder";
import { assertNode, type DataFolder, dataFolder } from "./data-folder.ts";
import { usage } from "./fault.ts";
import { readPartner } from "./init.ts";

export type CopyDone = { readonly dir: string; readonly name: string; readonly entries: number };

/** What is copied as it is; the rest is made anew by the node, or is a database. */
const plainFiles = ["handfast.yaml", "charter.json", "partner.json", ".gitignore"] as const;

/** @throws {NodeError} usage: where there is no node in a network, or the target exists. */
export async function backupCommand(folder: DataFolder, out: string): Promise<CopyDone> {
  assertInNetwork(folder);
  const { name } = readPartner(folder);
  const target = newFolder(out, "a backup is made in a new folder: name one that does not exist");
  const entries = await whole(target, async (partial) => {
    const copy = dataFolder(partial);
    for (const file of plainFiles.map((each) => join(folder.dir, each)))
      if (existsSync(file)) cpSync(file, join(partial, basename(file)));
    // Keys first: a log in the copy that no key there signs could not be gone on from.
    cpSync(folder.keys, copy.keys, { recursive: true });
    for (const [from, to] of [
      [join(folder.federation, "links.db"), copy.federation],
      [join(folder.gateway, "tokens.db"), copy.gateway],
    ] as const) {
      mkdirSync(to, { mode: 0o700 });
      if (existsSync(from)) await copyDatabase(from, join(to, basename(from)));
    }
    return copyLedger(folder.dir, partial);
  });
  return { dir: target, name, entries };
}

/**
 * @param from A backup, or another copy of a data folder whose node is not up.
 * @throws {NodeError} usage: where it holds no node, or the data folder exists.
 */
export async function restoreCommand(folder: DataFolder, from: string): Promise<CopyDone> {
  const source = dataFolder(from);
  if (!existsSync(source.partner))
    throw usage(`there is no backup in ${source.dir}`, "name the folder that `handfast backup` wrote");
  assertInNetwork(source);
  const { name } = readPartner(source);
  newFolder(
    folder.dir,
    `a backup is restored into a new folder: name one with --data, or move ${shellWord(folder.dir)} away`,
  );
  const entries = await whole(folder.dir, async (partial) => {
    cpSync(source.dir, partial, { recursive: true });
    for (const made of ["nats", "partnership", "running.json", "fence-tag", "fence", "lock.db"])
      rmSync(join(partial, made), { recursive: true, force: true });
    return markLedger(partial);
  });
  return { dir: folder.dir, name, entries };
}

function assertInNetwork(folder: DataFolder): void {
  assertNode(folder);
  if (!existsSync(folder.charter))
    throw usage(
      `the node in ${folder.dir} belongs to no network yet`,
      "there is nothing in it to copy but its keys/",
    );
}

function newFolder(path: string, hint: string): string {
  const target = resolve(path);
  if (existsSync(target)) throw usage(`${target} exists already`, hint);
  if (!existsSync(dirname(target)))
    throw usage(`there is no folder ${dirname(target)}`, "check the path, or create that folder first");
  return target;
}

/** Made under another name and renamed when it is whole, so that half a copy is never taken for one. */
async function whole<Answer>(target: string, make: (partial: string) => Promise<Answer>): Promise<Answer> {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    mkdirSync(partial, { mode: 0o700 });
    const answer = await make(partial);
    chmodSync(partial, 0o700);
    syncTree(partial);
    renameSync(partial, target);
    syncFolder(dirname(target));
    return answer;
  } catch (err) {
    rmSync(partial, { recursive: true, force: true });
    throw err;
  }
}
