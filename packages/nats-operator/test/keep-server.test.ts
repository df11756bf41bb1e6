// Goal: a nats-server that dies is back on its port; one that is stopped stays away; one that stands still is ended when asked, and one that answers is left alone.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { createOperator } from "../src/identity.ts";
import { keepNatsServer } from "../src/keep-server.ts";
import { readGreeting } from "../src/listener.ts";
import { startMark } from "../src/processes.ts";

it("starts a server again that died, on the same port, until it is disposed", async () => {
  const dir = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  const kept = await keepNatsServer({ dir, identity: createOperator("orchard") });
  const { pid: first, port } = kept.current;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(kept.current.pid).not.toBe(first), { timeout: 5_000 });
  const { pid: second } = kept.current;
  expect(kept.current.port).toBe(port);
  expect(await readGreeting("127.0.0.1", port)).toBe(kept.current.version);

  await kept[Symbol.asyncDispose]();
  expect([startMark(second), await readGreeting("127.0.0.1", port)]).toEqual([null, null]);
  rmSync(dir, { recursive: true });
});

it("leaves none behind when it is disposed while one is starting", async () => {
  const dir = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  const kept = await keepNatsServer({ dir, identity: createOperator("ferry") });
  const { pid, port, exited } = kept.current;
  process.kill(pid, "SIGKILL");
  await exited;
  await kept[Symbol.asyncDispose]();
  expect([startMark(kept.current.pid), await readGreeting("127.0.0.1", port)]).toEqual([null, null]);
  rmSync(dir, { recursive: true });
});

it("ends a server that stands still, and leaves alone one that answers", async () => {
  const dir = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  await using kept = await keepNatsServer({ dir, identity: createOperator("mill") });
  const { pid, port } = kept.current;
  await kept.endIfSilent();
  expect(await readGreeting("127.0.0.1", port)).toBe(kept.current.version);
  process.kill(pid, "SIGSTOP");
  await kept.endIfSilent();
  expect([startMark(pid), await readGreeting("127.0.0.1", port)]).toEqual([null, null]);
  expect(kept.current.pid, "it is not started again").toBe(pid);
  rmSync(dir, { recursive: true });
});
