/** A ledger in a process of its own, over a real nats-server, that tests kill and spoil; and what must be in it afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { AppendReply, type AppendRequest, ReadReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { initLedger } from "@handfast/ledger/service";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { testCharter, testKey } from "@handfast/testkit/author";
import { startHomeBus } from "@handfast/testkit/nats-server";
import { testStateDir } from "@handfast/testkit/state-folder";

const charter = testCharter("orchard");

/** Idempotency key, and hash of the request, of the entry with this number. */
export const keyOf = (number: number): string =>
  toB64u(labelledHash("handfast/test-request", String(number)));

const requestOf = (number: number): AppendRequest => ({
  entries: [
    { type: "org.example.counted", subject: null, x: { number }, body: { text: `number ${number}` } },
  ],
  expect: [],
  key: keyOf(number),
  request: keyOf(number),
});

export type LedgerProcess = {
  readonly process: ChildProcess;
  /** Resolves when it waits for `serve`; rejects when it ends before. */
  readonly loaded: Promise<void>;
  /** Resolves when it answers; rejects when it ends before. */
  serve(): Promise<void>;
};

export interface LedgerHost extends AsyncDisposable {
  /** @param under A program, with its arguments, that runs the process: `strace`. */
  load(under?: readonly string[]): LedgerProcess;
  ask(verb: string, request: unknown, timeoutMs?: number): Promise<unknown>;
  /** Asks for the entry with this number. */
  append(number: number, timeoutMs?: number): Promise<AppendReply>;
  /** By number, the pinned ref of every such entry that is in the log, once for each time it is. */
  stored(): Promise<readonly (readonly [number: number, ref: string])[]>;
}

/** @param folder Exists and is empty; gets the ledger's files. */
export async function openLedgerHost(folder: string, compiled: string): Promise<LedgerHost> {
  await using cleanup = new AsyncDisposableStack();
  const { bytes: charterBytes } = charter;
  await initLedger({
    stateDir: testStateDir(),
    dir: folder,
    charterBytes,
    name: "Orchard",
    root: testKey("orchard root"),
    nextRootHash: keyOf(0),
  });
  const home = cleanup.use(await startHomeBus());
  const given = JSON.stringify({
    dir: folder,
    charter: Buffer.from(charterBytes).toString("base64url"),
    ...(await home.credentials("ledger")),
  });
  const children = cleanup.use(new AsyncDisposableStack());
  const load: LedgerHost["load"] = (under = []) => {
    const [program = process.execPath, ...args] = [
      ...under,
      process.execPath,
      join(import.meta.dirname, "ledger-child.ts"),
      given,
    ];
    const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], env });
    children.defer(() => void child.kill("SIGKILL"));
    const loaded = says(child, "loaded");
    // A caller that does not wait for it learns of the end by `exit`.
    loaded.catch(() => {});
    child.stdin?.on("error", () => {});
    return {
      process: child,
      loaded,
      serve: async () => {
        await loaded;
        const serving = says(child, "serving");
        child.stdin?.write("go\n");
        await serving;
      },
    };
  };
  const ask: LedgerHost["ask"] = (verb, request, timeoutMs = 30_000) =>
    askOver(home.bus, verb, request, timeoutMs);
  const owned = cleanup.move();
  return {
    load,
    ask,
    append: async (number, timeoutMs) => AppendReply.parse(await ask("append", requestOf(number), timeoutMs)),
    stored: async () => {
      const found: [number, string][] = [];
      for (let after = 0, head = 1; after < head; ) {
        const page = ReadReply.parse(await ask("read", { after, limit: 1_000 }));
        head = page.head;
        for (const { position, header, hash } of page.entries) {
          after = position;
          const { log, seq, x } = JSON.parse(header) as { log: string; seq: number; x: { number?: number } };
          if (x.number !== undefined) found.push([x.number, `${log}.${seq}@${hash}`]);
        }
      }
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function askOver(bus: Bus, verb: string, request: unknown, timeoutMs: number): Promise<unknown> {
  const data = new TextEncoder().encode(JSON.stringify(request));
  const reply = await bus.request(subjects.service("ledger", verb), data, { timeoutMs });
  return JSON.parse(new TextDecoder().decode(reply.data));
}

/** Resolves when a process prints this line; rejects when it ends before. */
function says(child: ChildProcess, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (data: Buffer): void => {
      if (!data.toString().includes(line)) return;
      child.stdout?.off("data", onData);
      child.off("exit", onExit);
      resolve();
    };
    const onExit = (code: number | null): void =>
      reject(new Error(`the ledger ended with ${code} before it said ${line}`));
    child.stdout?.on("data", onData);
    child.once("exit", onExit);
  });
}
