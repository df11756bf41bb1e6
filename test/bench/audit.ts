/**
 * An auditor's whole wait: `handfast-audit` as a process of its own over a bundle of a million entries, every byte and signature
 * of it true. Beside it the least that any audit must do: SHA-256 of every leaf, the bytes in memory already.
 */
import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Finding } from "./benchmark.ts";
import { timed } from "./laps.ts";
import { type Lap, race, type Side } from "./race.ts";

const auditor = join(import.meta.dirname, "..", "..", "services", "auditor");

export const audit: Benchmark = {
  name: "audit",
  about: "handfast-audit verify and replay of a million entries, beside SHA-256 of their leaves",
  async *run({ isQuick, dir, say }) {
    const bundle = join(dir, "bundle");
    say("writing a bundle (most of the time goes here)");
    run("test/million.ts", bundle, isQuick ? "100000" : "1000000", "8");
    const leaves = readLeaves(bundle);
    const bare: Side = { name: "SHA-256 of every leaf", lap: () => hashAll(leaves) };
    const entries = leaves.starts.length;
    const facts = { entries, "bytes of the bundle": leaves.bytes.length };
    const commands = [
      ["verify", 2, ["verify", bundle]],
      // Verifies first, so it shows that a second time; one round keeps the whole below a minute.
      ["replay", 1, ["replay", bundle, "--as-of", "2100-01-01", "--json"]],
    ] as const;
    for (const [what, rounds, args] of commands) {
      say(what);
      const ours = {
        name: `handfast-audit ${what}`,
        lap: () => timed(entries, () => run("src/main.ts", ...args)),
      };
      const raced = await race(ours, [bare], { rounds, isWarmedUp: false });
      const seconds = entries / raced.ours.perSecond;
      yield { what, raced, facts: { ...facts, seconds: seconds.toFixed(2) } } satisfies Finding;
    }
  },
};

/** Runs a file of the auditor under the Node that runs this. */
function run(file: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [join(auditor, file), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}: ${stderr}`);
}

type Leaves = {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

/** Where a bundle's leaves are, each as RFC 6962 has it: 0x00 and the header. A header is a line, and nothing else begins so. */
function readLeaves(bundle: string): Leaves {
  const bytes = readFileSync(bundle);
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    if (end < 0) break;
    if (bytes.toString("latin1", start, start + 7) === '{"at":[') {
      bytes[start - 1] = 0;
      starts.push(start - 1);
      ends.push(end);
    }
    start = end + 1;
  }
  return { bytes, starts, ends };
}

function hashAll({ bytes, starts, ends }: Leaves): Promise<Lap> {
  return timed(starts.length, () => {
    for (const [index, start] of starts.entries())
      hash("sha256", bytes.subarray(start, ends[index]), "latin1");
  });
}
