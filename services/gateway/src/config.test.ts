// Goal: every caller that waits gets an answer: each limit leaves room for the one inside it.
import { expect, it } from "vitest";
import { limits } from "./config.ts";

it("whatever another service takes, the caller is told before its connection is cut", () => {
  for (const each of ["commandTimeoutMs", "acceptTimeoutMs", "statusTimeoutMs"] as const)
    expect(limits[each], each).toBeLessThan(limits.connectionTimeoutMs - 2_000);
});
