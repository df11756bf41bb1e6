// Goal: what people meet at the command line is what they were promised: files are theirs, nothing is overwritten, nothing given
// away. Method: every command is a process of its own, and the nodes are real.
import {
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf, handfast, openLosingProxy } from "./command-line.ts";

const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-command-line-"));
const cleanup = new AsyncDisposableStack();
/** A name as companies have them: a list of partners must not part it at its commas. */
const trust = "Smith, Jones and Co.";
const due = "2099-12-31";
let orchard: ReturnType<typeof commandsOf>;
let smith: ReturnType<typeof commandsOf>;
let url: string;

beforeAll(async () => {
  const network = cleanup.use(
    await openDemoNetwork({ name: "Valley", partners: ["Orchard", trust], dir: temp.path, say: () => {} }),
  );
  const [first, second] = network.nodes as readonly [DemoNode, DemoNode];
  orchard = commandsOf(first);
  smith = commandsOf(second);
  url = first.url;
});
afterAll(async () => {
  await cleanup.disposeAsync();
  temp.remove();
});

const done = async (...args: readonly string[]) => {
  const { code, out, err } = await orchard("--json", ...args);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Readonly<Record<string, unknown>> & { readonly id: string };
};

describe("a partner", () => {
  it("is meant by its name, whatever is in it, in every option that takes one or several", async () => {
    const offered = await done(
      "commitment",
      "offer",
      "--title",
      "Mend the press",
      "--beneficiaries",
      trust,
      "--due",
      due,
    );
    expect(offered["beneficiaries"]).toMatchObject([{ name: trust }]);
    const list = `smith, jones AND co.,network`;
    const pledged = await done(
      "commitment",
      "pledge",
      "--title",
      "Benches",
      "--beneficiaries",
      list,
      "--due",
      due,
    );
    expect(pledged["beneficiaries"]).toMatchObject([{ name: trust }, { network: true }]);
    const asked = await done("commitment", "request", "--title", "Nails", "--debtor", trust, "--due", due);
    expect(asked["debtor"]).toMatchObject({ name: trust });
    const unknown = await orchard(
      "commitment",
      "offer",
      "--title",
      "x",
      "--beneficiaries",
      "Ferry",
      "--due",
      due,
    );
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining(`no partner is called Ferry`)]);
  });
});

