// Goal: nobody but its owner can read what a node keeps, and a folder is never made by mistake.
import { chmodSync, mkdirSync, mkdtempDisposableSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  assertLogKeySecret,
  assertNode,
  commandIn,
  commandToStart,
  dataFolder,
  makeFolder,
  readSecret,
  writeSecret,
} from "./data-folder.ts";

const open = () => mkdtempDisposableSync(join(tmpdir(), "handfast-folder-"));

it("is its owner's alone, also where the folder was there before", () => {
  using temp = open();
  const folder = dataFolder(join(temp.path, "orchard"));
  mkdirSync(folder.dir, { mode: 0o755 });
  makeFolder(folder);
  for (const dir of [folder.dir, folder.keys, folder.gateway, folder.federation])
    expect(statSync(dir).mode & 0o777).toBe(0o700);
});

it("is not made beside a mistyped path, nor over a node", () => {
  using temp = open();
  expect(() => makeFolder(dataFolder(join(temp.path, "no", "orchard")))).toThrow(/there is no folder/);
  const folder = dataFolder(join(temp.path, "orchard"));
  expect(() => assertNode(folder)).toThrow(/there is no node/);
  makeFolder(folder);
  writeFileSync(folder.partner, "{}");
  assertNode(folder);
  expect(() => makeFolder(folder)).toThrow(/already holds a node/);
});

it("is named in the commands that hints give, as a shell takes them, unless it is the default one", () => {
  using temp = open();
  const folder = dataFolder(join(temp.path, "Smith's node"));
  expect(commandIn(folder, "up")).toBe(`handfast --data '${temp.path}/Smith'\\''s node' up`);
  expect(commandIn(dataFolder("handfast-data"), "up")).toBe("handfast up");
  makeFolder(folder);
  expect(commandToStart(folder)).toMatch(/ join <invitation>$/);
  writeFileSync(folder.charter, "{}");
  expect(commandToStart(folder)).toMatch(/ up$/);
});

it("is refused when others may change what is in it", () => {
  using temp = open();
  const folder = dataFolder(join(temp.path, "orchard"));
  makeFolder(folder);
  writeFileSync(folder.partner, "{}");
  for (const dir of [folder.dir, folder.keys])
    for (const mode of [0o720, 0o702, 0o777]) {
      chmodSync(dir, mode);
      expect(() => assertNode(folder)).toThrow(
        expect.objectContaining({ code: "folder-writable-by-others" }),
      );
      chmodSync(dir, 0o755);
      assertNode(folder);
    }
});

it.each(["rootKey", "logKey", "log", "settings"] as const)(
  "is refused when others may change its %s",
  (name) => {
    using temp = open();
    const folder = dataFolder(join(temp.path, "orchard"));
    makeFolder(folder);
    writeFileSync(folder.partner, "{}");
    writeFileSync(folder[name], "{}");
    for (const mode of [0o620, 0o602, 0o666]) {
      chmodSync(folder[name], mode);
      expect(() => assertNode(folder)).toThrow(
        expect.objectContaining({
          code: "folder-writable-by-others",
          hint: `chmod 600 ${folder[name]}, once you know that nobody did`,
        }),
      );
    }
    chmodSync(folder[name], 0o600);
    assertNode(folder);
  },
);

it("refuses a log key that others can read", () => {
  using temp = open();
  const folder = dataFolder(join(temp.path, "orchard"));
  makeFolder(folder);
  assertLogKeySecret(folder);
  writeFileSync(folder.logKey, "{}", { mode: 0o644 });
  expect(() => assertLogKeySecret(folder)).toThrow(
    expect.objectContaining({ code: "key-readable-by-others" }),
  );
});

it("keeps a secret as it was written, and refuses one that others can read", () => {
  using temp = open();
  const path = join(temp.path, "secret");
  writeSecret(path, "word");
  expect(() => writeSecret(path, "other")).toThrow(/EEXIST/);
  expect(readSecret(path)).toBe("word");
  for (const mode of [0o640, 0o604, 0o620, 0o602]) {
    chmodSync(path, mode);
    expect(() => readSecret(path)).toThrow(expect.objectContaining({ code: "key-readable-by-others" }));
  }
});

it("says at once where no folder can be made", () => {
  expect(() => makeFolder(dataFolder("/proc/handfast"))).toThrow(
    expect.objectContaining({ code: "folder-not-made", exitCode: 2 }),
  );
});
