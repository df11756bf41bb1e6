/** The command line as its users run it: a process of its own for every command, against real nodes. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
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

export interface LosingProxy extends AsyncDisposable {
  readonly url: string;
  /** The next answers to a POST are lost on the way back, though the node gave them. */
  loseAnswers(count: number): void;
}

/** Between a caller and a node's HTTP API, where answers can be lost. */
export async function openLosingProxy(target: string): Promise<LosingProxy> {
  let toLose = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = request(
      new URL(incoming.url ?? "/", target),
      { method: method ?? "GET", headers },
      (answer) => {
        if (method === "POST" && toLose > 0) {
          toLose--;
          answer.resume().once("end", () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswers: (count) => {
      toLose = count;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
