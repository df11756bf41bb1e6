/** What the architecture tests read: the rooms of this repository, their manifests and their sources. */
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

/** A room: its folder, relative to the repository, and its manifest. */
export type Room = { readonly folder: string; readonly manifest: Manifest };

/** Every package and service, in the order of their folders. */
export function readRooms(): readonly Room[] {
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

/** Every TypeScript file of the rooms and of `test/`, but for the tests in this folder, which quote sins. */
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
