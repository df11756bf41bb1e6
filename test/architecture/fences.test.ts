// Goal: each fence bites. Method: a small copy of the repository's settings with one sin in each file, judged by
// the same tools; a fence that is misspelt or switched off lets its sin pass, and that fails here.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { breachesOfExports } from "./exports.ts";
import { breachesOfLayers } from "./layers.ts";
import { readPackages, root } from "./packages.ts";

const sins = {
  "packages/domain/src/reads-a-file.ts": 'import "node:fs";\n',
  "packages/domain/src/looks-at-the-clock.ts": "export const now = new Date();\n",
  "packages/domain/src/throws-dice.ts": "export const dice = Math.random();\n",
  "packages/domain/src/undeclared.ts": 'import "zod";\n',
  "packages/domain/src/test-only.ts": 'import "@handfast/testkit";\n',
  "packages/domain/src/hen.ts": 'import { egg } from "./egg.ts";\nexport const hen = egg;\n',
  "packages/domain/src/egg.ts": 'import { hen } from "./hen.ts";\nexport const egg = hen;\n',
  "packages/domain/src/innocent.ts": "export const greatest = Math.max(1, 2);\n",
  "packages/domain/src/innocent.test.ts": 'import "@handfast/testkit";\nimport "node:fs";\nnew Date();\n',
  "services/partnership/src/forgets-a-promise.ts":
    "const send = async () => {};\nexport const go = () => {\n  send();\n};\n",
  "services/partnership/src/forgets-a-case.ts":
    'export const say = (word: "yes" | "no") => {\n  switch (word) {\n    case "yes":\n      return 1;\n  }\n  return 0;\n};\n',
  "services/partnership/src/throws-a-word.ts": 'export const fail = () => {\n  throw "no";\n};\n',
  "services/partnership/src/awaits-nothing.ts": "export const now = await 1;\n",
  "services/partnership/src/tests-a-promise.ts":
    "const ask = async () => true;\nexport const yes = ask() ? 1 : 2;\n",
};

type Tool = "biome" | "oxlint";

/** What a tool finds in the sinful copy: the names of the rules broken, by file. */
function judge(tool: Tool): ReadonlyMap<string, readonly string[]> {
  using copy = mkdtempDisposableSync(join(tmpdir(), "handfast-fences-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(copy.path, path)), { recursive: true });
    writeFileSync(join(copy.path, path), text);
  };
  for (const path of [
    "biome.json",
    ".oxlintrc.json",
    ".gitignore",
    "tsconfig.json",
    "package.json",
    "infra/fences",
  ]) {
    cpSync(join(root, path), join(copy.path, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy.path, "node_modules"));
  const manifest = { name: "@handfast/domain", devDependencies: { "@handfast/testkit": "0.1.0" } };
  write("packages/domain/package.json", JSON.stringify(manifest));
  for (const [path, text] of Object.entries(sins)) write(path, text);

  const findings = tool === "biome" ? askBiome(copy.path) : askOxlint(copy.path);
  const byFile = Map.groupBy(findings, ([path]) => path);
  return new Map(
    [...byFile].map(([path, found]) => [path, [...new Set(found.map(([, rule]) => rule))].sort()]),
  );
}

type Finding = readonly [path: string, rule: string];

function askBiome(folder: string): readonly Finding[] {
  const output = run(folder, "@biomejs/biome/bin/biome", "lint", "--reporter=json", "packages");
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { category: string; severity: string; location: { path: string | { file: string } } }[];
  };
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ category, location: { path } }) => [
      typeof path === "string" ? path : path.file,
      category.replace(/^.*\//, ""),
    ]);
}

function askOxlint(folder: string): readonly Finding[] {
  const output = run(folder, "oxlint/bin/oxlint", "--type-aware", "--format=json", "services");
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] };
  return diagnostics.map(({ code, filename }) => [filename, code.replace(/^.*\((.*)\)$/, "$1")]);
}

