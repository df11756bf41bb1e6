// Goal: the doctor always has a word about clock, ports and nats-server, and says "bad" only of what is.

import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeView } from "@handfast/api/views/node";
import { createLogger } from "@handfast/service-kit/logger";
import { testStateDir } from "@handfast/testkit/state-folder";
import { expect, it } from "vitest";
import { openNodeApi } from "../cli/node-api.ts";
import { type DataFolder, dataFolder } from "./data-folder.ts";
import { clock, examine, forked, link } from "./doctor.ts";
import { initCommand } from "./init-command.ts";
import { startNode } from "./node.ts";
import { readSettings } from "./settings.ts";

type Peers = NodeView["peers"];
const peer = (name: string, clockSkewMs: number | null) =>
  ({ partner: name, name, role: "host", state: "connected", clockSkewMs }) as unknown as Peers[number];
it("tells of a partner that signed two histories, what that means, and what to do", () => {
  const fork = { partner: "z6Mk", name: "Thistle", log: "L", from: 7, branches: 1, isProven: true };
  const { level, what, found } = forked(fork, dataFolder("/somewhere"));
  expect([level, what]).toEqual(["note", "log of Thistle"]);
  for (const told of ["part at entry 7", "Ask Thistle", "new log", "handfast"]) expect(found).toContain(told);
});

const silent = createLogger("handfast", "silent");
const notUp = () => Promise.reject(new Error("not up"));
const here = { PATH: process.env["PATH"] };

it("tells a clock that most peers find wrong from a peer whose own is", () => {
  expect(clock([]).level).toBe("note");
  expect(clock([peer("a", null)]).level).toBe("note");
  expect(clock([peer("a", 120_000), peer("b", -3)]).level).toBe("ok");
  expect(clock([peer("a", 600_000), peer("b", 5), peer("c", 7)])).toMatchObject({
    level: "note",
    found: expect.stringContaining("600 s from a"),
  });
  expect(clock([peer("a", -600_000), peer("b", -600_000), peer("c", 7)]).level).toBe("bad");
});

it("finds a link dead when it is closed or long silent, and says what to do", () => {
  const folder = dataFolder("/tmp/orchard");
  const now = Date.now();
  const of = (state: string, lastHeardAt: number | null) =>
    link({ ...peer("Mill & Sons", 0), state, lastHeardAt } as Peers[number], folder, now);
  expect(of("connected", now).level).toBe("ok");
  expect(of("reconnecting", now - 60_000).level).toBe("note");
  expect(of("reconnecting", now - 3_600_000)).toMatchObject({
    level: "bad",
    found: expect.stringContaining("silent for 60 min"),
  });
  expect(of("reconnecting", null).level).toBe("bad");
  expect(of("closed", now)).toMatchObject({
    level: "bad",
    found: expect.stringContaining("--data /tmp/orchard peers restore 'Mill & Sons'"),
  });
});

it("looks at ports, clock and nats-server of a node that is not up", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  await using taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  await initCommand(
    folder,
    { stateDir: testStateDir(), name: "Orchard", httpPort: String(port), natsPort: "0" },
    Date.now(),
  );
  const levels = async (env: Readonly<Record<string, string | undefined>>, nowMs: number) =>
    Object.fromEntries((await examine(folder, env, notUp, nowMs)).map(({ what, level }) => [what, level]));
  expect(await levels(here, Date.now())).toMatchObject({
    "HTTP port": "bad",
    "NATS port": "ok",
    clock: "ok",
    node: "bad",
    secrets: "ok",
  });
  // A nats-server that outlived its node is not a stranger: the next start ends it.
  mkdirSync(folder.nats);
  writeFileSync(join(folder.nats, "nats-server.pid"), String(process.pid));
  const held = { ...here, HANDFAST_HTTP_PORT: "0", HANDFAST_NATS_PORT: String(port) };
  expect(await levels(held, Date.now())).toMatchObject({ "NATS port": "note" });
  rmSync(folder.nats, { recursive: true });
  expect(await levels(held, Date.now())).toMatchObject({ "NATS port": "bad" });
  const wrong = { ...here, HANDFAST_NATS_SERVER_PATH: join(temp.path, "none") };
  expect(await levels(wrong, Date.now() - 3_600_000)).toMatchObject({ clock: "bad", "nats-server": "bad" });
});

