// Goal: each room has one door, and every door opens. Node itself refuses a path that `exports` does not name;
// what it cannot see is a relative path into another room, or a door that leads to a file that is gone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { breachesOfDoors } from "./doors.ts";
import { readRooms, readSources, root } from "./rooms.ts";

const rooms = readRooms();

describe("a door", () => {
  it.each(rooms.map(({ folder, manifest }) => [folder, manifest.exports] as const))(
    "of %s leads to a file",
    (folder, exports) => {
      expect(exports, "a room names its doors, be it none").toBeDefined();
      const missing = Object.values(exports ?? {}).filter(
        (target) => !existsSync(join(root, folder, target)),
      );
      expect(missing).toEqual([]);
    },
  );
});

describe("the rooms", () => {
  it("are entered only through their doors", () => {
    expect(readSources().flatMap((source) => breachesOfDoors(source, rooms))).toEqual([]);
  });
});
