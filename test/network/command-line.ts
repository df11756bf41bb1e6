/** The command line as its users run it: a process of its own for every command, against real nodes. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { DemoNode } from "@handfast/handfast/demo/node";

const mainFile = join(import.meta.dirname, "..", "..", "services", "handfast", "src", "main.ts");

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `handfast <args>` and resolves when it has ended, whatever its exit code. */
export function handfast(...args: readonly string[]): Promise<Ran> {
  const { HANDFAST_DATA: _data, HANDFAST_URL: _url, HANDFAST_TOKEN_FILE: _token, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [mainFile, ...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, out, err }),
    );
  });
}

/** The same for one node's data folder. */
export const commandsOf =
  (node: Pick<DemoNode, "folder">) =>
  (...args: readonly string[]): Promise<Ran> =>
    handfast("--data", node.folder.dir, ...args);
