/**
 * A ledger that kills itself before or after one step of writing. Reads lines `<number>` from stdin, appends each under a key of
 * its own beside what a peer brings, which is a second history of its log at the third number, and prints `<number> <ref>` when it is acknowledged. Says `open <adopted>` once it is ready.
 */

import { writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type LedgerDeps, openLedger } from "@handfast/ledger/open";
import { openStores, type Stores } from "@handfast/ledger/stores";
import { openSqliteLogStore } from "@handfast/logstore-sqlite/log-store";
import { openSqliteNodeStore } from "@handfast/node-store/sqlite";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import { isBranch, type LogId } from "@handfast/protocol/ids";
import { openFence, readFence } from "@handfast/storage/fence";
import { placeOf } from "@handfast/storage/host";
import { lockFile } from "@handfast/storage/lock";
import { testStateDir } from "@handfast/testkit/state-folder";
import { histories } from "./two-histories.ts";

type Fences = NonNullable<LedgerDeps["fences"]>;

const given = JSON.parse(process.argv[2] ?? "{}") as {
  readonly dir: string;
  readonly charter: string;
  readonly form: "one" | "apart";
  /** Which step it dies at, and how many times it passes it before; null for never. */
  readonly death: { readonly step: string; readonly passes: number } | null;
};
const { dir, charter, form, death } = given;
let passes = death?.passes ?? 0;
const reach = (step: string): void => {
  if (step !== death?.step) return;
  if (passes-- > 0) return;
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered at the latest here.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

/** The same store, with a place to die before and after each step. */
function stepwise(stores: Stores): Stores {
  const { logs, node } = stores;
  const around =
    <Given extends readonly unknown[], Answer>(step: string, work: (...values: Given) => Answer) =>
    (...values: Given): Answer => {
      reach(`before ${step}`);
      const answer = work(...values);
      if (answer instanceof Promise)
        return answer.then((value: unknown) => {
          reach(`after ${step}`);
          return value;
        }) as Answer;
      reach(`after ${step}`);
      return answer;
    };
  const wrap = <Store extends object>(store: Store, steps: Readonly<Record<string, string>>): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== "function") return value;
        const step = steps[String(name)];
        const method = (value as (...values: unknown[]) => unknown).bind(target);
        return step === undefined ? method : around(step, method);
      },
    });
  return {
    logs: {
      ...wrap(logs, { append: "append", read: "read" }),
      append: async (line, expected, headers) => {
        const step = isBranch(line) ? "branch" : "append";
        reach(`before ${step}`);
        const answer = await logs.append(line, expected, headers);
        reach(`after ${step}`);
        return answer;
      },
    },
    node: wrap(node, { begin: "begin", complete: "complete" }),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}

const open = (path: string): Stores => {
  if (form === "one") return stepwise(openStores(path));
  const logs = openSqliteLogStore(join(dir, "logs-apart.db"));
  const node = openSqliteNodeStore(join(dir, "node-apart.db"));
  const close = async (): Promise<void> => {
    await logs[Symbol.asyncDispose]();
    node[Symbol.dispose]();
  };
  return stepwise({ logs, node, [Symbol.asyncDispose]: close });
};
/** The fences of this host, with a place to die before and after each post. */
const fenceOf = (log: LogId): string => join(testStateDir(), `fence-${log}`);
const fences: Fences = {
  read: (log) => readFence(fenceOf(log)),
  open: (log, binding) => {
    const fence = openFence(fenceOf(log), binding);
    return {
      set: async (post) => {
        reach("before fence");
        await fence.set(post);
        reach("after fence");
      },
      [Symbol.asyncDispose]: () => fence[Symbol.asyncDispose](),
    };
  },
  place: placeOf,
  lock: (log) => lockFile(join(testStateDir(), `lock-${log}.db`)),
};
await using ledger = await openLedger(
  { dir, stateDir: testStateDir(), charter: Buffer.from(charter, "base64url") },
  { openStores: open, fences },
);
const [first, second] = histories();
const brought: Readonly<Record<string, readonly Frame[]>> = {
  1: [first.frame(0, 1), first.frame(1, 3)],
  3: [second.frame(1, 4)],
};
writeSync(1, "open\n");
for await (const line of createInterface({ input: process.stdin })) {
  const key = toB64u(labelledHash("handfast/test-request", line));
  const entry = {
    type: "org.example.counted",
    subject: null,
    x: { number: Number(line) },
    body: { text: line },
  };
  const [reply] = await Promise.all([
    ledger.rounds.append({ entries: [entry], expect: [], key, request: key }),
    ...(brought[line] ?? []).map((frame) => ledger.rounds.ingest(frame, 1)),
  ]);
  reach("before answer");
  writeSync(1, `${line} ${reply.ok ? reply.refs[0] : JSON.stringify(reply)}\n`);
}
