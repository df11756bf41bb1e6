// Goal: what the gates let in does no harm on any way out: no answer with 5xx, nothing that moves a terminal, a bundle that verifies, and
// the same after the read model was built anew. Method: a real node; an admitted partner whose entries are the accepted inputs of
// the tables, each one in an entry or a text of its own, read through every path there is.
import { execFile } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { toB64u } from "@handfast/protocol/bytes";
import type { Header } from "@handfast/protocol/header";
import { limits } from "@handfast/protocol/limits";
import { commitmentTo, type Payload } from "@handfast/protocol/payload";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf, type Ran } from "../network/command-line.ts";
import { inviteStranger, type Stranger } from "../network/stranger.ts";
import { readCases } from "./inputs.ts";

const cleanup = new AsyncDisposableStack();
const auditor = join(import.meta.dirname, "..", "..", "services", "auditor", "src", "main.ts");
const accepted = readCases().filter(({ code }) => code === "ok");
const collections = ["initiatives", "commitments", "challenges", "partners", "events"] as const;
/** Every control code that a terminal could act on, and every mark that turns text round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const movesTerminals = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

let node: DemoNode;
let stranger: Stranger;
let handfast: ReturnType<typeof commandsOf>;
let dir: string;

beforeAll(async () => {
  const temp = cleanup.use(mkdtempDisposableSync(join(tmpdir(), "handfast-hostile-")));
  dir = temp.path;
  const network = cleanup.use(
    await openDemoNetwork({ name: "Hostile", partners: ["Orchard"], dir, say: () => {} }),
  );
  node = network.nodes[0] as DemoNode;
  handfast = commandsOf(node);
  const { invitation } = await node.api.invite({});
  stranger = cleanup.use(await inviteStranger(invitation));
  await push(0);
  const sponsored = await eventually("the stranger is waiting to be admitted", async () => {
    const partners = await list("partners");
    return partners.find(({ id, state }) => id === stranger.partner && state !== "active");
  });
  await node.api.command("partner.admit", {
    on: String(sponsored["id"]),
    idempotencyKey: "admit",
    body: { yes: true },
  });
  const [sponsorship, vote] = await eventually("the vote on its sponsorship", async () => {
    const events = await list("events");
    const found = ["member.sponsored", "member.endorsed"].map((type) =>
      events.find((one) => one["type"] === type),
    );
    return found.every((one) => one !== undefined) && found;
  });
  stranger.attest([
    { sponsorship: String(sponsorship?.["id"]), vote: `${String(vote?.["id"])}@${String(vote?.["hash"])}` },
  ]);
  await push(1);
  await eventually("the stranger is a member", async () =>
    (await list("partners")).some(({ id, state }) => id === stranger.partner && state === "active"),
  );
}, 120_000);
afterAll(() => cleanup.disposeAsync());

/** Everything of a collection, a small page at a time. */
const list = async (collection: string): Promise<readonly Record<string, unknown>[]> => {
  const all: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const query = `limit=7${cursor === undefined ? "" : `&after=${encodeURIComponent(cursor)}`}`;
    const answer = await get(`/v1/${collection}?${query}`);
    expect(answer.status, answer.text.slice(0, 600)).toBe(200);
    const page = JSON.parse(answer.text) as { items: Record<string, unknown>[]; next?: string | null };
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
};
async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const authorization = `Bearer ${readFileSync(node.folder.cliToken, "utf8").trim()}`;
  const answer = await fetch(`${node.url}${path}`, { headers: { authorization } });
  return { status: answer.status, text: await answer.text() };
}

async function push(from: number): Promise<void> {
  for (let at = from; at < stranger.lines.length; at += 64) {
    const to = Math.min(stranger.lines.length, at + 64);
    await eventually("the node takes them", async () => {
      const reply = (await stranger.call("sync.push", stranger.frame(at, to))) as {
        ok: boolean;
        code?: string;
      };
      if (!reply.ok && reply.code !== "busy")
        throw new Error(`entries ${at} to ${to}: ${JSON.stringify(reply)}`);
      return reply.ok;
    });
  }
}

