/**
 * Goal: what a partner did to its own logs is told and judged by the auditor alone: histories beside each other, proofs of
 * them, later logs, and what they say of earlier ones. What is not as it says does not verify.
 */
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replay } from "../src/replay.ts";
import { verifyBundle } from "../src/verify.ts";
import {
  assemble,
  bundle,
  createWorld,
  keysOf,
  proofOf,
  sectionsOf,
  type World,
  type Written,
} from "./bundle-writer.ts";

function audit(bytes: Buffer) {
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bytes);
  return verifyBundle(path, { keep: true });
}
const reportOf = (world: World) => audit(bundle(world)).report;
const findings = (world: World) => reportOf(world).findings.map(({ code }) => code);
const problems = (world: World) => reportOf(world).problems.map(({ code }) => code);

/** What the fold says of every entry, by its ref. */
function verdicts(world: World) {
  const { report, held } = audit(bundle(world));
  expect(report.problems).toEqual([]);
  const cut = { asOf: Number.MAX_SAFE_INTEGER, timeline: "recorded" } as const;
  const rows = [...replay(held as NonNullable<typeof held>, cut).verdicts()];
  const of = ({ ref, pinned }: Written) =>
    rows.find(({ id }) => id === pinned) ?? rows.find(({ id }) => id === ref);
  return (entry: Written) => of(entry);
}

function founded() {
  const world = createWorld("ann", "bob");
  const [ann, bob] = [world.founder("ann"), world.founder("bob")];
  const challenge = world.act(ann, "challenge.shared", { after: bob.entries });
  return { world, ann, bob, challenge };
}

