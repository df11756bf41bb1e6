// Goal: a stranger who opens a room knows from its caption what it owns, what it may touch, and which test fails
// if it lies. And there is no room with nothing in it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRooms, root } from "./rooms.ts";

describe.each(readRooms().map(({ folder }) => folder))("%s", (folder) => {
  it("has something in it", () => {
    expect(existsSync(join(root, folder, "src"))).toBe(true);
  });

  it("has a caption", () => {
    const caption = readFileSync(join(root, folder, "README.md"), "utf8");
    expect(caption).toMatch(/^# /);
    expect(caption, "which test fails if it lies?").toMatch(/test/i);
  });
});