const bodies: { readonly ref: string; readonly salt: string; readonly body: string }[] = [];
/** An entry of the stranger with what was accepted in it: its type and `x`, or a text of those bytes. */
function tell({ surface, make }: (typeof accepted)[number]): void {
  const bytes = make();
  const at: [number, number] = [Date.now(), stranger.lines.length % 65_000];
  if (surface === "payload") {
    const payload: Payload = { salt: new Uint8Array(32).fill(7), body: bytes };
    const ref = `${stranger.log}.${stranger.lines.length}`;
    stranger.write({ type: "challenge.shared", at, payload: commitmentTo(payload) });
    bodies.push({ ref, salt: toB64u(payload.salt), body: toB64u(bytes) });
  } else if (surface === "header") {
    const { type, x, subject } = JSON.parse(new TextDecoder().decode(bytes)) as Header;
    if (type === "log.opened") return;
    stranger.write({ type, x, at, subject, audience: "network", payload: null });
  }
}
const audit = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, [auditor, ...args], { maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
    );
  });

describe("what the gates accept", () => {
  it("is held, all of it", async () => {
    const from = stranger.lines.length;
    for (const one of accepted) tell(one);
    await push(from);
    for (const payload of bodies)
      await eventually("a text is taken", async () => {
        const reply = (await stranger.call("payload.push", {
          net: JSON.parse(new TextDecoder().decode(stranger.lines[0])).net,
          payloads: [payload],
        })) as { ok: boolean };
        return reply.ok;
      });
    await eventually("the read model is there", async () => {
      const events = await list("events");
      return (
        events.filter(({ by }) => JSON.stringify(by ?? "").includes(stranger.partner)).length >=
        stranger.lines.length
      );
    });
    expect(accepted.length).toBeGreaterThan(40);
    expect(limits.payloadBytes).toBe(262_144);
  });

  it.each(collections)("is read as %s, page by page and one by one", async (collection) => {
    for (const item of await list(collection)) {
      const path =
        collection === "events" ? null : `/v1/${collection}/${encodeURIComponent(String(item["id"]))}`;
      if (path === null) continue;
      const answer = await get(path);
      expect([answer.status, path]).toEqual([200, path]);
    }
    for (const query of ["?text=a", "?text=%22", "?asOf=2026-01-01T00:00:00Z", "?limit=1", "?state=open"]) {
      const { status } = await get(`/v1/${collection}${query}`);
      expect(status, query).toBeLessThan(500);
    }
  });

  it("comes over the stream of events", async () => {
    const seen = new Set<string>();
    for await (const event of node.api.follow({ after: "0" })) {
      seen.add(String(event["id"]));
      if (seen.size > stranger.lines.length) break;
    }
    expect(seen.size).toBeGreaterThan(stranger.lines.length);
  });

  it("moves no terminal", async () => {
    for (const args of [
      ["challenges"],
      ["commitments"],
      ["initiatives"],
      ["members"],
      ["events"],
      ["status"],
      ["peers"],
    ]) {
      const plain = await handfast(...args);
      expect([plain.code, args, plain.err]).toEqual([0, args, ""]);
      expect(movesTerminals.exec(plain.out)?.index ?? -1, args.join(" ")).toBe(-1);
      const json = await handfast("--json", ...args);
      expect([json.code, args]).toEqual([0, args]);
    }
  });

  it("goes into a bundle that verifies and replays", async () => {
    const file = join(dir, "hostile.hfbundle");
    expect(await handfast("audit", "export", file)).toMatchObject({ code: 0 });
    const verified = await audit("verify", file);
    expect([verified.code, verified.err]).toEqual([0, ""]);
    const replayed = await audit(
      "replay",
      file,
      "--as-of",
      new Date(Date.now() + 60_000).toISOString(),
      "--verdicts",
    );
    expect(replayed.code).toBe(0);
    for (const { out } of [verified, replayed]) expect(movesTerminals.exec(out)?.index ?? -1).toBe(-1);
  });

  it("is the same when the read model is built anew", async () => {
    const before = await Promise.all(collections.map(list));
    await node.kill();
    rmSync(node.folder.partnership, { recursive: true, force: true });
    await node.start();
    await eventually("it is built", async () => (await list("events")).length === before[4]?.length);
    const after = await Promise.all(collections.map(list));
    expect(after).toEqual(before);
  });
});
