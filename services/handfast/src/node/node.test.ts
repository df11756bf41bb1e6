// Goal: a start that cannot succeed says so before it opens anything. Method: real listeners, and what is in the folder afterwards.
import { once } from "node:events";
import { existsSync, mkdtempDisposableSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@handfast/service-kit/logger";
import { testStateDir } from "@handfast/testkit/state-folder";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { initCommand } from "./init-command.ts";
import { startNode } from "./node.ts";
import { readSettings } from "./settings.ts";

const silent = createLogger("handfast", "silent");

it.each([
  ["--http-port", "httpPort"],
  ["--nats-port", "natsPort"],
] as const)("names %s where another program has that port", async (flag, setting) => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-node-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  const stateDir = testStateDir();
  await initCommand(folder, { stateDir, name: "Orchard", network: "Valley" }, Date.now());
  await using taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const { settings } = readSettings(folder, { httpPort: 0, natsPort: 0, [setting]: port }, {});
  await expect(startNode(folder, { ...settings, stateDir }, silent)).rejects.toMatchObject({
    code: "port-in-use",
    message: expect.stringContaining(String(port)),
    hint: expect.stringContaining(flag),
  });
  // Neither a server nor the read model was begun.
  expect(existsSync(join(folder.nats, "nats-server.pid"))).toBe(false);
  expect(existsSync(folder.partnership)).toBe(false);
});