describe("an act", () => {
  it("is done once where its answer was lost, and repeated by its key", async () => {
    await using proxy = await openLosingProxy(url);
    const pledge = (...more: readonly string[]) =>
      orchard(
        "--url",
        proxy.url,
        "commitment",
        "pledge",
        "--title",
        "Once",
        "--external-id",
        "once",
        "--due",
        due,
        ...more,
      );
    proxy.loseAnswers(1);
    expect(await pledge()).toMatchObject({
      code: 0,
      err: expect.stringContaining("asking again with the same key"),
    });
    proxy.loseAnswers(2);
    const lost = await pledge("--title", "Twice");
    expect(lost.code).toBe(4);
    const [, key = ""] = /--idempotency-key (\S+):/.exec(lost.err) ?? [];
    const repeated = await pledge("--title", "Twice", "--idempotency-key", key);
    expect(repeated.code, repeated.err).toBe(0);
    const { items } = await done("commitments", "--external-id", "once");
    expect((items as readonly { title: string }[]).map(({ title }) => title).toSorted()).toEqual([
      "Once",
      "Twice",
    ]);
  });

  it("on an external id that several things have is refused, and names them", async () => {
    const refused = await orchard("commitment", "withdraw", "once");
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/\(active\) "Once"; \S+ \(active\) "Twice"/);
    const { items } = await done("commitments", "--external-id", "once");
    for (const { id, state } of items as readonly { id: string; state: string }[]) {
      expect(refused.err).toContain(id);
      expect(state).toBe("active");
    }
    expect((await orchard("commitment", "show", "once")).code).toBe(2);
  });

  it("takes an id elsewhere wherever it takes an id", async () => {
    const { id } = await done("initiative", "propose", "--title", "Weir", "--external-id", "weir-3");
    const pledge = ["commitment", "pledge", "--title", "Stones", "--due", due];
    const made = await done(...pledge, "--origin", "weir-3", "--as-lead-of", "weir-3");
    expect(made).toMatchObject({ origin: id, asLeadOf: { initiative: id } });
    const { items } = await done("commitments", "--initiative", "weir-3");
    expect(items).toMatchObject([{ id: made.id }]);
    // Also beside partners' names, and where it holds the comma that parts the items of a list.
    await done("initiative", "propose", "--title", "Lock", "--external-id", "lock, 4");
    const forBoth = await done(...pledge, "--beneficiaries", `${trust},weir-3`);
    expect(forBoth["beneficiaries"]).toMatchObject([{ name: trust }, { name: "Weir" }]);
    const forLock = await done(...pledge, "--beneficiaries", "lock, 4", "network");
    expect(forLock["beneficiaries"]).toMatchObject([{ name: "Lock" }, { network: true }]);
    const nothing = await orchard(...pledge, "--beneficiaries", "weir-5");
    expect([nothing.code, nothing.err]).toEqual([
      2,
      expect.stringContaining("no partner is called weir-5, and nothing in initiatives has that id"),
    ]);
    const { items: events } = await done("events", "--subject", "weir-3");
    expect(events).toMatchObject([{ subject: id }]);
    const both = await orchard("events", "--subject", "once");
    expect([both.code, both.err]).toEqual([
      2,
      expect.stringMatching(/several things have the external id once: \S+ \(active\) "Once"; /),
    ]);
    const none = await orchard("initiative", "accept-handoff", "weir-3", "--carry", "foo");
    expect([none.code, none.err]).toEqual([
      2,
      expect.stringContaining("nothing in commitments has the id foo"),
    ]);
    const gap = await orchard("commitment", "offer", ...pledge.slice(2), "--beneficiaries", `,${trust}`);
    expect([gap.code, gap.err]).toEqual([
      2,
      expect.stringContaining(`--beneficiaries: got ",${trust}", in which an item is empty`),
    ]);
    const empty = await orchard("commitment", "accept", "");
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("<id>: got an empty text")]);
    const nobody = await orchard("initiatives", "--partner", "Nobody");
    expect([nobody.code, nobody.err]).toEqual([
      2,
      expect.stringContaining("no partner is called Nobody (usage)\n  try: partners: Orchard; "),
    ]);
  });

  it("that lacks a word is refused in the same form, for people and as JSON", async () => {
    const said = "<id>: is missing; expected an id";
    const refused = await orchard("commitment", "accept");
    expect([refused.code, refused.out, refused.err]).toEqual([2, "", expect.stringContaining(said)]);
    const asJson = await orchard("--json", "commitment", "accept");
    expect([asJson.code, JSON.parse(asJson.out)]).toEqual([
      2,
      { error: expect.objectContaining({ code: "usage", message: expect.stringContaining(said) }) },
    ]);
  });

  it("that does not fit says which option, what was given, and what is wanted", async () => {
    const refused = await orchard("commitment", "pledge", "--title", "x", "--due", "soon");
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining('--due: got "soon", expected a day (YYYY-MM-DD), for example 2030-06-01'),
    ]);
  });
});

