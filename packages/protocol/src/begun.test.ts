// Goal: a day has come as soon as it has begun somewhere, and an instant when it is there.
import { expect, it } from "vitest";
import { hasCome } from "./begun.ts";

const day = Date.UTC(2026, 10, 28);
const hour = 3_600_000;

it("takes a day that has begun in UTC+14", () => {
  expect(hasCome(day, day - 14 * hour)).toBe(true);
  expect(hasCome(day, day - 14 * hour - 1)).toBe(false);
});

it("takes no instant before it is there", () => {
  expect(hasCome(day + 1, day)).toBe(false);
  expect(hasCome(day + 1, day + 1)).toBe(true);
  expect(hasCome(day - hour, day - hour - 1)).toBe(false);
});
