/** Goal: a bundle without the whole log of a founder or of an admitted partner is incomplete; of one that is only sponsored, it is said. */
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { verifyBundle } from "../src/verify.ts";
import { bundle, createWorld, type Partner, type World } from "./bundle-writer.ts";

/** The report on a bundle without these partners, and how the program ends. */
function audit(world: World, ...without: readonly Partner[]) {
  const partners = world.partners.filter((partner) => !without.includes(partner));
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bundle({ ...world, partners }));
  const main = join(import.meta.dirname, "..", "src", "main.ts");
  const { status, stdout } = spawnSync(process.execPath, [main, "verify", path], { encoding: "utf8" });
  return { report: verifyBundle(path).report, status, stdout };
}

/** Ann and Bob, founders, whose logs name each other nowhere; Cid, sponsored by Ann. */
function network() {
  const world = createWorld("ann", "bob");
  const [ann, bob, cid] = [world.founder("ann"), world.founder("bob"), world.open("cid")];
  const sponsorship = world.act(ann, "member.sponsored", { x: { root: cid.id, log: cid.log } });
  const vote = (by: Partner, yes = true) =>
    world.act(by, "member.endorsed", {
      subject: sponsorship,
      x: { opening: sponsorship.ref, yes },
      after: by === ann ? [] : [sponsorship],
    });
  return { world, ann, bob, cid, vote };
}

it("is incomplete without a founder's log, though nothing in it refers to that", () => {
  const { world, bob } = network();
  expect(audit(world).report.verdict).toBe("verified");
  const { report, status } = audit(world, bob);
  expect([report.verdict, status]).toEqual(["incomplete", 5]);
  expect(report.problems).toEqual([
    { code: "missing-log", detail: `no log of ${bob.id}, whom the charter names as a founder` },
  ]);
});

it("says that a sponsored partner's log is not here, and is verified", () => {
  const { world, cid, vote, ann, bob } = network();
  const said = `what ${cid.id} wrote: it was sponsored, and its log ${cid.log} is not in the bundle`;
  expect(audit(world).report.notChecked).not.toContain(said);
  vote(ann);
  vote(bob, false);
  const { report, status, stdout } = audit(world, cid);
  expect([report.verdict, status]).toEqual(["verified", 0]);
  expect(report.notChecked).toContain(said);
  expect(stdout).toContain(`not checked: ${said}`);
});

it("is incomplete without the log of a partner that a majority admitted", () => {
  const { world, cid, vote, ann, bob } = network();
  vote(ann);
  vote(bob);
  const { report, status } = audit(world, cid);
  expect([report.verdict, status]).toEqual(["incomplete", 5]);
  expect(report.problems).toEqual([
    {
      code: "missing-log",
      log: cid.log,
      detail: `a log left out, of ${cid.id}, whom 2 of 2 members admitted`,
    },
  ]);
});

it("lets nobody who is not a member make it incomplete", () => {
  const { world, cid } = network();
  const [root, log] = [world.open("dot"), world.open("eve")];
  world.act(cid, "member.sponsored", { x: { root: root.id, log: root.log } });
  const { report, status } = audit(world, root, log);
  expect(status).toBe(0);
  expect(report.notChecked.filter((what) => what.includes("sponsored"))).toEqual([]);
});