describe("what people read", () => {
  it("after an act has both ids, how it stands, and whom a promise binds to", async () => {
    const pledged = await orchard("commitment", "pledge", "--title", "Two benches", "--due", due);
    const [, id] = /^ {2}commitment +(\S+)$/m.exec(pledged.out) ?? [];
    expect(pledged.out).toMatch(/^Done: pledge "Two benches"$/m);
    expect(pledged.out).toMatch(new RegExp(`^ {2}entry +${id}$`, "m"));
    expect(pledged.out).toMatch(/^ {2}for +the network \(Valley\)$/m);
    const revised = await orchard("commitment", "propose-revision", String(id), "--due", "2099-11-30");
    expect(revised.out).toMatch(new RegExp(`^ {2}commitment +${id}$`, "m"));
    expect(revised.out).not.toMatch(new RegExp(`^ {2}entry +${id}$`, "m"));
    const shown = await orchard("commitment", "show", String(id));
    expect(shown.out).toMatch(/^Two benches\n {2}commitment .*\n {2}state +active\n {2}due +2099-11-30$/m);
    expect(shown.out).toMatch(/^ {2}whose move +yours: claim by 2099-11-30$/m);
    expect(shown.out).not.toContain("{");
  });

  it("in lists is what is overdue and whose move it is", async () => {
    await done("commitment", "offer", "--title", "Their answer", "--beneficiaries", trust, "--due", due);
    const flags = ["--title", "Long ago", "--due", "2020-01-01", "--occurred-at", "2019-06-01"];
    const refused = await orchard("commitment", "pledge", ...flags);
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("due-in-the-past")]);
    const imported = await orchard("commitment", "pledge", ...flags, "--imported", "true");
    expect(imported.out).toMatch(/^ {2}waived +due-in-the-past: it is imported$/m);
    const { out } = await orchard("commitments");
    expect(out.split("\n")[0]).toMatch(/^id +state +due +debtor +for +whose move +title$/);
    expect(out).toMatch(/ 2020-01-01 overdue +Orchard .* yours: claim by 2020-01-01 +Long ago$/m);
    expect(out).toMatch(/ Orchard +Smith, Jones and Co\. +Smith, Jones and Co\. +Their answer$/m);
  });

  it("after a handoff is accepted says what was carried and what stayed", async () => {
    const { id } = await done("initiative", "propose", "--title", "Flood gate", "--external-id", "gate");
    const pledge = (title: string) =>
      done("commitment", "pledge", "--title", title, "--due", due, "--as-lead-of", id);
    const [posts, planks] = [await pledge("Posts"), await pledge("Planks")];
    await done("initiative", "offer-handoff", "gate", "--to", trust);
    await eventually("the offer and the pledges have arrived", async () => {
      const { out } = await smith("--json", "commitments", "--limit", "200");
      return out.includes(planks.id) && (await smith("initiatives")).out.includes("answers the handoff");
    });
    const accepted = await eventually("their words have arrived, too", async () => {
      const answer = await smith("initiative", "accept-handoff", "gate", "--carry", posts.id);
      return answer.err.includes("payload-not-held") ? null : answer;
    });
    expect(accepted.code, accepted.err).toBe(0);
    expect(accepted.out).toContain("You take over 1 commitment once Orchard's node has passed the lead on");
    expect(accepted.out).toMatch(new RegExp(`with Orchard\\n {2}${planks.id} .*Planks$`, "m"));
  });
});

describe("an invitation", () => {
  it("is joined by its inviter's fingerprint as people type it, and no refusal says what it would have been", async () => {
    const invitation = join(temp.path, "invitation");
    expect(await orchard("invite", "--out", invitation)).toMatchObject({ code: 0 });
    expect(statSync(invitation).mode & 0o777).toBe(0o600);
    const again = await orchard("invite", "--out", invitation);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("exists already")]);

    const { fingerprint } = JSON.parse((await orchard("--json", "status")).out) as { fingerprint: string };
    const millrace = join(temp.path, "millrace");
    const joining = (...flags: string[]) => handfast("--data", millrace, "join", invitation, ...flags);
    expect(await handfast("--data", millrace, "init", "--name", "Millrace")).toMatchObject({ code: 0 });
    for (const flags of [[], ["--fingerprint", "lusab-babad-gutih-tugad"], ["--fingerprint", ""]]) {
      const refused = await joining(...flags);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain("Orchard");
      // An empty text compares nothing, and does not differ either.
      expect(refused.err.includes("fingerprint-not-compared")).toBe((flags[1] ?? "") === "");
      for (const word of fingerprint.split("-")) expect(refused.out + refused.err).not.toContain(word);
    }
    const typed = `  ${fingerprint.toUpperCase().replace("-", " ").replace("-", " – ")} `;
    expect(await joining("--fingerprint", typed)).toMatchObject({ code: 0 });
  });

  it.each(["1e1"])("is not made for %s hours", async (hours) => {
    const refused = await orchard("invite", "--hours", hours);
    expect([refused.code, refused.out, refused.err]).toEqual([
      2,
      "",
      expect.stringContaining(`--hours: got "${hours}", expected a number of hours above 0, 72 at most`),
    ]);
  });

  it("that is not there says what happened", async () => {
    const empty = join(temp.path, "empty");
    writeFileSync(empty, "");
    const ferry = join(temp.path, "ferry");
    await handfast("--data", ferry, "init", "--name", "Ferry");
    const joining = await handfast("--data", ferry, "join", empty, "--yes");
    expect([joining.code, joining.err]).toEqual([
      2,
      expect.stringMatching(/empty is empty.*failed[\s\S]*invite --out/),
    ]);
    // Nor does the doctor call such a node well.
    const examined = await handfast("--data", ferry, "doctor");
    expect([examined.code, examined.out]).toEqual([
      1,
      expect.stringContaining(`not up: handfast --data ${ferry} join <invitation>`),
    ]);
  });
});

