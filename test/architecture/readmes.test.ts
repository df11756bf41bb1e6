// Goal: a stranger who opens a package learns from its README what it owns, what it may touch, and which test fails if that
// is not true; and READMEs and docs name only files that exist. There is no package with nothing in it.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPackages, root } from "./packages.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

describe.each(readPackages().map(({ folder }) => folder))("%s", (folder) => {
  it("has something in it", () => {
    expect(existsSync(join(root, folder, "src"))).toBe(true);
  });

  it("has a README that names the tests which hold it to its word", () => {
    const readme = read(join(folder, "README.md"));
    expect(readme).toMatch(/^# /);
    expect(readme).toMatch(/test/i);
  });
});

const pages = globSync(["*.md", "docs/**/*.md", "{packages,services,test}/**/README.md"], {
  cwd: root,
  exclude: ["**/node_modules/**"],
}).sort();

it.each(pages)("%s names only files that exist", (page) => {
  expect(namedFiles(read(page)).filter((path) => !isThere(page, path))).toEqual([]);
});

it("finds a file that does not exist", () => {
  expect(namedFiles("see `src/gone.ts`, `../../docs` and `npm test`")).toEqual(["src/gone.ts"]);
});

/** What stands between backticks and is the path of a source, test or page of ours. */
function namedFiles(text: string): readonly string[] {
  return [...text.matchAll(/`((?:[\w./-]+\.(?:ts|mjs|md|grit))|(?:(?:docs|test)\/[\w./-]+\.json))`/g)]
    .map((match) => match[1] ?? "")
    .filter((path) => path.includes("/"));
}

/** Paths are written from the page's own folder, from its package's `src`, or from the root. */
const isThere = (page: string, path: string): boolean =>
  [dirname(page), join(dirname(page), "src"), "."].some((base) => existsSync(join(root, base, path)));
