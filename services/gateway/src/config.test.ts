// Goal: every caller that waits gets an answer: each limit leaves room for the one inside it.
import { expect, it } from "vitest";
import { limits } from "./config.ts";

it("a service may take its time, the handler tells of it, and only then is a connection cut", () => {
  expect(limits.commandTimeoutMs + limits.readYourWritesMs).toBeLessThan(limits.handlerTimeoutMs);
  expect(limits.acceptTimeoutMs).toBeLessThan(limits.handlerTimeoutMs);
  expect(limits.handlerTimeoutMs).toBeLessThan(limits.connectionTimeoutMs);
});
