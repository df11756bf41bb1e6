// Goal: every entry of `exports` names a file, and nobody goes around it. Node itself refuses a path that `exports` does not
// name; it cannot see a relative path into another package, or an entry whose file is gone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { breachesOfExports } from "./exports.ts";
import { readPackages, readSources, root } from "./packages.ts";

const packages = readPackages();

describe("exports", () => {
  it.each(packages.map(({ folder, manifest }) => [folder, manifest.exports] as const))(
    "of %s name files that exist",
    (folder, exports) => {
      expect(exports, "a package has `exports`, empty ones if need be").toBeDefined();
      const missing = Object.values(exports ?? {}).filter(
        (target) => !existsSync(join(root, folder, target)),
      );
      expect(missing).toEqual([]);
    },
  );
});

describe("packages", () => {
  it("are imported only through their exports", () => {
    expect(readSources().flatMap((source) => breachesOfExports(source, packages))).toEqual([]);
  });
});
