import { expect, it } from "vitest";
import { createTraffic } from "./traffic.ts";

const rules = { callsPerSecond: 50, callsBurst: 100, bytesPerMinute: 60_000, catchUpBytesPerSecond: 100_000 };

it("counts calls and their bytes, and says when to come again", () => {
  let now = 0;
  const traffic = createTraffic({ now: () => now }, rules);
  for (let call = 0; call < 100; call += 1) expect(traffic.admit("hello", 10)).toBe(0);
  expect(traffic.admit("hello", 10)).toBe(20);
  now += 1_000;
  expect(traffic.admit("sync.push", 59_000)).toBe(0);
  traffic.answered("sync.push", 3_000);
  expect(traffic.admit("hello", 10)).toBeGreaterThan(0);
});

it("lets a partner catch up beside its ordinary calls, by a measure of its own", () => {
  let now = 0;
  const traffic = createTraffic({ now: () => now }, rules);
  for (let call = 0; call < 100; call += 1) traffic.admit("hello", 10);
  expect(traffic.admit("sync.range", 100)).toBe(0);
  traffic.answered("sync.range", 200_000);
  expect(traffic.admit("payload.get", 100)).toBeGreaterThan(1_000);
  now += 1_100;
  expect(traffic.admit("payload.get", 100)).toBe(0);
});
