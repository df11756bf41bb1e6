// Goal: what a reader of the README does first is safe and true: keys never come into a repository, a line of JSON is one, and what is
// left out or needed is said. Method: the README's own commands, and git itself beside a data folder.
import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "../../services/handfast/src/node/data-folder.ts";
import { initNode } from "../../services/handfast/src/node/init.ts";
import { root } from "./packages.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

it("keeps data folders outside the repository, and git passes over those inside one", async () => {
  const folders = [...readme.matchAll(/--data (\S+)/g)].map(([, folder]) => folder);
  expect(folders.length).toBeGreaterThan(5);
  expect(folders.filter((folder) => folder?.startsWith("~/") !== true)).toEqual([]);

  using repository = mkdtempDisposableSync(join(tmpdir(), "handfast-first-use-"));
  const git = (...words: string[]) => execFileSync("git", words, { cwd: repository.path, encoding: "utf8" });
  git("init", "--quiet");
  await initNode(dataFolder(join(repository.path, "orchard")), "Orchard", {}, Date.now());
  expect(git("status", "--porcelain", "--untracked-files=all")).toBe("");
});

it("says how to get one line of JSON, what a played history leaves out, and how the stream shows the past", () => {
  for (const line of readme.split("\n").filter((one) => /npm run .*--json/.test(one)))
    expect(line).toContain("npm run --silent");
  expect(readme).toMatch(/facts of all other partners are left out and only counted/);
  expect(readme).toMatch(/with `after=0` it begins with the first entry/);
});

it("calls nobody's own organization their partner", () => {
  expect(readFileSync(join(root, "docs", "reference", "problems.md"), "utf8")).not.toMatch(/your partner\b/i);
});