describe("a log that was signed in two histories", () => {
  /** Bob offers help twice, at one place: Ann accepts the one, and nobody hears of the other. */
  function forked() {
    const { world, ann, bob, challenge } = founded();
    const beside = world.fork(bob, bob.entries.length);
    const [one, other] = [bob, beside].map((by) =>
      world.act(by, "help.offered", {
        subject: challenge,
        after: [challenge],
        x: by === bob ? {} : { part: "half" },
      }),
    ) as [Written, Written];
    const accepted = world.act(ann, "help.accepted", {
      subject: challenge,
      after: [one],
      x: { offer: one.ref },
    });
    return { world, ann, bob, beside, challenge, one, other, accepted };
  }

  it("is told of, and verified with both", () => {
    const { world, bob } = forked();
    const { verdict, findings: found, logs } = reportOf(world);
    expect(verdict).toBe("verified");
    expect(found).toMatchObject([
      { code: "forked", log: bob.log, detail: expect.stringContaining("from entry 2 on") },
    ]);
    expect(logs.filter(({ log }) => log === bob.log).map(({ branch, size }) => [branch, size])).toEqual([
      [undefined, 3],
      [1, 3],
    ]);
  });

  it("is quarantined from where they part, but for what another partner relied on, who is named", () => {
    const { world, one, other, accepted } = forked();
    const verdictOf = verdicts(world);
    expect(verdictOf(one)).toMatchObject({ verdict: "effective", reliedOnBy: [accepted.ref] });
    expect(verdictOf(other)).toMatchObject({ verdict: "quarantined" });
    expect(verdictOf(accepted)).toMatchObject({ verdict: "effective" });
  });

  it("is found by a proof alone, without the other history, and by none that proves nothing", () => {
    const { world, ann, bob, beside, challenge } = forked();
    world.act(beside, "help.offered", { subject: challenge, after: [challenge] });
    const other = world.partners.indexOf(beside);
    (world.partners as unknown[]).splice(other, 1);
    const late = world.act(bob, "initiative.proposed");
    const proven = world.act(ann, "fork.proven", {
      after: [late],
      x: proofOf(world.net, { ...bob, leaves: bob.leaves.slice(0, 3) }, beside),
    });
    expect(verdicts(world)(proven)).toMatchObject({ verdict: "effective" });
    expect(verdicts(world)(late)).toMatchObject({ verdict: "quarantined" });
    expect(findings(world)).toEqual(["fork-proven"]);

    // Signed by somebody else; and of histories of which one only goes on from the other.
    const forged = proofOf(
      world.net,
      bob,
      { ...beside, leaves: [...beside.leaves, ...beside.leaves] },
      keysOf("eve"),
    );
    const honest = proofOf(world.net, { ...bob, leaves: bob.leaves.slice(0, 2) }, bob);
    const lies = [forged, honest].map((x) => world.act(ann, "fork.proven", { after: [late], x }));
    for (const lie of lies) expect(verdicts(world)(lie)).toMatchObject({ verdict: "not-proven" });
    expect(findings(world)).toEqual(["fork-proven", "not-proven", "not-proven"]);
  });

  it("is not known to those who hold a proof that is malformed: what they rely on stands", () => {
    for (const isMalformed of [true, false]) {
      const { world, ann, bob, challenge } = founded();
      const beside = world.fork(bob, bob.entries.length);
      const [offered] = [bob, beside].map((by) =>
        world.act(by, "help.offered", {
          subject: challenge,
          after: [challenge],
          x: by === bob ? {} : { part: "half" },
        }),
      ) as [Written, Written];
      const x = proofOf(world.net, bob, beside);
      const proof = world.act(ann, "fork.proven", isMalformed ? { subject: challenge, x } : { x });
      const after = { subject: challenge, after: [offered], x: { offer: offered.ref } };
      world.act(ann, "help.accepted", after);
      const verdictOf = verdicts(world);
      expect(verdictOf(proof)?.verdict).toBe(isMalformed ? "malformed" : "effective");
      expect(verdictOf(offered)?.verdict).toBe(isMalformed ? "effective" : "quarantined");
    }
  });

  it("is invalid where the second history is not what it says", () => {
    const { world } = forked();
    const sections = sectionsOf(world);
    const nth = sections.findIndex(({ kind }) => kind === "branch");
    const edit = (index: number, change: (text: string) => string) =>
      sections.map((section, at) =>
        at === index ? { ...section, bytes: Buffer.from(change(section.bytes.toString())) } : section,
      );
    const forgeries = [
      edit(nth, (text) => text.replace('"from":2', '"from":1')),
      edit(nth + 1, (text) => text.replace("half", "most")),
      edit(nth + 2, (text) => text.replace("\n3\n", "\n4\n")),
      sections.toSpliced(nth, 3),
      // The same history twice.
      sections.toSpliced(nth + 1, 2, ...sections.slice(nth - 3, nth).filter(({ kind }) => kind !== "log")),
    ];
    for (const [index, forgery] of forgeries.entries()) {
      expect(audit(assemble(forgery)).report.verdict, String(index)).toBe("invalid");
    }
  });
});

