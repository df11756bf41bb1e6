// Goal: what a command writes is whole, its owner's alone, and replaces nothing unasked; what failed leaves nothing.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeNewFile } from "./new-file.ts";

const open = () => mkdtempDisposableSync(join(tmpdir(), "handfast-file-"));
const writing = (text: string) => (part: string) => writeFileSync(part, text);

it("writes a whole file for its owner only", async () => {
  using temp = open();
  const file = join(temp.path, "bundle");
  await writeNewFile(file, false, writing("whole"));
  expect(readFileSync(file, "utf8")).toBe("whole");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(temp.path)).toEqual(["bundle"]);
});

it("replaces a file only when it is forced to", async () => {
  using temp = open();
  const file = join(temp.path, "bundle");
  writeFileSync(file, "older");
  await expect(writeNewFile(file, false, writing("newer"))).rejects.toThrow(/exists already/);
  expect(readFileSync(file, "utf8")).toBe("older");
  await writeNewFile(file, true, writing("newer"));
  expect(readFileSync(file, "utf8")).toBe("newer");
});

it.each([
  ["a link to nothing", (file: string) => symlinkSync("/nowhere/at/all", file), /is a link/],
  ["a link to a file", (file: string) => symlinkSync("/etc/hostname", file), /is a link/],
  ["a pipe", (file: string) => execFileSync("mkfifo", [file]), /is a device/],
])("never replaces %s, forced or not, nor begins to write", async (_what, make, said) => {
  using temp = open();
  const file = join(temp.path, "bundle");
  make(file);
  let begun = 0;
  const write = () => void begun++;
  for (const isForced of [false, true])
    await expect(writeNewFile(file, isForced, write)).rejects.toThrow(said);
  expect([begun, readdirSync(temp.path)]).toEqual([0, ["bundle"]]);
});

it("begins nothing where no file can be made", async () => {
  let begun = 0;
  await expect(writeNewFile("/proc/invitation", false, () => void begun++)).rejects.toMatchObject({
    code: "file-not-written",
  });
  expect(begun).toBe(0);
});

it("leaves nothing of what failed, and does not begin what cannot end", async () => {
  using temp = open();
  let begun = 0;
  const begin = (part: string) => {
    begun++;
    writing("half")(part);
    throw new Error("the node went away");
  };
  await expect(writeNewFile(temp.path, true, begin)).rejects.toThrow(/is a folder/);
  await expect(writeNewFile(join(temp.path, "no", "file"), true, begin)).rejects.toThrow(
    /there is no folder/,
  );
  expect(begun).toBe(0);
  await expect(writeNewFile(join(temp.path, "bundle"), false, begin)).rejects.toThrow(/went away/);
  expect(readdirSync(temp.path)).toEqual([]);
});

it("says which file cannot be written, and not by which other file it went", async () => {
  await expect(writeNewFile("/proc/history.hfbundle", false, writing("whole"))).rejects.toMatchObject({
    code: "file-not-written",
    message: expect.stringMatching(/^\/proc\/history\.hfbundle cannot be written \(E[A-Z]+\)$/),
  });
});

it("cleans up when it is stopped half way", async () => {
  using temp = open();
  const program = `
    import { writeFileSync } from "node:fs";
    import { writeNewFile } from ${JSON.stringify(join(import.meta.dirname, "new-file.ts"))};
    await writeNewFile(${JSON.stringify(join(temp.path, "bundle"))}, false, async (part) => {
      writeFileSync(part, "half");
      process.stdout.write("half");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(readdirSync(temp.path)).toHaveLength(1);
  child.kill("SIGTERM");
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  expect(signal).toBe("SIGTERM");
  expect(readdirSync(temp.path)).toEqual([]);
});
