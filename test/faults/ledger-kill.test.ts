// Goal: kill -9 at any moment of writing loses nothing that was acknowledged and doubles nothing. Method: a real ledger in a
// process of its own, asked over a real nats-server by several callers at once, killed 200 times at random moments; what was
// in flight is asked again with its key. In the end every number stands in the log exactly once, where its caller was told.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendReply, type AppendRequest, ReadReply, RecallReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { initLedger } from "@handfast/ledger/service";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import { testCharter, testKey } from "@handfast/testkit/author";
import { startHomeBus } from "@handfast/testkit/nats-server";
import { testStateDir } from "@handfast/testkit/state-folder";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const rounds = 200;
const callers = 6;
const moment = fc.record({ answers: fc.nat(12), ms: fc.nat(5) });
const charter = testCharter("orchard");

const keyOf = (number: number): string => toB64u(labelledHash("handfast/test-request", String(number)));
const requestOf = (number: number): AppendRequest => ({
  entries: [
    { type: "org.example.counted", subject: null, x: { number }, body: { text: `number ${number}` } },
  ],
  expect: [],
  key: keyOf(number),
  request: keyOf(number),
});
const ask = async (bus: Bus, verb: string, request: unknown, timeoutMs = 10_000): Promise<unknown> => {
  const data = new TextEncoder().encode(JSON.stringify(request));
  const reply = await bus.request(subjects.service("ledger", verb), data, { timeoutMs });
  return JSON.parse(new TextDecoder().decode(reply.data));
};

describe("a ledger killed at random moments", () => {
  it("loses nothing it acknowledged and doubles nothing", { timeout: 900_000 }, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-kill-"));
    const nextRootHash = keyOf(0);
    const { bytes: charterBytes } = charter;
    await initLedger({
      stateDir: testStateDir(),
      dir: folder.path,
      charterBytes,
      name: "Orchard",
      root: testKey("orchard root"),
      nextRootHash,
    });
    await using home = await startHomeBus();
    const bus = home.bus;
    const credentials = await home.credentials("ledger");
    const given = {
      dir: folder.path,
      charter: Buffer.from(charterBytes).toString("base64url"),
      ...credentials,
    };

    await using children = new AsyncDisposableStack();
    const load = (): { readonly process: ChildProcess; readonly loaded: Promise<void> } => {
      const args = [join(import.meta.dirname, "ledger-child.ts"), JSON.stringify(given)];
      const env = { ...process.env, NODE_COMPILE_CACHE: join(folder.path, "compiled") };
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env });
      children.defer(() => void child.kill("SIGKILL"));
      return { process: child, loaded: says(child, "loaded") };
    };
    const start = async (child: ReturnType<typeof load>): Promise<void> => {
      await child.loaded;
      const serving = says(child.process, "serving");
      child.process.stdin?.write("go\n");
      await serving;
    };

    const told = new Map<number, string>();
    let unanswered: number[] = [];
    let next = 1;
    const moments = fc.sample(moment, { numRuns: rounds, seed: 7 });
    // The next process loads while this one writes.
    let waiting = load();
    for (const { answers, ms } of moments) {
      const child = waiting;
      waiting = load();
      await start(child);
      const isOver = new AbortController();
      const inFlight = new Set(unanswered);
      const retries = [...unanswered];
      const isNear = Promise.withResolvers<null>();
      let left = answers;
      if (left === 0) isNear.resolve(null);
      const call = async (): Promise<void> => {
        while (!isOver.signal.aborted) {
          const number = retries.pop() ?? next++;
          inFlight.add(number);
          const reply = AppendReply.parse(await ask(bus, "append", requestOf(number)));
          if (!reply.ok) throw new Error(JSON.stringify(reply));
          const [ref] = reply.refs;
          if (told.has(number)) expect(told.get(number)).toBe(ref);
          told.set(number, ref as string);
          inFlight.delete(number);
          left -= 1;
          if (left === 0) isNear.resolve(null);
        }
      };
      // A request that the kill cut short is never answered: its number is asked again in the next round.
      const calling = Array.from({ length: callers }, () =>
        call().catch((error: unknown) => (isOver.signal.aborted ? null : error)),
      );
      const wrong = await Promise.race([...calling, isNear.promise]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      expect(wrong).toBeNull();
      isOver.abort();
      const exited = once(child.process, "exit");
      child.process.kill("SIGKILL");
      await exited;
      unanswered = [...inFlight];
    }

    await start(waiting);
    for (const number of unanswered) {
      const reply = AppendReply.parse(await ask(bus, "append", requestOf(number)));
      if (reply.ok) told.set(number, reply.refs[0] as string);
    }
    const numbers: number[] = [];
    const stored = new Map<number, string>();
    for (let after = 0, head = 1; after < head; ) {
      const page = ReadReply.parse(await ask(bus, "read", { after, limit: 1_000 }));
      head = page.head;
      for (const { position, header, hash } of page.entries) {
        after = position;
        const { log, seq, x } = JSON.parse(header) as { log: string; seq: number; x: { number?: number } };
        if (x.number === undefined) continue;
        numbers.push(x.number);
        stored.set(x.number, `${log}.${seq}@${hash}`);
      }
    }
    expect(numbers.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: next - 1 }, (_, index) => index + 1),
    );
    expect([...told].filter(([number, ref]) => stored.get(number) !== ref)).toEqual([]);
    expect(told.size).toBe(next - 1);
    // It was killed while writing, not before or after.
    expect(numbers.length).toBeGreaterThan(rounds);
    for (const number of [1, Math.floor(next / 2), next - 1]) {
      const recalled = RecallReply.parse(
        await ask(bus, "recall", { key: keyOf(number), request: keyOf(number) }),
      );
      expect(recalled).toMatchObject({ ok: true, replayed: true, refs: [told.get(number)] });
    }
    await children.disposeAsync();
  });
});

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