function run(cwd: string, tool: string, ...args: readonly string[]): string {
  return spawnSync(process.execPath, [join(root, "node_modules", tool), ...args], { cwd, encoding: "utf8" })
    .stdout;
}

describe("the fences of Biome", () => {
  it("let no sin pass, and nothing else be called one", () => {
    expect(Object.fromEntries(judge("biome"))).toEqual({
      "packages/domain/src/reads-a-file.ts": ["noRestrictedImports"],
      "packages/domain/src/looks-at-the-clock.ts": ["noRestrictedGlobals"],
      "packages/domain/src/throws-dice.ts": ["plugin"],
      "packages/domain/src/undeclared.ts": ["noUndeclaredDependencies"],
      "packages/domain/src/test-only.ts": ["noUndeclaredDependencies"],
      "packages/domain/src/hen.ts": ["noImportCycles"],
      "packages/domain/src/egg.ts": ["noImportCycles"],
    });
  });
});

describe("the five rules about promises", () => {
  it("let no sin pass", () => {
    expect(Object.fromEntries(judge("oxlint"))).toEqual({
      "services/partnership/src/forgets-a-promise.ts": ["no-floating-promises"],
      "services/partnership/src/forgets-a-case.ts": ["switch-exhaustiveness-check"],
      "services/partnership/src/throws-a-word.ts": ["only-throw-error"],
      "services/partnership/src/awaits-nothing.ts": ["await-thenable"],
      "services/partnership/src/tests-a-promise.ts": ["no-misused-promises"],
    });
  });
});

describe("the exports of a package", () => {
  it("stays shut at run time for a path that it does not name", () => {
    const paths = readPackages().map(({ manifest }) => `${manifest.name}/package.json`);
    const script = `for (const path of ${JSON.stringify(paths)})
      await import(path, { with: { type: "json" } }).then(() => console.log("open", path), ({ code }) => console.log(code));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: root,
      encoding: "utf8",
    });
    expect(stdout.trim().split("\n")).toEqual(paths.map(() => "ERR_PACKAGE_PATH_NOT_EXPORTED"));
  });

  it.each([
    ["a file inside a package, by name", 'import { fold } from "@handfast/domain/src/fold.ts";'],
    ["a file inside a package, by path", 'import { fold } from "../../../packages/domain/src/fold.ts";'],
    ["a package that does not exist", 'export * from "@handfast/nowhere";'],
    ["the inside, lazily", 'const fold = await import("@handfast/domain/src/fold.ts");'],
  ])("is missed by an import of %s", (_what, text) => {
    const packages = [{ folder: "packages/domain", manifest: { name: "@handfast/domain", exports: {} } }];
    expect(breachesOfExports({ path: "services/partnership/src/view.ts", text }, packages)).toHaveLength(1);
  });
});

describe("the layers", () => {
  it.each([
    ["imports upwards", { name: "@handfast/domain", dependencies: { "@handfast/bus": "0.1.0" } }],
    ["imports sideways", { name: "@handfast/gateway", dependencies: { "@handfast/ledger": "0.1.0" } }],
    ["needs the testkit", { name: "@handfast/gateway", dependencies: { "@handfast/testkit": "0.1.0" } }],
    [
      "imports upwards in its tests",
      { name: "@handfast/tlog", devDependencies: { "@handfast/ledger": "0.1.0" } },
    ],
    ["imports NATS beside the bus", { name: "@handfast/gateway", dependencies: { nats: "2.29.3" } }],
    [
      "is an auditor that trusts us",
      { name: "@handfast/auditor", dependencies: { "@handfast/tlog": "0.1.0" } },
    ],
    ["is an auditor that trusts anyone", { name: "@handfast/auditor", dependencies: { zod: "4.6.7" } }],
    ["has no layer", { name: "@handfast/attic" }],
  ])("refuse a package that %s", (_what, manifest) => {
    expect(breachesOfLayers(manifest)).toHaveLength(1);
  });
});
