// Goal: the picture in docs/architecture.md is true. Biome makes each room declare what it imports; this test
// makes what is declared point one way only.
import { expect, it } from "vitest";
import { breachesOfFloors } from "./floors.ts";
import { readRooms } from "./rooms.ts";

it.each(readRooms().map(({ folder, manifest }) => [folder, manifest] as const))(
  "%s depends only on lower floors",
  (_folder, manifest) => {
    expect(breachesOfFloors(manifest)).toEqual([]);
  },
);