describe("an export", () => {
  it("never takes a folder for a file, never overwrites unasked, and leaves no part of itself", async () => {
    const dir = join(temp.path, "exports");
    mkdirSync(dir);
    expect(await orchard("audit", "export", dir)).toMatchObject({
      code: 2,
      err: expect.stringContaining("is a folder"),
    });
    expect(readdirSync(temp.path).filter((name) => name.includes(".part"))).toEqual([]);
    const file = join(dir, "history.hfbundle");
    const exported = await orchard("audit", "export", file);
    expect(exported.code, exported.err).toBe(0);
    // Progress that was shown at all ends with all of it.
    const [, written, of] = [...exported.err.matchAll(/exporting: (\d+) of (\d+)/g)].at(-1) ?? [];
    expect(written).toBe(of);
    const whole = readFileSync(file);
    expect(await orchard("audit", "export", file)).toMatchObject({ code: 2 });
    expect(readFileSync(file).equals(whole)).toBe(true);
    expect(await orchard("audit", "export", file, "--force")).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["history.hfbundle"]);
    // Refused before a demo is begun, which would take its time.
    const demo = await handfast("demo", "--once", "--bundle", file);
    expect([demo.code, demo.err]).toEqual([2, expect.stringContaining("exists already")]);
    expect(demo.err).not.toContain("starting");
  });
});

describe("what a person meets", () => {
  it("is a hint that can be typed as it stands, a name as it is spelled, and an exit code for wrong usage", async () => {
    const unknown = await orchard("commitment", "show", "nothing-of-the-kind");
    expect(unknown).toMatchObject({
      code: 2,
      err: expect.stringMatching(/`handfast --data \S+ commitments`/),
    });
    const keyed = await orchard(
      ...["commitment", "pledge", "--title", "x", "--due", due, "--idempotency-key", "two\nlines"],
    );
    expect(keyed).toMatchObject({ code: 2, err: expect.stringContaining("--idempotency-key: got") });
    const late = await orchard("admit", trust.toUpperCase());
    expect(late).toMatchObject({ code: 3, err: expect.stringContaining("already-a-member") });
    const cut = await orchard("peers", "cut-off", trust.toUpperCase());
    expect(cut).toMatchObject({ code: 0, out: expect.stringContaining(`cut off from ${trust}; `) });
    expect(await orchard("peers", "restore", trust)).toMatchObject({ code: 0 });
    const own = await orchard("peers", "cut-off", "Orchard");
    expect(own).toMatchObject({ code: 3, err: expect.stringContaining("No link with Orchard") });
    const doubled = await orchard("members", "admit", trust);
    expect(doubled.err).toMatch(/^handfast members: got/);
  });

  it("is what was named, where a folder stands for a file, or an address for one of this machine", async () => {
    const nowhere = join(temp.path, "nowhere");
    const cases: readonly [readonly string[], number, string][] = [
      [["keys", "answer", temp.path], 2, `${temp.path} is a folder (usage)\n  try: name a file`],
      [["keys", "sign", temp.path, "--key", "k", "--out", "o"], 2, `${temp.path} is a folder`],
      [["keys", "next-root", "--key", temp.path, "--out", "o"], 2, `${temp.path} is a folder`],
      [["--token-file", temp.path, "status"], 2, `${temp.path} is a folder`],
      [["restore", nowhere], 2, `there is no backup in ${nowhere}`],
      [["up", "--http-host", "203.0.113.9"], 1, "203.0.113.9 is not an address of this machine"],
      [["up", "--http-port", "80x"], 2, "for example --http-port 7430"],
    ];
    for (const [words, code, said] of cases) {
      const refused = await orchard(...words);
      expect([refused.code, refused.err], words.join(" ")).toEqual([code, expect.stringContaining(said)]);
    }
    const stranger = join(temp.path, "another-token");
    writeFileSync(stranger, "hf_0000000000_nothing\n", { mode: 0o600 });
    const unknown = await orchard("--token-file", stranger, "status");
    expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining("with --token-file")]);
    expect(unknown.err).not.toContain("Authorization");
  });
});
