// Goal: a disk that has no room left refuses appends, answers everything else, loses nothing, and takes appends again by itself once
// there is room. Method: a real ledger on a small tmpfs, which a file fills up. Skipped, and said so, where nothing may be mounted.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempDisposableSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@handfast/testkit/eventually";
import { expect, it } from "vitest";
import { openLedgerHost } from "./ledger-process.ts";

const megabytes = 4;

function canMount(): boolean {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-mount-"));
  const mounted = mountAt(folder.path);
  if (mounted) unmount(folder.path);
  return mounted;
}
function mountAt(path: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]).status === 0;
}
function unmount(path: string): void {
  spawnSync("umount", ["--lazy", path]);
}
const isPossible = canMount();
if (!isPossible)
  process.stderr.write("SKIPPED: test/faults/full-disk.test.ts, since this user may not mount a tmpfs\n");

it.skipIf(!isPossible)(
  "a full disk refuses appends, loses nothing, and is written to again once there is room",
  {
    timeout: 600_000,
  },
  async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-full-"));
    const disk = join(folder.path, "disk");
    mkdirSync(disk);
    expect(mountAt(disk)).toBe(true);
    using _mounted = { [Symbol.dispose]: () => unmount(disk) };
    await using host = await openLedgerHost(join(disk, "ledger"), join(folder.path, "compiled"));
    const child = host.load();
    await child.serve();
    const told = new Map<number, string>();
    let next = 1;
    const write = async (): Promise<string> => {
      const reply = await host.append(next);
      if (!reply.ok) return reply.code;
      told.set(next, reply.refs[0] as string);
      next += 1;
      return "stored";
    };
    for (let count = 0; count < 20; count += 1) expect(await write()).toBe("stored");

    const filler = join(disk, "filler");
    const fill = (): void => {
      // To the last block: SQLite needs only a few pages for an append.
      for (let bytes = statfsSync(disk).bfree * statfsSync(disk).bsize; bytes >= 4_096; bytes -= 4_096)
        try {
          writeFileSync(filler, Buffer.alloc(bytes));
          return;
        } catch {
          rmSync(filler, { force: true });
        }
    };
    for (let time = 0; time < 3; time += 1) {
      fill();
      // What was written into the WAL before has room there to be written again: it takes a few until none is left.
      const answers = new Set<string>();
      await eventually(
        "the disk is full",
        async () => {
          answers.add(await write());
          return answers.has("disk-full");
        },
        { withinMs: 120_000, everyMs: 0 },
      );
      expect([...answers].filter((answer) => answer !== "stored")).toEqual(["disk-full"]);
      expect(new Map(await host.stored()), "everything is read all the while").toEqual(told);
      rmSync(filler);
      await eventually("it takes appends again", async () => (await write()) === "stored", {
        withinMs: 60_000,
      });
      expect(child.process.exitCode).toBeNull();
    }

    child.process.kill("SIGKILL");
    const again = host.load();
    await again.serve();
    expect(new Map(await host.stored())).toEqual(told);
  },
);