describe("a later log", () => {
  it("goes on from the one that it closes, which keeps what lies below", () => {
    const { world, bob } = founded();
    const kept = world.act(bob, "initiative.proposed");
    const stranded = world.act(bob, "initiative.proposed");
    const later = world.goOn(bob, [{ log: bob, size: 3 }]);
    const anew = world.act(later, "initiative.proposed");
    expect(findings(world)).toEqual(["closed"]);
    const verdictOf = verdicts(world);
    expect([kept, stranded, anew].map((entry) => verdictOf(entry)?.verdict)).toEqual([
      "effective",
      "stranded",
      "effective",
    ]);
  });

  it.each([
    ["another root than the earlier log has there", "previous", { root: "A".repeat(43) }],
    ["a size beyond what the bundle holds", "beyond-log", { size: 9, root: "A".repeat(43) }],
  ])("does not verify that names %s", (_what, code, wrong) => {
    const { world, bob } = founded();
    world.goOn(bob, [{ log: bob, size: 2, ...wrong }]);
    expect(problems(world)).toEqual([code]);
    expect(reportOf(world).verdict).toBe(code === "previous" ? "invalid" : "incomplete");
  });

  it("does not verify that names another partner's log, or one that was left out", () => {
    const { world, ann, bob } = founded();
    world.goOn(bob, [{ log: ann, size: 2 }]);
    expect(problems(world)).toContain("previous");
    const other = founded();
    const later = other.world.goOn(other.bob, [{ log: other.bob, size: 2 }]);
    const cut = bundle(other.world, {
      size: (partner) => (partner === other.bob ? 0 : partner.entries.length),
    });
    expect(audit(cut).report.problems).toContainEqual(
      expect.objectContaining({ code: "missing-log", log: later.log }),
    );
    expect(audit(cut).report.verdict).toBe("incomplete");
  });

  it("does not verify where it changes keys that it may not change", () => {
    const { world, bob } = founded();
    const eve = keysOf("eve");
    world.goOn(bob, [{ log: bob, size: 2 }], { root: eve.multikey });
    expect(problems(world)).toContain("previous");
    // The root key that was in force may choose new log keys.
    const other = founded();
    const later = other.world.goOn(other.bob, [{ log: other.bob, size: 2 }], { keys: [eve.multikey] });
    expect(reportOf(other.world).problems.filter(({ log }) => log === later.log)).toEqual([]);
  });

  it("has no authority beside another one that closes the same log, nor has one that closes none: told, and verified", () => {
    const { world, bob } = founded();
    const [one, other] = [0, 1].map(() => world.goOn(bob, [{ log: bob, size: 2 }]));
    const said = world.act(one as typeof bob, "initiative.proposed");
    const none = world.goOn(bob, []);
    const also = world.act(none, "initiative.proposed", { after: bob.entries.slice(0, 2) });
    expect(findings(world).toSorted()).toEqual([
      "closed",
      "closed",
      "no-authority",
      "no-authority",
      "no-authority",
    ]);
    const verdictOf = verdicts(world);
    expect([said, also].map((entry) => verdictOf(entry)?.verdict)).toEqual(["quarantined", "quarantined"]);

    world.goOn(
      bob,
      [one, other].map((log) => ({ log: log as typeof bob, size: 1 })),
    );
    expect(findings(world).filter((code) => code === "no-authority")).toHaveLength(2);
  });

  it("opened by a log key yields to one by the root: told, and verified", () => {
    const { world, bob } = founded();
    const own = world.goOn(bob, [{ log: bob, size: 2 }]);
    const stolen = world.goOn(bob, [{ log: bob, size: 2, isByLogKey: true }]);
    const said = [own, stolen].map((by) => world.act(by, "initiative.proposed"));
    expect(findings(world).toSorted()).toEqual(["closed", "closed", "no-authority"]);
    expect(reportOf(world).findings).toContainEqual(
      expect.objectContaining({
        code: "no-authority",
        log: stolen.log,
        detail: expect.stringContaining("outranks"),
      }),
    );
    const verdictOf = verdicts(world);
    expect(said.map((entry) => verdictOf(entry)?.verdict)).toEqual(["effective", "quarantined"]);
  });

  it("by the root settles which of two histories counts, below where it closes them", () => {
    for (const isByLogKey of [false, true]) {
      const { world, bob, challenge } = founded();
      const beside = world.fork(bob, bob.entries.length);
      const kept = world.act(bob, "initiative.proposed");
      const other = world.act(beside, "help.offered", { subject: challenge, after: [challenge] });
      const beyond = world.act(bob, "initiative.proposed");
      world.goOn(bob, [{ log: bob, size: 3, isByLogKey }]);
      const verdictOf = verdicts(world);
      expect([kept, other, beyond].map((entry) => verdictOf(entry)?.verdict)).toEqual([
        isByLogKey ? "quarantined" : "effective",
        "quarantined",
        "quarantined",
      ]);
    }
  });
});
