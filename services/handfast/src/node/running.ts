/** Whether a folder's node is up, as its process wrote down when it came up. */
import { readFileSync } from "node:fs";
import type { DataFolder } from "./data-folder.ts";

/** The process that said it runs this folder's node, if it lives. */
export function runningPid({ running }: Pick<DataFolder, "running">): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(running, "utf8")) as { readonly pid: number };
    process.kill(pid, 0);
    return pid;
  } catch {
    // No such file, or no such process: the node is not up.
    return null;
  }
}
