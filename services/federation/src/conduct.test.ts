import { expect, it } from "vitest";
import { createConduct, pauseMs } from "./conduct.ts";

const at = (start = 0) => {
  const clock = { time: start, now: () => clock.time };
  return clock;
};

it("pauses a peer for ten minutes at the third bad signature within one", () => {
  const clock = at(1_000);
  const conduct = createConduct(clock);
  expect(conduct.refuse("bad-checkpoint")).toBe(false);
  expect(conduct.refuse("bad-checkpoint")).toBe(false);
  expect(conduct.pausedUntil).toBeNull();
  expect(conduct.refuse("bad-checkpoint")).toBe(true);
  expect(conduct.pausedUntil).toBe(1_000 + pauseMs);
  clock.time += pauseMs;
  expect(conduct.pausedUntil).toBeNull();
  expect(conduct.refuse("bad-checkpoint")).toBe(false);
});

it("forgives what is a minute old, and every other refusal", () => {
  const clock = at();
  const conduct = createConduct(clock);
  for (let round = 0; round < 10; round += 1) {
    conduct.refuse("bad-checkpoint");
    conduct.refuse("bad-checkpoint");
    conduct.refuse("schema");
    clock.time += 60_001;
  }
  expect(conduct.pausedUntil).toBeNull();
  expect([...conduct.refused]).toEqual([
    ["bad-checkpoint", 20],
    ["schema", 10],
  ]);
});
