// Goal: the layers in docs/architecture.md are true. Biome makes each package declare what it imports; this test makes those
// declarations point downwards only.
import { expect, it } from "vitest";
import { breachesOfLayers } from "./layers.ts";
import { readPackages } from "./packages.ts";

it.each(readPackages().map(({ folder, manifest }) => [folder, manifest] as const))(
  "%s depends only on lower layers",
  (_folder, manifest) => {
    expect(breachesOfLayers(manifest)).toEqual([]);
  },
);
