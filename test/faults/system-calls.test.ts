// Goal: whatever a single system call of the ledger's process answers, or if it is the last one, nothing that was acknowledged is lost,
// nothing is doubled, and where the disk may not hold what was written the process ends and says so (exit code 70).
// Method: a real ledger under `strace`, which has one write or sync fail or kills the process at it; each trial begins where the one
// before it ended. Skipped, and said so, where strace cannot trace.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes } from "@handfast/api/exit-codes";
import fc from "fast-check";
import { expect, it } from "vitest";
import { keyOf, openLedgerHost } from "./ledger-process.ts";

const strace = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"] as const;
const canTrace = spawnSync("strace", ["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "true"]).status === 0;
if (!canTrace)
  process.stderr.write(
    "SKIPPED: test/faults/system-calls.test.ts, since strace is not here or may not trace\n",
  );

const seed = Number(process.env["HANDFAST_TEST_SEED"] ?? 20_261_127);
/** What is done to the so manieth call. SQLite writes with pwrite64 and syncs with fsync; the fence does both too. */
const faults = [
  { calls: "fsync,fdatasync", does: "error=EIO", upTo: 40 },
  { calls: "pwrite64", does: "error=EIO", upTo: 100 },
  { calls: "pwrite64", does: "error=ENOSPC", upTo: 100 },
  { calls: "pwrite64,fsync,fdatasync", does: "signal=SIGKILL", upTo: 140 },
] as const;
const trialsEach = 5;
const appends = 25;

it.skipIf(!canTrace)(
  "a ledger whose system calls fail, one at a time, loses nothing and doubles nothing",
  {
    timeout: 900_000,
  },
  async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-calls-"));
    await using host = await openLedgerHost(join(folder.path, "ledger"), join(folder.path, "compiled"));
    const told = new Map<number, string>();
    const unanswered = new Set<number>();
    let next = 1;
    const ends = new Map<string, number>();
    const count = (what: string): void => void ends.set(what, (ends.get(what) ?? 0) + 1);

    const places = fc.sample(
      fc.tuple(fc.nat(faults.length - 1), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        numRuns: trialsEach * faults.length,
        seed,
      },
    );
    for (const [which, part] of places) {
      const { calls, does, upTo } = faults[which] as (typeof faults)[number];
      const nth = 1 + Math.floor(part * (upTo - 1));
      const child = host.load([
        ...strace,
        "-e",
        `trace=${calls}`,
        "-e",
        `inject=${calls}:${does}:when=${nth}`,
      ]);
      const exited = once(child.process, "exit") as Promise<[number | null, string | null]>;
      const what = `${calls} ${does} at ${nth}, seed ${seed}`;
      const isServing = await child.serve().then(
        () => true,
        () => false,
      );
      let isOver = !isServing;
      void exited.then(() => {
        isOver = true;
      });
      const retries = [...unanswered];
      for (let left = appends; left > 0 && !isOver; left -= 1) {
        const number = retries.pop() ?? next++;
        unanswered.add(number);
        const reply = await Promise.race([
          host.append(number, 60_000).catch(() => null),
          exited.then(() => null),
        ]);
        if (reply?.ok) {
          const [ref = ""] = reply.refs;
          expect(told.get(number) ?? ref, what).toBe(ref);
          told.set(number, ref);
          unanswered.delete(number);
        } else if (reply !== null) count(reply.code);
      }
      if (!isOver) child.process.kill("SIGKILL");
      const [code, signal] = await exited;
      count(`ended with ${signal ?? code}`);
      // One that cannot even start says so in its own way.
      if (signal === null && isServing) expect(code, what).toBe(exitCodes.fatal);
      if (signal === null) expect(code, what).not.toBe(0);
    }

    const last = host.load();
    await last.serve();
    for (const number of unanswered) {
      const reply = await host.append(number);
      expect(reply, `number ${number}, seed ${seed}`).toMatchObject({ ok: true });
      if (reply.ok) told.set(number, reply.refs[0] as string);
    }
    const stored = await host.stored();
    expect(stored.map(([number]) => number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: next - 1 }, (_none, index) => index + 1),
    );
    expect(new Map(stored)).toEqual(told);
    expect(await host.ask("recall", { key: keyOf(1), request: keyOf(1) })).toMatchObject({
      ok: true,
      refs: [told.get(1)],
    });
    // The faults were met, and not only in the end of a run.
    expect(ends.get(`ended with ${exitCodes.fatal}`) ?? 0, JSON.stringify([...ends])).toBeGreaterThan(0);
  },
);
