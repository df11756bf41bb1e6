// Goal: a nats-server that stands still and goes on leaves one socket a connection, every message is delivered once, and nothing is
// printed.
// Method: a real nats-server, stopped with SIGSTOP until several dials were given up; sockets are read where the kernel lists them.
import { readFileSync } from "node:fs";
import { createHomeCredentials } from "@handfast/nats-operator/credentials";
import { expect, it, vi } from "vitest";
import { bytes, startHost, text } from "./node.ts";

it("holds one socket a connection after a stall, and delivers each message once", async () => {
  // What a library prints would end up in the output of a command.
  const said = (["log", "info", "warn", "error"] as const).map((way) => vi.spyOn(console, way));
  await using host = await startHost("stall");
  const credentials = await createHomeCredentials(host.nats.identity, "impatient");
  const bus = await host.connect(credentials, { connectTimeoutMs: 800, pingIntervalMs: 200 });
  const heard: string[] = [];
  bus.subscribe("hf.log.>", ({ data }) => void heard.push(text(data)));
  await bus.flush();
  const { pid, port } = host.nats.server;
  const before = localPorts(port).established.length;

  process.kill(pid, "SIGSTOP");
  const dialled = new Set(localPorts(port).any);
  const known = dialled.size;
  const isGivenUp = () => {
    for (const local of localPorts(port).any) dialled.add(local);
    expect(dialled.size).toBeGreaterThanOrEqual(known + 4);
  };
  await vi.waitFor(isGivenUp, { timeout: 15_000, interval: 20 });
  process.kill(pid, "SIGCONT");

  await vi.waitFor(() => expect(bus.status).toBe("connected"), { timeout: 5_000 });
  await vi.waitFor(() => expect(localPorts(port).established.length).toBe(before), { timeout: 5_000 });
  const sent = Array.from({ length: 200 }, (_, index) => String(index));
  for (const number of sent) bus.publish("hf.log.x", bytes(number));
  await bus.flush();
  await vi.waitFor(() => expect(heard.at(-1)).toBe(sent.at(-1)));
  expect(heard).toEqual(sent);
  for (const way of said) expect(way.mock.calls).toEqual([]);
}, 30_000);

it("leaves no socket behind when a first connection is given up", async () => {
  await using host = await startHost("silent");
  const { pid, port } = host.nats.server;
  const credentials = await createHomeCredentials(host.nats.identity, "impatient");
  const before = localPorts(port).established.length;
  process.kill(pid, "SIGSTOP");
  try {
    await expect(host.connect(credentials, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: "bus-unavailable",
    });
    await vi.waitFor(() => expect(localPorts(port).established.length).toBe(before));
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

/** Local ends of this machine's sockets to a loopback port, by the kernel's own list; state 01 is established. */
function localPorts(port: number): {
  readonly any: readonly string[];
  readonly established: readonly string[];
} {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const rows = lines.map((line) => line.trim().split(/\s+/)).filter((row) => row[2] === remote);
  const local = (row: readonly string[]) => row[1] ?? "";
  return { any: rows.map(local), established: rows.filter((row) => row[3] === "01").map(local) };
}
