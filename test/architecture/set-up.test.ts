// Goal: what runs every command does not stand in its way: exit codes and signals pass through, stdout stays the
// command's own, and two set-ups of one checkout do not meet. Method: real processes; each waits to be told.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { root } from "./packages.ts";

const runner = join(root, "infra/run.mjs");

function writeProgram(folder: string, text: string): string {
  writeFileSync(join(folder, "program.ts"), text);
  return relative(root, join(folder, "program.ts"));
}

it("passes arguments in and the exit code out, and keeps off stdout", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-run-"));
  const program = writeProgram(
    folder.path,
    "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 5;",
  );
  const { status, stdout } = spawnSync(process.execPath, [runner, program, "a b", "--json"], {
    encoding: "utf8",
  });
  expect(status).toBe(5);
  expect(stdout).toBe('["a b","--json"]\n');
});

it("tells a signal that ended the program as 128 + n", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-run-"));
  const program = writeProgram(folder.path, 'process.kill(process.pid, "SIGKILL");');
  expect(spawnSync(process.execPath, [runner, program]).status).toBe(137);
});

it("passes a stop on once, however often it is sent, and waits for the program to finish", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-run-"));
  const program = writeProgram(
    folder.path,
    `let stops = 0;
     const alive = setInterval(() => {}, 1_000);
     process.on("SIGTERM", () => {
       stops += 1;
       console.log("stopping");
       // Long enough for a second signal to arrive, were it passed on.
       setTimeout(() => { clearInterval(alive); process.exitCode = 40 + stops; }, 300);
     });
     console.log("up");`,
  );
  const child = spawn(process.execPath, [runner, program], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += String(chunk);
  });
  await expect.poll(() => output, { timeout: 5_000 }).toContain("up");
  child.kill("SIGTERM");
  await expect.poll(() => output, { timeout: 5_000 }).toContain("stopping");
  child.kill("SIGTERM");
  expect(await ended).toEqual([41, null]);
});

it("lets one set-up in at a time, and takes over from one that died", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-lock-"));
  const lock = join(folder.path, "lock");
  const { pid: dead } = spawnSync(process.execPath, ["--eval", ""]);
  mkdirSync(lock);
  writeFileSync(join(lock, String(dead)), "");

  // Each writes that it is in and that it is out; were two in at once, two "in" would follow each other.
  const diary = join(folder.path, "diary");
  const script = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(join(root, "infra/setup/lock.mjs"))};
    await withLock(${JSON.stringify(lock)}, () => {
      appendFileSync(${JSON.stringify(diary)}, "in ");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      appendFileSync(${JSON.stringify(diary)}, "out ");
    });`;
  const contenders = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "ignore" }),
  );
  const codes = await Promise.all(contenders.map(async (contender) => (await once(contender, "exit"))[0]));
  expect(codes).toEqual(contenders.map(() => 0));
  expect(readFileSync(diary, "utf8")).toBe("in out ".repeat(contenders.length));
});
