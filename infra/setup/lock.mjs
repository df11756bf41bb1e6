/**
 * One set-up at a time in a checkout: a folder that holds one file, named by the pid of its owner.
 *
 * A lock is born with its owner inside, by renaming a prepared folder into place, so no one ever sees a lock
 * without one. A dead owner's file is deleted by the first process that notices; deleting succeeds once, so a lock that was
 * taken over meanwhile cannot be deleted by mistake.
 */
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetUpError, say } from "./say.mjs";

const waitLimitMs = 15 * 60_000;
const pollMs = 100;

/**
 * Runs `work` while holding the lock; waits for another owner that is alive, up to a quarter of an hour.
 *
 * @param {string} folder Where the lock lies while it is held. Its parent exists.
 * @param {() => void} work
 */
export async function withLock(folder, work) {
  const deadline = Date.now() + waitLimitMs;
  for (let told = false; !take(folder); ) {
    const owner = ownerOf(folder);
    if (owner !== undefined && !isAlive(owner)) release(folder, owner);
    else {
      if (owner !== undefined && !told) say(`waiting for another set-up of this checkout (pid ${owner}) ...`);
      told ||= owner !== undefined;
      if (Date.now() > deadline)
        throw new SetUpError(
          `pid ${owner} still holds ${folder}. If that is not a set-up, delete the folder`,
        );
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
  try {
    work();
  } finally {
    release(folder, process.pid);
  }
}

/**
 * True when the lock is now ours: a folder can be renamed onto an empty one, never onto one with an owner.
 *
 * @param {string} folder
 */
function take(folder) {
  const prepared = `${folder}.${process.pid}`;
  mkdirSync(prepared, { recursive: true });
  writeFileSync(join(prepared, String(process.pid)), "");
  try {
    renameSync(prepared, folder);
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {number | undefined} Nothing when the lock was released while we looked.
 */
function ownerOf(folder) {
  try {
    const [name] = readdirSync(folder);
    return name === undefined ? undefined : Number(name);
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** @param {string} folder @param {number} owner */
function release(folder, owner) {
  try {
    unlinkSync(join(folder, String(owner)));
    rmdirSync(folder);
  } catch (error) {
    // Someone else released the dead owner's lock first, or has already taken it: both are what we wanted.
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(codeOf(error))) throw error;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
