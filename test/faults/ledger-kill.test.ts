// Goal: kill -9 at any moment of writing loses nothing that was acknowledged and doubles nothing. Method: a real ledger in a
// process of its own, asked over a real nats-server by several callers at once, killed 200 times at random moments; what was
// in flight is asked again with its key. In the end every number stands in the log exactly once, where its caller was told.

import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecallReply } from "@handfast/api/messages/ledger";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, openLedgerHost } from "./ledger-process.ts";

const rounds = 200;
const callers = 6;
const moment = fc.record({ answers: fc.nat(12), ms: fc.nat(5) });

describe("a ledger killed at random moments", () => {
  it("loses nothing it acknowledged and doubles nothing", { timeout: 900_000 }, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-kill-"));
    await using host = await openLedgerHost(join(folder.path, "ledger"), join(folder.path, "compiled"));
    const told = new Map<number, string>();
    let unanswered: number[] = [];
    let next = 1;
    const moments = fc.sample(moment, { numRuns: rounds, seed: 7 });
    // The next process loads while this one writes.
    let waiting = host.load();
    for (const { answers, ms } of moments) {
      const child = waiting;
      waiting = host.load();
      await child.serve();
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
          const reply = await host.append(number);
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

    await waiting.serve();
    for (const number of unanswered) {
      const reply = await host.append(number);
      if (reply.ok) told.set(number, reply.refs[0] as string);
    }
    const all = await host.stored();
    const numbers = all.map(([number]) => number);
    const stored = new Map(all);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: next - 1 }, (_, index) => index + 1),
    );
    expect([...told].filter(([number, ref]) => stored.get(number) !== ref)).toEqual([]);
    expect(told.size).toBe(next - 1);
    // It was killed while writing, not before or after.
    expect(numbers.length).toBeGreaterThan(rounds);
    for (const number of [1, Math.floor(next / 2), next - 1]) {
      const recalled = RecallReply.parse(
        await host.ask("recall", { key: keyOf(number), request: keyOf(number) }),
      );
      expect(recalled).toMatchObject({ ok: true, replayed: true, refs: [told.get(number)] });
    }
  });
});
