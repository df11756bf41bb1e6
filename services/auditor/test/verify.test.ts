/**
 * Goal: nothing that was altered, reordered, cut or left out passes for verified, and each has its own exit code. The
 * command itself is run, and its folder looked at afterwards: it reads the bundle and writes nothing.
 */
import { spawn, spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../src/verify.ts";
import { verifyBundle } from "../src/verify.ts";
import {
  assemble,
  bundle,
  checkpoint,
  createSeededWorld,
  createWorld,
  keysOf,
  originOf,
  type Section,
  sectionsOf,
  type World,
  type Written,
} from "./bundle-writer.ts";
import { tell } from "./story.ts";

const main = join(import.meta.dirname, "../src/main.ts");

/** Judges bytes without a process of its own. */
function judge(bytes: Buffer, options = {}): Report {
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bytes);
  return verifyBundle(path, options).report;
}

function codes(bytes: Buffer, options = {}): string[] {
  return [...new Set(judge(bytes, options).problems.map(({ code }) => code))];
}

/** Runs the command on bytes; fails if it left anything behind. */
function run(bytes: Buffer, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bytes);
  const [command = "verify", ...rest] = args;
  const done = spawnSync(process.execPath, [main, command, path, ...rest], {
    encoding: "utf8",
    cwd: folder.path,
  });
  expect(readdirSync(folder.path)).toEqual(["bundle"]);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  return done;
}

/** Two partners, one handshake, a text. */
function small(): World {
  const world = createWorld("ann", "bob");
  const ann = world.founder("ann");
  const bob = world.founder("bob");
  const asked = world.act(ann, "commitment.requested", {
    x: { debtor: bob.id, beneficiaries: [ann.id], due: "2026-05-05" },
    body: { title: "Bring the tent" },
  });
  world.act(bob, "commitment.accepted", { subject: asked, after: [asked], x: { terms: asked.pinned } });
  world.act(ann, "commitment.released", { subject: asked, after: bob.entries });
  return world;
}

function change(sections: Section[], kind: string, edit: (text: string) => string, nth = 0): Section[] {
  let met = 0;
  return sections.map((section) => {
    if (section.kind !== kind || met++ !== nth) return section;
    return { kind, bytes: Buffer.from(edit(section.bytes.toString("utf8"))) };
  });
}

describe("a bundle as it was written", () => {
  it("is verified, and what was not checked is said", () => {
    const world = small();
    const { status, stdout } = run(bundle(world), "verify", "--json");
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      verdict: "verified",
      network: world.net,
      entries: 7,
      payloads: { given: 1, withheld: 0, redacted: 0, notHeld: 0 },
      problems: [],
    });
    expect(
      report.logs.map(({ name, size, checkpoints, signatures }) => [name, size, checkpoints, signatures]),
    ).toEqual(report.logs.map(({ name, size }) => [name, size, 2, 2]));
    expect(report.notChecked.join()).toContain("left out the ends of logs");
    expect(report.sha256).toBe(hash("sha256", bundle(world).subarray(0, -69), "hex"));
  });

  it("is told to people in a table without control characters", () => {
    const { status, stdout } = run(bundle(small()));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^verified/);
    expect(stdout).not.toContain("\u001b");
  });

  it("has signatures between checked when asked", () => {
    const world = small();
    const [ann] = world.partners;
    const options = {
      checkpointSizes: (_partner: unknown, size: number) =>
        Array.from({ length: size }, (_unused, at) => at + 1),
      signers: (partner: World["partners"][number], size: number) =>
        size === 1 ? [partner.root] : [size === 2 && partner === ann ? keysOf("thief") : partner.logKey],
    };
    const honest = bundle(world, { checkpointSizes: options.checkpointSizes });
    expect(judge(honest).notChecked.join()).toContain("the signatures of 3 checkpoints");
    expect(judge(honest, { everySignature: true }).notChecked.join()).not.toContain("--every-signature");
    expect(codes(bundle(world, options))).toEqual(["key"]);
    // The thief's signature under the honest key's id is found when every signature is asked for.
    const sections = sectionsOf(world, { checkpointSizes: options.checkpointSizes });
    const place = sections.findIndex(({ kind, bytes }) => kind === "checkpoint" && bytes.includes("\n2\n"));
    const forged = change([sections[place] as Section], "checkpoint", (text) =>
      swapSignature(text),
    )[0] as Section;
    const bytes = assemble(sections.with(place, forged));
    expect(codes(bytes)).toEqual([]);
    expect(codes(bytes, { everySignature: true })).toEqual(["signature"]);
  });

  it("may be of any reader: texts withheld, redacted or not held are counted", () => {
    for (const state of ["withheld", "redacted", "not-held"] as const) {
      const report = judge(bundle(small(), { withhold: () => state }));
      expect(report.verdict).toBe("verified");
      expect(report.notChecked.join()).toContain("the texts of 1 entries");
    }
  });
});

