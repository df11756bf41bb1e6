// Goal: init makes a folder that only its owner can read, that names one partner, and that is never made twice.
import { mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { foundCharter, initNode, readPartner, readRoot } from "./init.ts";

const now = Date.UTC(2026, 0, 1);
const open = () => {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-init-"));
  return { folder: dataFolder(join(temp.path, "orchard")), [Symbol.dispose]: () => temp.remove() };
};

it("makes secrets that only the owner reads, and a root key that fits the partner", async () => {
  using one = open();
  const { partner } = await initNode(one.folder, "Orchard", {}, now);
  for (const secret of [one.folder.rootKey, one.folder.natsIdentity, one.folder.authorityKey]) {
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  }
  expect(statSync(one.folder.dir).mode & 0o777).toBe(0o700);
  expect(readRoot(one.folder, partner).nextRootHash).toHaveLength(43);
  expect(readFileSync(one.folder.partner, "utf8")).not.toContain("PRIVATE");
});

it("refuses a folder that holds a node, and another partner's root key", async () => {
  using one = open();
  using two = open();
  const { partner } = await initNode(one.folder, "Orchard", {}, now);
  const other = await initNode(two.folder, "Millrace", {}, now);
  await expect(initNode(one.folder, "Orchard", {}, now)).rejects.toMatchObject({ code: "usage" });
  expect(() => readRoot(one.folder, other.partner)).toThrow(/another partner/);
  expect(readRoot(one.folder, partner).signer).toBeDefined();
});

it("founds networks that differ even by one name and founder", async () => {
  using one = open();
  const { partner } = await initNode(one.folder, "Orchard", {}, now);
  const [first, second] = [
    foundCharter("River valley", [partner.id]),
    foundCharter("River valley", [partner.id]),
  ];
  expect(parseCharter(first)).toMatchObject({ ok: true, value: { founders: [partner.id] } });
  expect(networkIdOf(first)).not.toBe(networkIdOf(second));
});

it("says so where the folder no longer tells whose it is", async () => {
  using one = open();
  const { partner } = await initNode(one.folder, "Orchard", {}, now);
  expect(readPartner(one.folder)).toEqual(partner);
  for (const text of ["{", "{}", ""]) {
    writeFileSync(one.folder.partner, text);
    expect(() => readPartner(one.folder)).toThrow(expect.objectContaining({ code: "partner-malformed" }));
  }
});
