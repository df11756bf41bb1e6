// Goal: a node keeps its promises in both of its forms, all services in one process and each in its own: partners join, act and see each
// other; a link that was cut off stays so until it is restored; a service that is killed is started again and nothing that was
// acknowledged is lost or doubled; two gateways answer alike; a stop is orderly, also while or after the node's nats-server stands still.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus } from "@handfast/bus/connect";
import { openClient } from "@handfast/client/client";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { type DemoNetwork, openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const longMs = 60_000;

const pledge = (node: DemoNode, key: string) =>
  node.api.command("commitment.pledge", {
    on: null,
    idempotencyKey: key,
    body: { act: "pledge", title: key, externalId: key, due: "2031-01-01" },
  });
const titles = async (node: DemoNode) =>
  (await node.api.list("/v1/commitments", {})).map((item) => String(item["externalId"])).sort();

const isDone = (act: Promise<unknown>): Promise<boolean> =>
  act.then(
    () => true,
    () => false,
  );

/** How many connections a node in one process has to its own nats-server, as the kernel lists them; 01 is established. */
function socketsTo({ pid, natsPort }: DemoNode): number {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // It was closed meanwhile.
        return [];
      }
    }),
  );
  const port = natsPort.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/tcp", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[2]?.endsWith(`:${port}`) && row[3] === "01" && own.has(row[9] ?? "")).length;
}

