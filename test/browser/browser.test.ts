// Goal: what the web console is built on (protocol, api, tlog) runs in a browser, and reads the same bytes there. Method: the
// packages are bundled for browsers, which fails on any module of Node, and a real Chromium runs the vectors.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { sha256, toB64u } from "@handfast/protocol/bytes";
import { rolldown } from "rolldown";
import { expect, it } from "vitest";

const chromium = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));
if (chromium === undefined) {
  console.warn("SKIPPED: no Chromium on this machine; `sudo apt-get install chromium` lets this test run");
}

async function bundle() {
  const build = await rolldown({ input: join(import.meta.dirname, "page.ts"), platform: "browser" });
  const { output } = await build.generate({ format: "iife" });
  await build.close();
  return output[0];
}

it("is bundled without a module of Node", async () => {
  const { imports, moduleIds } = await bundle();
  expect(imports).toEqual([]);
  const ours = moduleIds.filter((id) => id.endsWith(".ts"));
  expect(ours.length).toBeGreaterThan(40);
  expect(
    ours.filter((id) => /"node:|\bBuffer\b/.test(readFileSync(id, "utf8").replaceAll(/\/?\*.*/g, ""))),
  ).toEqual([]);
});

it.skipIf(chromium === undefined)("runs the vectors in Chromium", { timeout: 120_000 }, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-browser-"));
  const page = join(folder.path, "page.html");
  const code = (await bundle()).code.replaceAll("</script", "<\\/script");
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><body><script>${code}</script></body>`);
  const { stdout, stderr } = spawnSync(
    chromium as string,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      `--user-data-dir=${join(folder.path, "profile")}`,
      "--dump-dom",
      `file://${page}`,
    ],
    { encoding: "utf8", timeout: 90_000, maxBuffer: 64 * 1024 * 1024 },
  );
  const found = /RESULT (\{".*\}) END/.exec(stdout);
  expect(found, stderr.slice(-2_000)).not.toBeNull();
  const { results, eventsHash } = JSON.parse(found?.[1] ?? "{}") as {
    results: Record<string, { passed: number; failed: number }>;
    eventsHash: string;
  };
  for (const [name, { passed, failed }] of Object.entries(results)) {
    expect(failed, name).toBe(0);
    expect(passed, name).toBeGreaterThan(0);
  }
  expect(eventsHash).toBe(toB64u(sha256(readFileSync("docs/reference/events.json"))));
});