function swapSignature(note: string): string {
  return note.replace(/ ([A-Za-z0-9+/=]+)\n$/, (_all, encoded: string) => {
    const bytes = Buffer.from(encoded, "base64");
    bytes[20] = (bytes[20] as number) ^ 1;
    return ` ${bytes.toString("base64")}\n`;
  });
}

describe("a log that ends inside a batch", () => {
  /** Ann alone, with so many entries in her log. */
  const long = (entries: number): World => {
    const world = createWorld("ann");
    const ann = world.founder("ann");
    while (ann.entries.length < entries)
      world.act(ann, "initiative.proposed", { body: { title: "One more" } });
    return world;
  };
  const cut = (size: number, beyond: number, edit = (text: string) => text) =>
    assemble(
      change(sectionsOf(long(beyond), { size: () => size, beyond: () => beyond }), "checkpoint", edit, 1),
    );

  it("is verified by a checkpoint beyond its end and the proof that leads there, at any two sizes", () => {
    for (let beyond = 3; beyond <= 17; beyond += 1)
      for (let size = 2; size < beyond; size += 1) {
        const report = judge(cut(size, beyond));
        expect([report.verdict, report.logs[0]?.size], `${size} of ${beyond}`).toEqual(["verified", size]);
      }
  });

  it("is invalid where the proof is another, cut, too long, or leads to another root; or where the note is nobody's", () => {
    const flip = (text: string) => `${text[0] === "A" ? "B" : "A"}${text.slice(1)}`;
    const lines = (text: string) => text.split("\n");
    expect(codes(cut(5, 11, flip))).toContain("root");
    expect(codes(cut(5, 11, (text) => lines(text).slice(1).join("\n")))).toContain("root");
    expect(codes(cut(5, 11, (text) => `${lines(text)[0]}\n${text}`))).toContain("root");
    expect(codes(cut(5, 11, (text) => text.slice(text.indexOf("\n\n") + 2)))).toContain("checkpoint");
    const thief = { size: () => 5, beyond: () => 11 };
    const signers = (partner: World["partners"][number], size: number) =>
      size === 1 ? [partner.root] : [size === 11 ? keysOf("thief") : partner.logKey];
    expect(codes(bundle(long(11), { ...thief, signers }))).toContain("key");
  });
});

