// Goal: `npm ci` works on every platform a tool is made for, gets exactly the bytes we tried, and every package
// has a reason. npm can leave a platform's package out of a lockfile, and then fails only on that platform.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readManifest, readPackages, root } from "./packages.ts";

type Locked = {
  readonly version?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const readLocked = (path: string) => {
  const lock = JSON.parse(readFileSync(join(root, path), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  return lock.packages;
};

describe.each(["package-lock.json", "infra/runtime/package-lock.json"])("%s", (path) => {
  const locked = readLocked(path);
  const installed = Object.entries(locked).filter(
    ([place, { link }]) => place.includes("node_modules/") && !link,
  );

  it("names every platform's package that a tool declares", () => {
    const missing = Object.entries(locked).flatMap(([place, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter((name) => !(`node_modules/${name}` in locked) && !(`${place}/node_modules/${name}` in locked))
        .map((name) => `${place} wants ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("pins every package by its bytes, and by no host", () => {
    const loose = installed.filter(
      ([, { integrity, resolved }]) => !integrity || resolved?.startsWith("http"),
    );
    expect(loose.map(([place]) => place)).toEqual([]);
  });

  it("runs no script while installing, but for those that were refused", () => {
    const refused =
      (readManifest("package.json") as { allowScripts?: Record<string, boolean> }).allowScripts ?? {};
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => place);
    expect(scripted.filter((place) => refused[place.replace(/^.*node_modules\//, "")] !== false)).toEqual([]);
  });
});

describe("package-lock.json", () => {
  it.each(readPackages().map(({ folder, manifest }) => [folder, manifest] as const))(
    "knows what %s depends on (if not: npm install --package-lock-only)",
    (folder, { dependencies, devDependencies }) => {
      const locked = readLocked("package-lock.json")[folder];
      expect({ ...locked?.dependencies, ...locked?.devDependencies }).toEqual({
        ...dependencies,
        ...devDependencies,
      });
    },
  );
});

describe("the pinned Node", () => {
  it("is one version on all platforms", () => {
    const versions = Object.values(readManifest("infra/runtime/package.json").optionalDependencies ?? {});
    expect(new Set(versions).size).toBe(1);
    expect(`v${versions[0]}`).toBe(process.version);
  });
});

describe("every dependency", () => {
  const manifests = [...readPackages().map(({ manifest }) => manifest), readManifest("package.json")];
  const declared = manifests
    .flatMap(({ dependencies, devDependencies }) => Object.entries({ ...dependencies, ...devDependencies }))
    .filter(([name]) => !name.startsWith("@handfast/"));

  it("is pinned to one exact version, the same in every package", () => {
    const versions = Map.groupBy(declared, ([name]) => name);
    const unlike = [...versions].filter(([, uses]) => new Set(uses.map(([, version]) => version)).size > 1);
    expect(unlike.map(([name]) => name)).toEqual([]);
    expect(declared.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("has its line in docs/dependencies.md", () => {
    const page = readFileSync(join(root, "docs/dependencies.md"), "utf8");
    const names = [...new Set(declared.map(([name]) => name))];
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
