/** Files that a command writes for its user: whole or not at all, for the owner only, and never over another file unasked. */
import { existsSync, lstatSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { exitCodes } from "@handfast/api/exit-codes";
import { NodeError, usage } from "../node/fault.ts";

/**
 * Writes `file` by way of a part beside it, which is removed when the writing fails or the process is told to stop.
 *
 * @param write Writes all of it to the path it is given: an empty file with mode 0600, made first, so that nothing is begun in vain.
 * @param isForced Whether the file may replace one of that name.
 * @throws {NodeError} usage: a folder, a device or a link of that name, no folder to write in, or a file that is there already.
 */
export async function writeNewFile<Written>(
  file: string,
  isForced: boolean,
  write: (part: string) => Promise<Written> | Written,
): Promise<Written> {
  const path = resolve(file);
  assertWritable(file, isForced);
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const remove = () => rmSync(part, { force: true });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (signal: NodeJS.Signals) => {
    remove();
    for (const name of signals) process.off(name, stop);
    process.kill(process.pid, signal);
  };
  for (const name of signals) process.on(name, stop);
  try {
    writeFileSync(part, "", { mode: 0o600, flag: "wx" });
    const written = await write(part);
    // Writing takes a while: somebody else may have taken the name meanwhile.
    assertWritable(file, isForced);
    renameSync(part, path);
    return written;
  } catch (err) {
    remove();
    throw isOfFile(err, part) ? notWritten(file, err) : err;
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}

/** A fault of the file system about the file, and not of what was to be written into it. */
const isOfFile = (err: unknown, part: string): err is NodeJS.ErrnoException => {
  const { code, path } = (err ?? {}) as NodeJS.ErrnoException;
  return path === part || code === "ENOSPC" || code === "EDQUOT";
};

function notWritten(file: string, cause: NodeJS.ErrnoException): NodeError {
  const isFull = cause.code === "ENOSPC" || cause.code === "EDQUOT";
  return new NodeError("file-not-written", `${file} cannot be written (${cause.code})`, {
    cause,
    exitCode: isFull ? exitCodes.fault : exitCodes.usage,
    hint: isFull ? "make room on that disk" : "name a file in a folder that you may write to",
  });
}

/** Whether a file of that name could be written, so that nothing is begun in vain. @throws {NodeError} usage */
export function assertWritable(file: string, isForced: boolean): void {
  const path = resolve(file);
  // A link is seen as a link: what it points to, or pointed to, is not what was named.
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory() === true)
    throw usage(`${file} is a folder`, `name a file, for example ${join(file, "history.hfbundle")}`);
  if (there !== undefined && !there.isFile())
    throw usage(
      `${file} is ${there.isSymbolicLink() ? "a link" : "a device or the like"}, and is not written over`,
      "name a file",
    );
  if (there !== undefined && !isForced)
    throw usage(`${file} exists already`, "choose another name, or overwrite it with --force");
  if (!existsSync(dirname(path)))
    throw usage(`there is no folder ${dirname(path)}`, "check the path, or create that folder first");
}
