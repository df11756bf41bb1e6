import { describe, expect, it } from "vitest";
import { isBelowMinimum } from "./version.ts";

describe("the minimum version", () => {
  it.each(["2.11.16", "2.11.17", "2.12.7", "2.12.10", "2.14.0", "2.15.3", "2.100.0", "3.0.0", "v2.14.0"])(
    "is met by %s",
    (version) => expect(isBelowMinimum(version)).toBe(false),
  );

  it.each(["2.9.10", "2.10.99", "2.11.15", "2.12.6", "2.13.9", "1.4.1", "2.14.0-RC.1", "2.14", "", "latest"])(
    "is not met by %j",
    (version) => expect(isBelowMinimum(version)).toBe(true),
  );
});