it("knows its own node while it is up, and says why it does not speak to it", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  await initCommand(folder, { stateDir: testStateDir(), name: "Orchard" }, Date.now());
  writeFileSync(folder.running, JSON.stringify({ url: "http://127.0.0.1:9", pid: process.pid }));
  chmodSync(folder.keys, 0o777);
  const findings = await examine(folder, here, () => openNodeApi(folder, {}), Date.now());
  expect(findings.filter(({ level }) => level === "bad")).toEqual([
    expect.objectContaining({ what: "secrets", found: expect.stringContaining(`chmod 700 ${folder.keys}`) }),
    {
      level: "bad",
      what: "node",
      found: expect.stringMatching(
        new RegExp(`^up as process ${process.pid}, but .*others can change what is in ${folder.keys}`),
      ),
    },
  ]);
  expect(findings.map(({ what }) => what)).not.toContain("HTTP port");
});

it("sees the damage in the log of a node that is not up", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  await initCommand(folder, { stateDir: testStateDir(), name: "Orchard", network: "Valley" }, Date.now());
  const found = async (wanted: string) =>
    (await examine(folder, here, notUp, Date.now())).find(({ what }) => what === wanted);
  const logFile = () => found("log.db");
  expect(await logFile()).toBeUndefined();
  expect(await found("files")).toMatchObject({ level: "ok" });
  const path = join(folder.dir, "log.db");
  const whole = readFileSync(path);
  const size = statSync(path).size;
  for (const [from, to] of [
    [0, 64],
    [4_096, size],
  ] as const) {
    writeFileSync(path, Buffer.from(whole).fill(0xa5, from, to));
    expect(await logFile()).toMatchObject({
      level: "bad",
      found: expect.stringContaining(`handfast --data ${folder.dir} restore <backup>`),
    });
  }
  // One byte inside an entry, which SQLite does not look at.
  const inside = whole.indexOf('"net":');
  writeFileSync(path, Buffer.from(whole).fill(0x00, inside, inside + 1));
  expect(await logFile()).toMatchObject({
    level: "bad",
    found: expect.stringMatching(/ is damaged \(entry \S+\.0 cannot be read\): move /),
  });
});

it.each<[string, (folder: DataFolder) => string]>([
  ["who it is", ({ partner }) => partner],
  ["its charter", ({ charter }) => charter],
  ["its log key", ({ logKey }) => logKey],
  ["its NATS keys", ({ natsIdentity }) => natsIdentity],
  ["its certificate", ({ authority }) => authority],
  ["the key of its certificate", ({ authorityKey }) => authorityKey],
])("sees that the file with %s is cut short, and so does a start", async (_what, pathIn) => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  const stateDir = testStateDir();
  const ports = { httpPort: "0", natsPort: "0" };
  await initCommand(folder, { stateDir, name: "Orchard", network: "Valley", ...ports }, Date.now());
  const path = pathIn(folder);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, text.length / 2));
  const damage = (await examine(folder, here, notUp, Date.now())).filter(({ what }) => what === "files");
  expect(damage).toEqual([
    {
      level: "bad",
      what: "files",
      found: expect.stringMatching(new RegExp(`^${path} .*: take it from your backup`)),
    },
  ]);
  expect(damage[0]?.found).not.toContain(text.slice(20, 40));
  const { settings } = readSettings(folder, {}, {});
  await expect(startNode(folder, { ...settings, stateDir }, silent)).rejects.toMatchObject({
    message: expect.stringContaining(path),
    code: expect.stringMatching(/^(partner-malformed|charter-malformed|key-malformed|unusable)$/),
  });
});

it("finds settings that do not fit, and looks at the rest all the same", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  await initCommand(folder, { stateDir: testStateDir(), name: "Orchard" }, Date.now());
  writeFileSync(folder.settings, "httpPort: 99999\n");
  const findings = await examine(folder, here, notUp, Date.now());
  expect(findings).toContainEqual({
    level: "bad",
    what: "settings",
    found: `httpPort (from file): expected a whole number from 0 to 65535; mend ${folder.settings}`,
  });
  expect(findings).toContainEqual(expect.objectContaining({ what: "clock" }));
});

it("says where there is no node at all", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-doctor-"));
  const findings = await examine(dataFolder(temp.path), here, notUp, Date.now());
  expect(findings.at(-1)).toMatchObject({ level: "bad", what: "data folder" });
});
