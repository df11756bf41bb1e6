/**
 * Whether the tests have teeth: bugs are planted in a copy of this repository, one at a time, and each must make some layer of
 * the tests fail. Not part of the tests, since it takes minutes:
 *
 *   npm run planted            all of them
 *   npm run planted -- 3 17    only these
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bug, bugs } from "./bugs.ts";

const root = join(import.meta.dirname, "..", "..");
const seeds = "120";

/** A copy whose packages import each other, and everything else from here. */
function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "handfast-planted-"));
  const isSource = (path: string): boolean => !path.includes("/node_modules");
  for (const folder of ["packages", "services", "test", "docs", "infra"])
    cpSync(join(root, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => isSource(path.slice(root.length)),
    });
  for (const file of ["package.json", "tsconfig.json", "vitest.config.ts"])
    cpSync(join(root, file), join(copy, file));
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@handfast"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== "@handfast" && name !== ".cache" && name !== ".vitest-cache")
      symlinkSync(join(root, "node_modules", name), join(modules, name));
  for (const folder of ["packages", "services"])
    for (const name of readdirSync(join(copy, folder)))
      symlinkSync(join(copy, folder, name), join(modules, "@handfast", name));
  return copy;
}

async function passes(copy: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: process.env["HANDFAST_PLANTED_VERBOSE"] === undefined ? "ignore" : "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE: "" },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

const commandOf = ([layer, ...tests]: Bug["layers"][number]): readonly string[] =>
  layer === "simulation"
    ? ["test/simulation/main.ts", "--bail", "--seeds", seeds]
    : ["node_modules/vitest/vitest.mjs", "run", "--bail=1", ...tests];

/** The outcome of a trial, in words: the layer that found the bug, or that none did. */
async function trial(copy: string, { file, line, instead, layers }: Bug): Promise<string> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(line).length !== 2) return `NOT PLANTED, since its line is not once in its file`;
  writeFileSync(
    path,
    text.replace(line, () => instead),
  );
  try {
    for (const layer of layers) if (!(await passes(copy, commandOf(layer)))) return `found by ${layer[0]}`;
    return "ALIVE";
  } finally {
    writeFileSync(path, text);
  }
}

/** A layer that fails without any bug finds nothing. */
async function assertSound(copy: string, tried: readonly Bug[]): Promise<void> {
  const commands = new Set(tried.flatMap(({ layers }) => layers.map((layer) => commandOf(layer).join("\n"))));
  for (const command of commands) {
    if (await passes(copy, command.split("\n"))) continue;
    throw new Error(`fails with no bug planted: ${command.replaceAll("\n", " ")}`);
  }
}

const only = process.argv.slice(2).map(Number);
const isTried = (index: number): boolean => only.length === 0 || only.includes(index);
const copy = copyOfRepository();
let found = 0;
let tried = 0;
try {
  await assertSound(
    copy,
    bugs.filter((_, index) => isTried(index)),
  );
  for (const [index, bug] of bugs.entries()) {
    if (!isTried(index)) continue;
    const told = await trial(copy, bug);
    tried += 1;
    if (told.startsWith("found")) found += 1;
    process.stdout.write(`${String(index).padStart(2)} ${told}: ${bug.what} (${bug.file})\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(`${found} of ${tried} found\n`);
process.exitCode = found === tried ? 0 : 1;
