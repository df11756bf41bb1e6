// Goal: one nats-server a node, whatever happened before; strangers are never touched.
// Method: real servers in folders of their own; a child process is the node that gets killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, it, vi } from "vitest";
import { createAuthority, createServerCertificate } from "../src/certificates.ts";
import { createOperator } from "../src/identity.ts";
import { readGreeting } from "../src/listener.ts";
import { startMark } from "../src/processes.ts";
import { type Logger, startNatsServer } from "../src/server.ts";
import { startTestNatsServer } from "./test-server.ts";

const identity = createOperator("orchard");

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A node in a process of its own, which starts a server on the folder and stays. */
async function spawnNode(dir: string) {
  const program = `
    import { startNatsServer } from ${JSON.stringify(import.meta.resolve("../src/server.ts"))};
    const identity = ${JSON.stringify(identity)};
    process.on("SIGUSR2", () => process.exit(3));
    const server = await startNatsServer({ dir: ${JSON.stringify(dir)}, identity });
    console.log(JSON.stringify({ pid: server.pid, port: server.port }));`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, server: JSON.parse(String(line)) as { pid: number; port: number } };
}

describe("a nats-server", () => {
  it("talks TLS under a certificate of the partner's own authority, for localhost and its names", async () => {
    using folder = temporaryFolder();
    const authority = await createAuthority("orchard", Date.now());
    const certificate = await createServerCertificate(authority, ["nats.orchard.example"], Date.now());
    const caPem = authority.certificatePem;
    await using server = await startNatsServer({
      dir: folder.path,
      identity,
      tls: { caPem, server: certificate },
    });
    expect(server).toMatchObject({ url: `tls://127.0.0.1:${server.port}`, caPem });
    expect(server.version).toMatch(/^2\.\d+\.\d+/);
    // nats-server greets in clear text and turns to TLS on the same socket.
    const socket = connectTls({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => {});
    expect(await readGreeting("127.0.0.1", server.port)).toBe(server.version);
    socket.destroy();
  });

  it("keeps its secrets from other users of the machine", async () => {
    await using nats = await startTestNatsServer();
    const mode = (name: string) => statSync(join(nats.dir, name)).mode & 0o077;
    expect([mode("nats-server.conf"), mode("server-key.pem")]).toEqual([0, 0]);
    expect(readFileSync(join(nats.dir, "nats-server.conf"), "utf8")).not.toMatch(/S[OAU][A-Z2-7]{56}/);
  });

  it("runs beside another, and ends when disposed", async () => {
    const [one, two] = await Promise.all([startTestNatsServer(), startTestNatsServer()]);
    expect(one.server.port).not.toBe(two.server.port);
    await one[Symbol.asyncDispose]();
    expect(startMark(one.server.pid)).toBeNull();
    expect(await readGreeting("127.0.0.1", two.server.port)).toBe(two.server.version);
    await two[Symbol.asyncDispose]();
  });

  it("that dies by itself says so, and can be started again on its folder and port", async () => {
    await using nats = await startTestNatsServer();
    const { pid, port, exited } = nats.server;
    process.kill(pid, "SIGKILL");
    expect(await exited).toEqual({ code: null, signal: "SIGKILL" });
    await nats.restart();
    expect([nats.server.port, nats.server.pid === pid]).toEqual([port, false]);
  });
});

describe("a start", () => {
  it("ends the server that a killed node left behind, and takes its port", async () => {
    using folder = temporaryFolder();
    const node = await spawnNode(folder.path);
    node.child.kill("SIGKILL");
    await once(node.child, "exit");
    expect(startMark(node.server.pid)).not.toBeNull();

    const lines: string[] = [];
    const logger: Logger = { info: (line) => lines.push(line.event), warn: (line) => lines.push(line.event) };
    await using server = await startNatsServer({
      dir: folder.path,
      identity,
      port: node.server.port,
      logger,
    });
    expect(startMark(node.server.pid)).toBeNull();
    expect(server.port).toBe(node.server.port);
    expect(lines).toEqual(["nats-server.leftover-ended", "nats-server.started"]);
  });

  it("finds that one even when the claim and the pid file are gone", async () => {
    using folder = temporaryFolder();
    const node = await spawnNode(folder.path);
    node.child.kill("SIGKILL");
    await once(node.child, "exit");
    for (const name of ["claim.json", "nats-server.pid"]) rmSync(join(folder.path, name));
    await using server = await startNatsServer({ dir: folder.path, identity });
    expect(startMark(node.server.pid)).toBeNull();
    expect(startMark(server.pid)).not.toBeNull();
  });

  it("needs no clearing up after a node that ended by process.exit: its server went with it", async () => {
    using folder = temporaryFolder();
    const node = await spawnNode(folder.path);
    node.child.kill("SIGUSR2");
    await once(node.child, "exit");
    await vi.waitFor(() => expect(startMark(node.server.pid)).toBeNull());
  });

  it("is refused while another node lives on the folder, whose server goes on", async () => {
    using folder = temporaryFolder();
    const node = await spawnNode(folder.path);
    await expect(startNatsServer({ dir: folder.path, identity })).rejects.toMatchObject({
      code: "already-running",
    });
    expect(await readGreeting("127.0.0.1", node.server.port)).not.toBeNull();
    node.child.kill("SIGUSR2");
    await once(node.child, "exit");

    await using nats = await startTestNatsServer();
    const again = startNatsServer({ dir: nats.dir, identity });
    await expect(again).rejects.toMatchObject({ code: "already-running" });
    expect(startMark(nats.server.pid)).not.toBeNull();
  });

  it("leaves alone a stranger whose pid stands in our files, and one who reads our configuration", async () => {
    using folder = temporaryFolder();
    const configuration = join(folder.path, "nats-server.conf");
    writeFileSync(configuration, "# ours");
    const reader = spawn("tail", ["-f", configuration], { stdio: "ignore" });
    writeFileSync(join(folder.path, "nats-server.pid"), String(reader.pid));
    writeFileSync(
      join(folder.path, "claim.json"),
      JSON.stringify({ pid: reader.pid, startMark: "another boot:1" }),
    );
    await using _server = await startNatsServer({ dir: folder.path, identity });
    expect(startMark(reader.pid as number)).not.toBeNull();
    reader.kill();
  });

  it("says port-in-use when a stranger has the port", async () => {
    using folder = temporaryFolder();
    const stranger = createServer().listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as { port: number };
    const start = startNatsServer({ dir: folder.path, identity, port });
    await expect(start).rejects.toMatchObject({ code: "port-in-use" });
    stranger.close();
    await once(stranger, "close");
    await using server = await startNatsServer({ dir: folder.path, identity, port });
    expect(server.port).toBe(port);
  });

  it("beyond loopback needs TLS and a nats-server without known holes", async () => {
    using folder = temporaryFolder();
    const host = "0.0.0.0";
    const plain = startNatsServer({ dir: folder.path, identity, host });
    await expect(plain).rejects.toMatchObject({ code: "tls-required" });
    const authority = await createAuthority("orchard", Date.now());
    const tls = {
      caPem: authority.certificatePem,
      server: await createServerCertificate(authority, [], Date.now()),
    };
    const local = await startNatsServer({ dir: folder.path, identity, tls });
    await local[Symbol.asyncDispose]();
    const open = startNatsServer({ dir: folder.path, identity, tls, host });
    if (local.belowMinimum) await expect(open).rejects.toMatchObject({ code: "nats-server-too-old" });
    else await (await open)[Symbol.asyncDispose]();
  });

  it("names what is wrong with the program: absent, or ending at once", async () => {
    using folder = temporaryFolder();
    const start = (natsServerPath: string) => startNatsServer({ dir: folder.path, identity, natsServerPath });
    await expect(start("/nonexistent/nats-server")).rejects.toMatchObject({ code: "nats-server-not-found" });
    await expect(start("/bin/false")).rejects.toMatchObject({ code: "nats-server-failed", retry: "later" });
    const notAProgram = join(folder.path, "broken");
    writeFileSync(notAProgram, "\0");
    chmodSync(notAProgram, 0o700);
    await expect(start(notAProgram)).rejects.toMatchObject({ code: "nats-server-failed" });
    await using server = await startNatsServer({ dir: folder.path, identity });
    expect(startMark(server.pid)).not.toBeNull();
  });
});
