/** A package is imported through its `exports`, never by a path to a file inside it. */
import { dirname, join } from "node:path";
import type { Package, Source } from "./packages.ts";

const specifiers = /(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g;

/** Imports of one file that bypass the `exports` of a package, one sentence each. */
export function breachesOfExports({ path, text }: Source, packages: readonly Package[]): readonly string[] {
  return [...text.matchAll(specifiers)]
    .map((match) => match[1] ?? "")
    .filter((specifier) =>
      specifier.startsWith(".") ? leaves(path, specifier) : misses(specifier, packages),
    )
    .map((specifier) => `${path} imports ${specifier}`);
}

/** A relative import that leaves the package (or `test/`) it starts in. */
function leaves(path: string, specifier: string): boolean {
  return !`${join(dirname(path), specifier)}/`.startsWith(`${folderOf(path)}/`);
}

function folderOf(path: string): string {
  const [top = "", name = ""] = path.split("/");
  return top === "test" ? top : join(top, name);
}

/** A name of ours that no `exports` map has. */
function misses(specifier: string, packages: readonly Package[]): boolean {
  const [scope, name, ...rest] = specifier.split("/");
  if (scope !== "@handfast") return false;
  const target = packages.find(({ manifest }) => manifest.name === `${scope}/${name}`);
  const entry = [".", ...rest].join("/");
  return target?.manifest.exports?.[entry] === undefined;
}