describe("a bundle that was touched", () => {
  it("is never verified: any byte changed, with the old hash or a fitting new one", {
    timeout: 240_000,
  }, () => {
    const bytes = bundle(small());
    using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
    const path = join(folder.path, "bundle");
    for (let at = 0; at < bytes.length; at += 3) {
      const touched = Buffer.from(bytes);
      touched[at] = (touched[at] as number) ^ (1 << (at % 8));
      writeFileSync(path, touched);
      expect(verifyBundle(path).report.verdict, `byte ${at}`).toBe("invalid");
    }
  });

  it("is never verified when a forger makes its last line fit", { timeout: 240_000 }, () => {
    const bytes = bundle(small());
    const body = bytes.subarray(0, -69);
    // What a forger may change freely: who exported when with what, for nobody signs that.
    const free = body.indexOf('"logs"');
    using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
    const path = join(folder.path, "bundle");
    for (let at = free; at < body.length; at += 5) {
      const touched = Buffer.from(body);
      touched[at] = (touched[at] as number) ^ (1 << (at % 8));
      if (touched.subarray(at - 120, at + 120).includes('"software"')) continue;
      writeFileSync(path, Buffer.concat([touched, Buffer.from(`end ${hash("sha256", touched, "hex")}\n`)]));
      expect(verifyBundle(path).report.verdict, `byte ${at}`).toBe("invalid");
    }
  });

  it("is invalid when it was cut anywhere", { timeout: 240_000 }, () => {
    const bytes = bundle(small());
    for (let end = 0; end < bytes.length; end += 11) {
      const report = judge(bytes.subarray(0, end));
      expect(report.verdict, `cut at ${end}`).toBe("invalid");
      const found = report.problems.map(({ code }) => code);
      expect(found.includes("truncated") || found.includes("form"), `cut at ${end}`).toBe(true);
    }
  });

  const cases: [what: string, make: () => Buffer, code: string][] = [
    ["is empty", () => Buffer.alloc(0), "form"],
    ["is something else", () => Buffer.from("PK\u0003\u0004 and so on"), "form"],
    ["has a second one appended", () => Buffer.concat([bundle(small()), bundle(small())]), "form"],
    ["has a line appended", () => Buffer.concat([bundle(small()), Buffer.from("\n")]), "form"],
    ["names a length of 2^40", () => Buffer.from(`handfast/bundle/v1\nmanifest ${2 ** 40}\n{}`), "form"],
    [
      "writes a length with a zero in front",
      () => Buffer.from("handfast/bundle/v1\nmanifest 02\n{}\n"),
      "form",
    ],
    [
      "has an unknown section",
      () => assemble([...sectionsOf(small()), { kind: "notes", bytes: Buffer.of() }]),
      "form",
    ],
    ["has sections in another order", () => assemble(sectionsOf(small()).reverse()), "form"],
    [
      "has a manifest that promises a million entries",
      () =>
        assemble(
          change(sectionsOf(small()), "manifest", (text) => text.replace('"size":4', '"size":4000000')),
        ),
      "manifest",
    ],
    [
      "has logs in another order",
      () => bundle(small(), { order: (partners) => [...partners].reverse() }),
      "manifest",
    ],
    [
      "has another charter",
      () => assemble(change(sectionsOf(small()), "charter", (text) => text.replace("Test", "Best"))),
      "charter",
    ],
    [
      "has two entries changed about",
      () =>
        assemble(
          change(sectionsOf(small()), "entries", (text) => {
            const [first = "", second = "", ...rest] = text.split("\n");
            return [second, first, ...rest].join("\n");
          }),
        ),
      "header",
    ],
    [
      "has an entry that says something else",
      () => assemble(sectionsOf(small()).map(rewrite(/2026-05-05/, "2026-05-06"))),
      "root",
    ],
    [
      "has white space in a header",
      () => assemble(change(sectionsOf(small()), "entries", (text) => text.replace('"v":2', '"v": 2'))),
      "header",
    ],
    [
      "has an unknown member in a header",
      () => assemble(change(sectionsOf(small()), "entries", (text) => text.replace(',"x":', ',"w":1,"x":'))),
      "header",
    ],
    [
      "lacks the checkpoint after log.opened",
      () => bundle(small(), { checkpointSizes: (_partner, size) => [size] }),
      "checkpoint",
    ],
    ["lacks the last checkpoint", () => bundle(small(), { checkpointSizes: () => [1, 2] }), "checkpoint"],
    [
      "has a control checkpoint signed by a log key alone",
      () => bundle(small(), { signers: ({ logKey }) => [logKey] }),
      "key",
    ],
    [
      "has a checkpoint by somebody without the right",
      () => bundle(small(), { signers: ({ root }, size) => [size === 1 ? root : keysOf("thief")] }),
      "key",
    ],
    [
      "has a later checkpoint signed by the root key",
      () => bundle(small(), { signers: ({ root }) => [root] }),
      "key",
    ],
    ["has a signature that is not true", () => assemble(sectionsOf(small()).map(forge)), "signature"],
    [
      "has a checkpoint of another log",
      () => {
        const world = small();
        const [ann, bob] = world.partners as [World["partners"][number], World["partners"][number]];
        const other = checkpoint(originOf(world.net, bob), ann.leaves, 1, [ann.root]);
        const sections = sectionsOf(world);
        return assemble(
          sections.map((section) =>
            section.kind === "checkpoint" ? { ...section, bytes: Buffer.from(other) } : section,
          ),
        );
      },
      "checkpoint",
    ],
    [
      "has another text",
      () => assemble(change(sectionsOf(small()), "payloads", (text) => text.replace("tent", "rope"))),
      "payload",
    ],
    [
      "has a longer text",
      () => assemble(change(sectionsOf(small()), "payloads", (text) => text.replace("tent", "tents"))),
      "payload",
    ],
    [
      "says nothing about a text",
      () => assemble(sectionsOf(small()).filter(({ kind }) => kind !== "payloads")),
      "payload",
    ],
    [
      "has a text for an entry that has none",
      () => assemble(change(sectionsOf(small()), "payloads", (text) => text.replace(/\.2"/, '.3"'))),
      "payload",
    ],
    [
      "has the log of somebody nobody named",
      () => {
        const world = small();
        world.open("stranger");
        return bundle(world);
      },
      "unknown-log",
    ],
    [
      "has strangers who vouch for each other",
      () => {
        const world = small();
        const one = world.open("one");
        const two = world.open("two");
        world.act(one, "member.sponsored", { x: { root: two.id, log: two.log } });
        world.act(two, "member.sponsored", { x: { root: one.id, log: one.log } });
        return bundle(world);
      },
      "unknown-log",
    ],
    [
      "has a parent with another hash",
      () => {
        const world = small();
        const [ann, bob] = world.partners as [World["partners"][number], World["partners"][number]];
        const last = ann.entries.at(-1) as World["partners"][number]["entries"][number];
        const wrong = {
          ...last,
          pinned: (ann.entries[1] as typeof last).pinned.replace(/\.1@/, `.${last.seq}@`),
        };
        world.act(bob, "challenge.shared", { after: [wrong] });
        return bundle(world);
      },
      "hash",
    ],
    [
      "has a clock that runs backwards",
      () => {
        const world = small();
        const [ann] = world.partners as [World["partners"][number]];
        world.act(ann, "challenge.shared", { at: 5 });
        return bundle(world);
      },
      "clock",
    ],
    [
      "has a clock behind a parent's",
      () => {
        const world = createWorld("ann", "bob");
        const [ann, bob] = [world.founder("ann"), world.founder("bob")];
        const seen = world.act(ann, "challenge.shared", { at: (bob.entries.at(-1)?.at as number) + 5000 });
        world.act(bob, "challenge.shared", { after: [seen], at: seen.at });
        return bundle(world);
      },
      "clock",
    ],
  ];
  it.each(cases)("is invalid when it %s", (_what, make, code) => {
    const report = judge(make());
    expect(report.verdict).toBe("invalid");
    expect(report.problems.map((problem) => problem.code)).toContain(code);
  });

  it("exits with 3 and shows no state", () => {
    const bytes = assemble(sectionsOf(small()).map(forge));
    expect(run(bytes).status).toBe(3);
    const replayed = run(bytes, "replay", "--as-of", "2027-01-01", "--json");
    expect(replayed.status).toBe(3);
    expect(replayed.stdout).toBe("");
    expect(replayed.stderr).toContain("not replayed");
  });
});

function rewrite(pattern: RegExp, replacement: string) {
  return (section: Section): Section =>
    section.kind === "entries"
      ? { kind: "entries", bytes: Buffer.from(section.bytes.toString("utf8").replace(pattern, replacement)) }
      : section;
}

function forge(section: Section): Section {
  if (section.kind !== "checkpoint") return section;
  return { kind: "checkpoint", bytes: Buffer.from(swapSignature(section.bytes.toString("utf8"))) };
}

describe("a bundle whose entries name what is nowhere", () => {
  const [elsewhere, hash] = [`${"B".repeat(21)}A`, `${"C".repeat(42)}A`];

  it.each([
    ["in a log that is not there", () => `${elsewhere}.3@${hash}`],
    ["beyond the end of a log", (asked: Written) => asked.pinned.replace(/\.\d+@/, ".99@")],
    ["with another hash", (asked: Written) => asked.pinned.replace(/@.*/, `@${hash}`)],
  ])("%s verifies: nodes refuse nothing for what it means", (_what, terms) => {
    const world = small();
    const [ann, bob] = world.partners as [World["partners"][number], World["partners"][number]];
    const asked = ann.entries[2] as Written;
    world.act(bob, "commitment.declined", { subject: asked, after: [asked], x: { terms: terms(asked) } });
    world.act(bob, "commitment.progressed", { subject: `${elsewhere}.3` });
    const bytes = bundle(world);
    expect(judge(bytes).verdict).toBe("verified");
    expect(tell(world).verdict(bob.entries.at(-2) as Written)).toBe("ref-not-in-past");
    expect(tell(world).verdict(bob.entries.at(-1) as Written)).toBe("ref-not-in-past");
  });
});

describe("a bundle with something left out", () => {
  it("is incomplete when a log that others refer to is gone", () => {
    const world = small();
    const [, bob] = world.partners;
    const bytes = bundle(world, { size: (partner) => (partner === bob ? 0 : partner.entries.length) });
    expect(judge(bytes).verdict).toBe("incomplete");
    expect(codes(bytes)).toEqual(["missing-log"]);
    expect(run(bytes).status).toBe(5);
  });

  it("is incomplete when the end of a log that others refer to is gone", () => {
    const world = small();
    const [, bob] = world.partners;
    const bytes = bundle(world, { size: (partner) => (partner === bob ? 2 : partner.entries.length) });
    expect(codes(bytes)).toEqual(["beyond-log"]);
    const replayed = run(bytes, "replay", "--as-of", "2027-01-01", "--json");
    expect(replayed.status).toBe(5);
    expect(replayed.stderr).toContain("WARNING");
    expect(linesOf(replayed.stdout)).toMatchObject([
      { kind: "replay", verdict: "incomplete" },
      { kind: "commitment", state: "requested" },
    ]);
  });

  it("is verified when nobody refers to the end: that is what it says it cannot know", () => {
    const world = small();
    const [ann] = world.partners;
    const bytes = bundle(world, { size: (partner) => partner.entries.length - (partner === ann ? 1 : 0) });
    expect(judge(bytes).verdict).toBe("verified");
  });
});

/** What `--json` printed, line by line. */
function linesOf(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

describe("the command line", () => {
  it.each([
    [[]],
    [["check"]],
    [["verify"]],
    [["verify", "--depth", "3"]],
    [["verify", "no-such-bundle"]],
    [["verify", "/"]],
    [["verify", "a", "b"]],
    [["verify", "a", "--as-of", "2026-01-01"]],
    [["replay", "a"]],
    [["replay", "a", "--as-of", "2026-02-30"]],
    [["replay", "a", "--as-of", "yesterday"]],
    [["replay", "a", "--as-of", "2026-01-01", "--timeline", "mine"]],
  ])("says what to type instead of %j, and exits with 2", (args) => {
    const done = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
    expect(done.status).toBe(2);
    expect(done.stdout).toBe("");
    expect(done.stderr).toMatch(/handfast-audit/);
  });

  it.each<[string, (folder: string) => string]>([
    ["a folder", (folder) => `${folder} is a folder`],
    ["nothing", (folder) => `there is no file ${join(folder, "nothing")}`],
    ["below a file", (folder) => `there is no file ${join(folder, "file", "bundle")}`],
  ])("says in words that %s is not a bundle", (what, said) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
    writeFileSync(join(folder.path, "file"), "");
    const path =
      {
        "a folder": folder.path,
        nothing: join(folder.path, "nothing"),
      }[what] ?? join(folder.path, "file", "bundle");
    for (const words of [["verify"], ["replay", "--as-of", "2026-03-01"]]) {
      const [command = "", ...rest] = words;
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, command, path, ...rest], {
        encoding: "utf8",
      });
      expect([status, stdout, stderr]).toEqual([
        2,
        "",
        `handfast-audit: ${said(folder.path)}\nGive the path of a bundle file that you can read: handfast-audit verify BUNDLE\n`,
      ]);
    }
  });

  it("has a help and a version", () => {
    const ask = (option: string) => spawnSync(process.execPath, [main, option], { encoding: "utf8" });
    expect(ask("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Exit codes") });
    expect(ask("--version")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^handfast-audit \d/),
    });
  });

  it("ends in peace when its reader has seen enough", async () => {
    const child = spawn(process.execPath, [main, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const told = child.stderr.toArray();
    const [code] = await once(child, "close");
    expect([code, Buffer.concat(await told).toString()]).toEqual([0, ""]);
  });

  it("shows one subject when asked, as one object a line or as a table, escaped", () => {
    const world = createWorld("ann");
    const ann = world.founder("ann");
    const x = { externalId: "item-7" };
    world.act(ann, "initiative.proposed", {
      x,
      body: { title: "A \u001b]0;evil\u0007 garden \u202egnp.exe" },
    });
    world.act(ann, "initiative.proposed");
    const bytes = bundle(world);
    const asked = run(bytes, "replay", "--as-of", "2026-12-31", "--subject", "item-7", "--json");
    expect(asked.status).toBe(0);
    expect(linesOf(asked.stdout)).toMatchObject([
      {
        ...{ kind: "replay", network: world.net, verdict: "verified" },
        ...{ asOf: "2026-12-31T23:59:59.999Z", timeline: "recorded", rows: 1 },
      },
      { externalId: "item-7", lead: "ann" },
    ]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left
    expect(asked.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const shown = run(bytes, "replay", "--as-of", "2026-12-31");
    expect(shown.stdout).toContain(
      `network ${world.net} Test network\nas of 2026-12-31T23:59:59.999Z, recorded`,
    );
    expect(shown.stdout).toContain("A \\u{1b}]0;evil\\u{7} garden");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be left
    expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const verdicts = run(bytes, "replay", "--as-of", "2026-12-31", "--verdicts", "--json").stdout;
    expect(linesOf(verdicts)).toContainEqual(
      expect.objectContaining({ type: "charter.attested", subject: world.net, verdict: "effective" }),
    );
  });

  it("takes an id that begins with a hyphen, and exits with 2 for one that it does not show", () => {
    const world = hyphenWorld();
    const [ann] = world.partners as [World["partners"][number]];
    const initiative = world.act(ann, "initiative.proposed", { x: { externalId: "item-7" } });
    world.act(ann, "initiative.adopted", { subject: initiative, x: { term: 1 } });
    const bytes = bundle(world);
    const ask = (subject: string, ...rest: string[]) =>
      run(bytes, "replay", "--as-of", "2026-12-31", "--subject", subject, "--json", ...rest);
    expect(initiative.ref).toMatch(/^-/);
    expect(linesOf(ask(initiative.ref).stdout)).toMatchObject([{ rows: 1 }, { id: initiative.ref }]);
    const told = linesOf(ask("item-7", "--verdicts").stdout);
    expect(told.slice(2)).toMatchObject([
      { kind: "entry", type: "initiative.proposed", subject: initiative.ref, verdict: "effective" },
      { kind: "entry", type: "initiative.adopted", subject: initiative.ref, verdict: "effective" },
    ]);
    const unknown = ask("item-8");
    expect([unknown.status, unknown.stdout]).toEqual([2, ""]);
    expect(unknown.stderr).toContain("no initiative, commitment or conversation item-8 is in this bundle");
    expect(ask(`${ann.log}.0`)).toMatchObject({ status: 2, stderr: expect.stringContaining("log.opened") });
    const early = run(bytes, "replay", "--as-of", "2020-01-01", "--subject", "item-7");
    expect(early).toMatchObject({ status: 2, stderr: expect.stringContaining("did not exist") });
  });

  it("shows progress where it is asked to, on stderr", () => {
    const shown = run(bundle(small()), "verify", "--progress", "--json");
    expect(shown.stderr).toContain("of 1 MB");
    expect(linesOf(shown.stdout)).toMatchObject([{ verdict: "verified" }]);
    expect(run(bundle(small()), "verify").stderr).toBe("");
  });
});

/** A founder whose log id begins with a hyphen. */
function hyphenWorld(): World {
  for (let seed = 0; ; seed++) {
    const world = createSeededWorld(`hyphen ${seed}`, ["ann"]);
    if (world.founder("ann").log.startsWith("-")) return world;
  }
}
