// Goal: every name the protocol takes makes a node, and an init that fails leaves nothing behind.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServerCertificate, parseCertifiedKey } from "@handfast/nats-operator/certificates";
import { parseOperatorIdentity } from "@handfast/nats-operator/identity";
import { testStateDir } from "@handfast/testkit/state-folder";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { readPartner } from "./init.ts";
import { initCommand } from "./init-command.ts";

const now = Date.UTC(2026, 0, 1);
const open = () => {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-init-"));
  return { folder: dataFolder(join(temp.path, "node")), [Symbol.dispose]: () => temp.remove() };
};

it.each([
  "Smith & Sons",
  "O'Brien Trust",
  "Smith, Jones and Co.",
  'A (B) / C + D: #1 “x” "y" `z` $HOME \\ %s',
  "A=b,CN=x",
  "-dash",
  ".",
  "हिन्दी",
  "ไทย",
  "தமிழ்",
  "日本",
  "🚲",
  "x".repeat(64),
])("makes a node of %s", async (name) => {
  using temp = open();
  const made = await initCommand(temp.folder, { stateDir: testStateDir(), name, network: name }, now);
  expect(made).toMatchObject({ name, network: name });
  expect(readPartner(temp.folder).name).toBe(name);
  parseOperatorIdentity(JSON.parse(readFileSync(temp.folder.natsIdentity, "utf8")));
  const authority = parseCertifiedKey(
    readFileSync(temp.folder.authority, "utf8"),
    readFileSync(temp.folder.authorityKey, "utf8"),
  );
  await createServerCertificate(authority, [], now);
});

it("takes a name as people type it: decomposed, or with blanks around it", async () => {
  using temp = open();
  expect(
    await initCommand(temp.folder, { stateDir: testStateDir(), name: "  Cafe\u0301 " }, now),
  ).toMatchObject({ name: "Café" });
});

it.each(["", "   ", "two\nlines", "turned\u202eround", "x".repeat(65)])(
  "takes %j for no name",
  async (name) => {
    using temp = open();
    await expect(initCommand(temp.folder, { stateDir: testStateDir(), name }, now)).rejects.toThrow(
      /--name: .* is not a name/,
    );
    await expect(
      initCommand(temp.folder, { stateDir: testStateDir(), name: "Orchard", network: name }, now),
    ).rejects.toThrow(/--network/);
    expect(existsSync(temp.folder.dir)).toBe(false);
  },
);

it.each(["network", "Network", " NETWORK "])("makes no partner called %j, but a network", async (name) => {
  using temp = open();
  await expect(initCommand(temp.folder, { stateDir: testStateDir(), name }, now)).rejects.toMatchObject({
    code: "name-reserved",
    exitCode: 2,
    message: expect.stringMatching(/^--name: got "network", which means every partner/i),
  });
  expect(existsSync(temp.folder.dir)).toBe(false);
  expect(
    await initCommand(temp.folder, { stateDir: testStateDir(), name: "Orchard", network: name }, now),
  ).toMatchObject({
    network: name.trim(),
  });
});

it.each([{ httpPort: "7500", natsPort: "7500" }, { natsPort: "7430" }, { httpPort: "7422" }])(
  "refuses one port for two listeners: %j",
  async (ports) => {
    using temp = open();
    await expect(
      initCommand(temp.folder, { stateDir: testStateDir(), name: "Orchard", ...ports }, now),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^httpPort and natsPort are both \d+: each needs a port of its own$/),
      exitCode: 2,
    });
    expect(existsSync(temp.folder.dir)).toBe(false);
  },
);

it("leaves nothing behind when it fails, and can be run again", async () => {
  using temp = open();
  const { folder } = temp;
  // A file where this host keeps its state is what the ledger meets last.
  using state = open();
  writeFileSync(state.folder.dir, "");
  const founding = (stateDir: string) =>
    initCommand(folder, { stateDir, name: "Orchard", network: "River valley" }, now);
  await expect(founding(state.folder.dir)).rejects.toThrow();
  expect(existsSync(folder.dir)).toBe(false);
  mkdirSync(folder.dir);
  await expect(founding(state.folder.dir)).rejects.toThrow();
  expect(readdirSync(folder.dir)).toEqual([]);
  await founding(testStateDir());

  using other = open();
  await expect(
    initCommand(
      dataFolder(join(other.folder.dir, "no", "parent")),
      { stateDir: testStateDir(), name: "Orchard" },
      now,
    ),
  ).rejects.toThrow(/there is no folder/);
  expect(existsSync(other.folder.dir)).toBe(false);
  await initCommand(
    other.folder,
    { stateDir: testStateDir(), name: "Orchard", network: "River valley" },
    now,
  );
});

it.each([".gitignore", "handfast.yaml", "notes.txt"])("leaves alone a folder that holds %s", async (name) => {
  using temp = open();
  const { folder } = temp;
  mkdirSync(folder.dir);
  writeFileSync(join(folder.dir, name), "ours");
  await expect(initCommand(folder, { stateDir: testStateDir(), name: "Orchard" }, now)).rejects.toMatchObject(
    { exitCode: 2, message: expect.stringContaining(`holds ${name}`) },
  );
  expect(readdirSync(folder.dir)).toEqual([name]);
  expect(readFileSync(join(folder.dir, name), "utf8")).toBe("ours");
});

it.each([
  ["a file", (path: string) => writeFileSync(path, "")],
  ["a pipe", (path: string) => execFileSync("mkfifo", [path])],
])("refuses %s in the place of its folder", async (_what, make) => {
  using temp = open();
  make(temp.folder.dir);
  await expect(
    initCommand(temp.folder, { stateDir: testStateDir(), name: "Orchard" }, now),
  ).rejects.toMatchObject({
    message: `${temp.folder.dir} is a file, and a node needs a folder`,
    exitCode: 2,
  });
});

it("keeps keys that it finds without a node, and says what to do", async () => {
  using temp = open();
  const { folder } = temp;
  mkdirSync(folder.keys, { recursive: true });
  writeFileSync(folder.rootKey, "somebody's only copy");
  await expect(initCommand(folder, { stateDir: testStateDir(), name: "Orchard" }, now)).rejects.toThrow(
    /root\.json is a key/,
  );
  expect(readFileSync(folder.rootKey, "utf8")).toBe("somebody's only copy");
});