/** Pids and command lines of the processes that a node started itself. */
function childrenOf(node: DemoNode): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync("/proc")
    .map(Number)
    .filter(Boolean)
    .flatMap((pid) => {
      try {
        const parent = / (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "")?.[1];
        return Number(parent) === node.pid
          ? [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8") }]
          : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

/** Pids of the services of a node that runs apart, by name. */
function servicesOf(node: DemoNode): ReadonlyMap<string, number> {
  return new Map(
    childrenOf(node).flatMap(({ pid, command }) => {
      const name = /services\/(\w+)\/src\/main\.ts/.exec(command)?.[1];
      return name === undefined ? [] : [[name, pid] as const];
    }),
  );
}

function natsServerOf(node: DemoNode): number {
  const server = childrenOf(node).find(({ command }) => /nats-server\0/.test(command));
  if (server === undefined) throw new Error("the node has no nats-server");
  return server.pid;
}

describe.each([
  ["in one process", false],
  ["in several", true],
])("a network of nodes %s", (_form, isApart) => {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-forms-"));
  let network: DemoNetwork;
  let orchard: DemoNode;
  let millrace: DemoNode;

  beforeAll(async () => {
    network = await openDemoNetwork({
      name: "Forms",
      partners: ["Orchard", "Millrace"],
      dir: temp.path,
      say: () => {},
      isApart,
    });
    [orchard, millrace] = network.nodes as [DemoNode, DemoNode];
  }, 120_000);
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    temp.remove();
  }, longMs);

  it("acts, and each sees the other's acts", async () => {
    expect(servicesOf(orchard).size).toBe(isApart ? 4 : 0);
    const made = await pledge(orchard, "seen");
    expect(
      await orchard.api.find("commitments", String(made["id"])),
      "at once, by who did it",
    ).not.toBeNull();
    await waitForConvergence(network.nodes, longMs, () => {});
    expect(await titles(millrace)).toEqual(["seen"]);
  });

  it("cuts a partner off until its operator says otherwise", async () => {
    const id = await orchard.api.partnerId("Millrace");
    const state = async (node: DemoNode) => (await node.api.peers())[0]?.["state"];
    await orchard.api.cutOff(id);
    await eventually("both sides show it", async () => (await state(millrace)) === "closed", {
      withinMs: longMs,
    });
    expect(await state(orchard)).toBe("closed");
    await pledge(orchard, "while cut off");
    // By its name, as people call it.
    await orchard.api.restore("millrace");
    await millrace.api.restore(await millrace.api.partnerId("Orchard"));
    await waitForConvergence(network.nodes, longMs, () => {});
    expect(await titles(millrace)).toEqual(["seen", "while cut off"]);
    // What is open stays open: two operators who restore at once both succeed.
    expect(await orchard.api.restore("millrace")).toMatchObject({ links: 1 });
  });

  it("takes a partner back that left, by a new sponsorship, a vote and its own word", async () => {
    const id = await orchard.api.partnerId("Millrace");
    const stateOf = async (node: DemoNode) =>
      (await node.api.list("/v1/partners", {})).find((one) => one["id"] === id)?.["state"];
    const left = { name: "partner.leave", on: id, body: {}, idempotencyKey: "leave" } as const;
    await millrace.api.command("partner.leave", left);
    await eventually("its leaving is heard of", async () => (await stateOf(orchard)) === "left");
    await expect(pledge(millrace, "not a member")).rejects.toMatchObject({ code: "not-a-member" });
    const admit = { on: id, body: { yes: true } };
    await orchard.api.command("partner.admit", { ...admit, idempotencyKey: "admit again" });
    await eventually("it attests", async () => (await stateOf(orchard)) === "active", { withinMs: longMs });
    await eventually("on both sides", async () => (await stateOf(millrace)) === "active");
    await pledge(millrace, "a member again");
    await waitForConvergence(network.nodes, longMs, () => {});
    expect(await titles(orchard)).toContain("a member again");
    const once = orchard.api.command("partner.admit", { ...admit, idempotencyKey: "and again" });
    await expect(once).rejects.toMatchObject({ code: "already-a-member" });
  });

  it.runIf(isApart)(
    "starts a service that is killed again, and loses and doubles nothing",
    async () => {
      const keys = [];
      for (const name of ["ledger", "partnership", "federation", "gateway"]) {
        const pid = servicesOf(orchard).get(name);
        if (pid === undefined) throw new Error(`${name} does not run`);
        process.kill(pid, "SIGKILL");
        const key = `after ${name}`;
        keys.push(key);
        // Told that it is not known, or not now, a caller sends the same again.
        await eventually(
          `${name} is back`,
          async () =>
            await pledge(orchard, key).then(
              () => true,
              () => false,
            ),
          { withinMs: longMs },
        );
        await eventually("another process of it", () => (servicesOf(orchard).get(name) ?? pid) !== pid, {
          withinMs: longMs,
        });
      }
      await waitForConvergence(network.nodes, longMs, () => {});
      expect(await titles(millrace)).toEqual([...keys, "a member again", "seen", "while cut off"].sort());
    },
    240_000,
  );

  it.runIf(isApart)(
    "says that it is not ready while its ledger hangs, and is ready again afterwards",
    async () => {
      const readiness = async () =>
        (await (await fetch(`${orchard.url}/readyz`)).json()) as Record<string, unknown>;
      const pid = servicesOf(orchard).get("ledger") as number;
      process.kill(pid, "SIGSTOP");
      try {
        expect(await readiness()).toMatchObject({
          status: "degraded",
          reasons: expect.arrayContaining([expect.stringContaining("the ledger does not answer")]),
        });
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await eventually("it is ready again", async () => (await readiness())["status"] === "ok", {
        withinMs: longMs,
      });
    },
  );

  it.runIf(isApart)("answers alike by two gateways", async () => {
    const pid = servicesOf(orchard).get("gateway");
    await using second = await anotherGateway(pid as number);
    const token = readFileSync(orchard.folder.cliToken, "utf8").trim();
    const client = openClient({ url: second.url, token });
    const before = (await client.node()).position;
    const events = client.events({ after: String(before) })[Symbol.asyncIterator]();
    const made = await pledge(orchard, "by the first");
    expect(await client.one("commitments", String(made["id"])), "at once, by the other").toMatchObject({
      title: "by the first",
    });
    expect((await events.next()).value).toMatchObject({ type: "commitment.pledged" });
    await events.return?.(undefined);
    const again = await client.command("commitment.pledge", {
      on: null,
      idempotencyKey: "by the first",
      body: { act: "pledge", title: "by the first", externalId: "by the first", due: "2031-01-01" },
    } as never);
    expect(again["id"], "a retry at the other door").toBe(made["id"]);
  });

  it("lets no service do what is another's", async () => {
    const { folder, natsPort } = orchard;
    await using bus = await openBus({
      servers: [`tls://127.0.0.1:${natsPort}`],
      credentials: JSON.parse(readFileSync(join(folder.natsUsers, "gateway.json"), "utf8")),
      caPem: readFileSync(folder.authority, "utf8"),
      name: "not the gateway",
      inboxPrefix: "_INBOX.gateway",
    });
    for (const verb of ["append", "sign", "ingest", "keep-payloads"]) {
      const asked = bus.request(`hf.ledger.${verb}`, new Uint8Array(), { timeoutMs: 5_000 });
      await expect(asked, verb).rejects.toMatchObject({ code: "bus-denied" });
    }
  });

  it("answers inviter-unreachable when the inviter does not answer", async () => {
    await using cleanup = new AsyncDisposableStack();
    const silent = createServer();
    cleanup.defer(() => void silent.close());
    silent.on("connection", (socket) => cleanup.defer(() => void socket.destroy()));
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.address() as AddressInfo;
    const { invitation } = await orchard.api.invite({ endpoints: [`tls://localhost:${port}`] });
    const takeUp = () =>
      fetch(new URL("/v1/links", millrace.url), {
        method: "POST",
        headers: {
          authorization: `Bearer ${readFileSync(millrace.folder.cliToken, "utf8").trim()}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ invitation }),
      });
    const expected = {
      code: "inviter-unreachable",
      detail: `nobody answers at tls://localhost:${port}`,
    };
    const whileSilent = await takeUp();
    expect([whileSilent.status, await whileSilent.json()]).toMatchObject([503, expected]);
    expect(whileSilent.headers.get("retry-after")).toBe("1");
    expect(whileSilent.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    await cleanup.disposeAsync();
    const whileClosed = await takeUp();
    expect([whileClosed.status, await whileClosed.json()]).toMatchObject([503, expected]);
    expect((await millrace.api.peers()).length, "no second link came of it").toBe(1);
  });

  it.runIf(!isApart)(
    "acts on after its nats-server stood still for 40 s, over as many sockets as before",
    async () => {
      const before = socketsTo(orchard);
      const server = natsServerOf(orchard);
      process.kill(server, "SIGSTOP");
      const during: Promise<boolean>[] = [];
      for (let act = 0; act < 8; act += 1) {
        during.push(isDone(pledge(orchard, `stall ${act}`)));
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
      process.kill(server, "SIGCONT");
      const began = performance.now();
      await eventually("it acts again", () => isDone(pledge(orchard, "after the stall")), {
        withinMs: longMs,
      });
      process.stdout.write(`first act after a stall of 40 s: ${Math.round(performance.now() - began)} ms\n`);
      const later = Array.from({ length: 20 }, (_, act) => isDone(pledge(orchard, `later ${act}`)));
      expect(await Promise.all(later)).toEqual(Array(20).fill(true));
      await eventually("as many sockets as before", () => socketsTo(orchard) === before, {
        withinMs: longMs,
      });
      await Promise.all(during);
      // What was refused, or of unknown outcome, is sent again under its key: once each in the end.
      for (let act = 0; act < 8; act += 1) await pledge(orchard, `stall ${act}`);
      const made = (await titles(orchard)).filter((title) => title.startsWith("stall "));
      expect(made).toEqual(Array.from({ length: 8 }, (_, act) => `stall ${act}`));
    },
    240_000,
  );

  it("stops in order while its nats-server stands still, and after that", async () => {
    const stalled = natsServerOf(orchard);
    process.kill(stalled, "SIGSTOP");
    const waiting = pledge(orchard, "during the stall").then(
      () => "done",
      () => "refused",
    );
    await orchard.stop();
    expect(orchard.exitCode, "told to stop while it stood still").toBe(0);
    await waiting;
    expect(() => process.kill(stalled, 0), "nothing is left behind").toThrow();
    await orchard.start();

    const server = natsServerOf(orchard);
    process.kill(server, "SIGSTOP");
    await eventually(
      "an act is refused",
      () =>
        pledge(orchard, "stalled").then(
          () => false,
          () => true,
        ),
      {
        withinMs: longMs,
      },
    );
    process.kill(server, "SIGCONT");
    await orchard.stop();
    expect(orchard.exitCode, "told to stop just after the stall").toBe(0);
    await orchard.start();
    await eventually(
      "it acts again",
      () =>
        pledge(orchard, "stalled").then(
          () => true,
          () => false,
        ),
      {
        withinMs: longMs,
      },
    );
    await waitForConvergence(network.nodes, longMs, () => {});
    expect(await titles(orchard)).toEqual(await titles(millrace));
  }, 240_000);

  it("stops in order", async () => {
    const services = [...servicesOf(orchard).values()];
    await orchard.stop();
    expect(orchard.exitCode).toBe(0);
    for (const pid of services) expect(() => process.kill(pid, 0), String(pid)).toThrow();
    await orchard.start();
    expect(await titles(orchard)).toEqual(await titles(millrace));
  });
});

/** A gateway with the settings of one that runs, on a port of its own. */
async function anotherGateway(pid: number): Promise<AsyncDisposable & { readonly url: string }> {
  const env = Object.fromEntries(
    readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const main = join(import.meta.dirname, "..", "..", "services", "gateway", "src", "main.ts");
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...env, HANDFAST_HTTP_PORT: "0" },
  });
  const gone = once(child, "exit");
  const [said] = (await once(child, "message")) as [{ readonly facts?: { readonly url?: string } }];
  const url = said.facts?.url;
  if (url === undefined) throw new Error(`the second gateway did not start: ${JSON.stringify(said)}`);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
