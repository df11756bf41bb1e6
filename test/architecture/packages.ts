/** What the architecture tests read: the packages and services of this repository, their manifests and their sources. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** The part of a package.json that the architecture is about. */
export type Manifest = {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** A package or service: its folder, relative to the repository, and its manifest. */
export type Package = { readonly folder: string; readonly manifest: Manifest };

/** Every package and service, in the order of their folders. */
export function readPackages(): readonly Package[] {
  return globSync("{packages,services}/*/package.json", { cwd: root })
    .sort()
    .map((path) => ({ folder: dirname(path), manifest: readManifest(path) }));
}

/** @param path Relative to the repository. */
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest;
}

/** A TypeScript source and where it lies, relative to the repository. */
export type Source = { readonly path: string; readonly text: string };

/** Every page of documentation. */
export function readPages(): readonly Source[] {
  return globSync(["*.md", "{packages,services,test,docs}/**/*.{md,json}"], {
    cwd: root,
    exclude: ["**/node_modules/**", "**/vectors/**", "test/hostile/**"],
  })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Every TypeScript file of packages, services and `test/`, except for the tests in this folder, which quote violations. */
export function readSources(): readonly Source[] {
  return globSync("{packages,services,test}/**/*.ts", {
    cwd: root,
    exclude: ["**/node_modules/**", "test/architecture/**"],
  })
    .sort()
    .map((path) => ({
      path: relative(root, join(root, path)),
      text: readFileSync(join(root, path), "utf8"),
    }));
}
