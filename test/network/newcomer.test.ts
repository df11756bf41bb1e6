// Goal: nothing that one link does stops the others: neither somebody with a used invitation whom nobody has admitted, nor a member
// that claims, withholds or floods. Method: strangers with real keys and real links, honest nodes beside them; how long an
// honest append takes during each attack is printed beside how long it takes without.
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus } from "@handfast/bus/connect";
import { writeBundle } from "@handfast/gateway/bundle";
import { openLedgerArchive } from "@handfast/gateway/ledger-archive";
import { lobbyInboxPrefix } from "@handfast/nats-operator/subjects";
import { budgets } from "@handfast/protocol/budgets";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { parseInvitation } from "@handfast/protocol/federation";
import { splitRef } from "@handfast/protocol/ids";
import { commitmentTo, sealPayload } from "@handfast/protocol/payload";
import { wireSubjects } from "@handfast/protocol/subjects";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import { eventually } from "@handfast/testkit/eventually";
import { openRelay } from "@handfast/testkit/relay";
import { describe, expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import { charterOf, converged, holds, join as joinNetwork, vote } from "./network.ts";
import { type Node, openNode } from "./node.ts";
import { inviteStranger, servesItsLog } from "./stranger.ts";

/** Orchard, which founded the network, and Mill, a member that dials it; a stranger whom Orchard invited. */
async function open(cleanup: AsyncDisposableStack, port?: (orchard: Node) => Promise<number>) {
  const owner = createOwner("Orchard");
  const charter = charterOf(owner.partner);
  const orchard = cleanup.use(await openNode({ name: "Orchard", charter, owner }));
  const mill = cleanup.use(await openNode({ name: "Mill", charter }));
  await joinNetwork(mill, orchard, port === undefined ? {} : { port: await port(orchard) });
  await converged([orchard, mill]);
  const stranger = cleanup.use(
    await inviteStranger((await orchard.federation.createInvitation()).invitation),
  );
  await holds(mill, stranger.log, 1);
  return { charter, orchard, mill, stranger };
}

const measured = 150;
/** The median time of an append there, in milliseconds. */
async function medianOf(node: Node): Promise<number> {
  const times: number[] = [];
  for (let each = 0; each < measured; each += 1) {
    const began = performance.now();
    await node.append();
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[measured / 2] ?? 0;
}
/** Runs an attack over and over while appends are timed; prints both medians. */
async function besideNone(name: string, node: Node, attack: () => Promise<unknown>): Promise<void> {
  const alone = await medianOf(node);
  let isOver = false;
  const attacking = (async () => {
    while (!isOver) {
      await attack();
      await new Promise(setImmediate);
    }
  })();
  const attacked = await medianOf(node);
  isOver = true;
  await attacking;
  process.stdout.write(`${name}: p50 ${attacked.toFixed(1)} ms, without ${alone.toFixed(1)} ms\n`);
}

describe("somebody whom nobody admitted", () => {
  it("has little taken of a long log and no texts, and all of both once it is a member", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill, stranger } = await open(cleanup);
    const texts = new Map<string, { readonly ref: string; readonly salt: string; readonly body: string }>();
    for (let entry = 1; entry < 2_000; entry += 1) {
      const payload = sealPayload({ text: `one of many ${entry}` });
      stranger.write({ payload: commitmentTo(payload) });
      const ref = `${stranger.log}.${entry}`;
      texts.set(ref, { ref, salt: toB64u(payload.salt), body: toB64u(payload.body) });
    }
    const ranges = servesItsLog(stranger);
    stranger.answer = (op, asked) =>
      op === "payload.get"
        ? {
            ok: true,
            payloads: (asked["refs"] as string[]).slice(0, 64).flatMap((ref) => texts.get(ref) ?? []),
          }
        : ranges(op, asked);
    let from = 1;
    await besideNone("a newcomer's long log", mill, async () => {
      from = from > 1_700 ? 1 : from + 200;
      await stranger.call("sync.push", stranger.frame(from, from + 200));
    });
    expect(await stranger.call("sync.push", stranger.frame(1, 201))).toMatchObject({ code: "not-yet" });
    await orchard.federation.reconcileNow();
    await mill.federation.reconcileNow();
    const { entries } = budgets.newcomer;
    expect([(await orchard.sizes()).get(stranger.log), (await mill.sizes()).get(stranger.log)]).toEqual([
      entries,
      entries,
    ]);
    const [text] = [...texts.values()];
    expect(await stranger.call("payload.push", { net: orchard.net, payloads: [text] })).toMatchObject({
      code: "not-a-member",
    });
    const honest = await orchard.append({ body: { text: "for members" } });
    const [plain = ""] = honest.split("@");
    expect(await stranger.call("payload.get", { net: orchard.net, refs: [plain] })).toMatchObject({
      code: "not-a-member",
    });
    expect(await orchard.missingPayloads()).toEqual([]);

    stranger.attest([await vote(orchard, stranger), await vote(orchard, stranger, mill)]);
    await converged([orchard, mill]);
    await holds(orchard, stranger.log, stranger.lines.length, 30_000);
    await holds(mill, stranger.log, stranger.lines.length, 30_000);
    await eventually("its texts come", async () => orchard.hasPayload(`${stranger.log}.1999`), {
      withinMs: 30_000,
    });
    await eventually("it is given texts", async () => {
      const given = await stranger.call("payload.get", { net: orchard.net, refs: [plain] });
      return (given as { ok: boolean }).ok;
    });
  });

  it("is asked again where it was too busy to say what it holds", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, stranger } = await open(cleanup);
    for (let entry = 1; entry < 9; entry += 1) stranger.write();
    const size = stranger.lines.length;
    const serves = servesItsLog(stranger);
    let compared = 0;
    stranger.answer = (op, asked) => {
      if (op === "sync.heads") compared += 1;
      return op === "sync.heads" && compared < 3 ? { ok: false, code: "busy" } : serves(op, asked);
    };
    const { log, partner: by } = stranger;
    expect(await stranger.call("sync.nudge", { net: orchard.net, heads: [{ by, log, size }] })).toMatchObject(
      {
        lacking: 1,
      },
    );
    // Nothing else asks it: a host says hello only at its start, and the next comparison by the clock is minutes away.
    await holds(orchard, log, size, 30_000);
    expect(compared).toBeGreaterThan(2);
  });

  it("opens no logs through newcomers that it sponsors", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill, stranger } = await open(cleanup);
    const { length } = stranger.lines;
    const friends = Array.from({ length: 60 }, (_, index) => ({
      root: createOwner(`Friend ${index}`).partner,
      log: toB64u(Buffer.alloc(16, index + 1)),
    }));
    for (const x of friends) stranger.write({ type: "member.sponsored", x });
    expect(await stranger.call("sync.push", stranger.frame(length, length + 60))).toMatchObject({ ok: true });
    for (const { root, log } of friends) {
      const frame = new TextDecoder()
        .decode(stranger.frame(0, 1))
        .replaceAll(stranger.log, log)
        .replaceAll(stranger.partner, root);
      expect(await stranger.call("sync.push", toBytes(frame))).toMatchObject({
        ok: false,
        code: "unknown-log",
      });
    }
    // An act at network level goes on, and names nothing that the newcomer wrote.
    await orchard.appendAtNetwork({ type: "member.left", subject: null, x: {} });
    await converged([orchard, mill]);
    const held = await orchard.held();
    expect(Object.keys(held)).toHaveLength(3);
    expect(`${held[orchard.log]}${held[mill.log]}`).not.toMatch(
      new RegExp(`"parents":\\[[^\\]]*${stranger.log}`),
    );
  });
});

/** What the auditor says of a bundle that a node exports: its exit code. */
async function audit(node: Node, charter: Uint8Array): Promise<number | null> {
  const folder = mkdtempDisposableSync(join(tmpdir(), "handfast-bundle-"));
  try {
    const path = join(folder.path, "bundle");
    const archive = openLedgerArchive(createLedgerClient(node.home), node.net);
    const facts = {
      net: node.net,
      charter,
      exportedBy: node.partner,
      exportedAt: Date.now(),
      software: "test",
    };
    await writeFile(path, writeBundle(archive, facts));
    const auditor = join(import.meta.dirname, "..", "..", "services", "auditor", "src", "main.ts");
    return spawnSync(process.execPath, [auditor, "verify", path], { encoding: "utf8" }).status;
  } finally {
    folder.remove();
  }
}

describe("one frame, whose last entry waits for a parent that never comes,", () => {
  it("leaves every export whole: what is held of it is proved by the checkpoint beyond", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { charter, orchard, mill, stranger } = await open(cleanup);
    stranger.write();
    stranger.write({ parents: [`${toB64u(Buffer.alloc(16, 9))}.0@${toB64u(Buffer.alloc(32, 9))}`] });
    expect(await stranger.call("sync.push", stranger.frame(1, 3))).toMatchObject({ ok: true, size: 2 });
    await holds(mill, stranger.log, 2);
    // An honest entry that is about what is held names it as a parent.
    await orchard.append({ subject: `${stranger.log}.1` });
    await converged([orchard, mill]);
    expect([await audit(orchard, charter), await audit(mill, charter)]).toEqual([0, 0]);
  });
});

describe("the bearer of a used invitation", () => {
  it("keeps nobody else out, whatever it holds open, and is let go once the newcomer is heard", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { charter, orchard, mill } = await open(cleanup);
    const { invitation } = await orchard.federation.createInvitation();
    const parsed = parseInvitation(invitation);
    if (!parsed.ok) throw new Error(parsed.detail);
    const { lobby, endpoints, caPem } = parsed.value;
    const bearing = () =>
      openBus({
        servers: endpoints,
        caPem,
        credentials: lobby,
        name: "bearer",
        inboxPrefix: lobbyInboxPrefix(lobby.token),
        maxReconnectAttempts: 0,
        connectTimeoutMs: 1_000,
      });
    const held = await Promise.allSettled(Array.from({ length: 40 }, bearing));
    for (const one of held) if (one.status === "fulfilled") cleanup.use(one.value);
    expect(held.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(2);
    const ferry = cleanup.use(await openNode({ name: "Ferry", charter }));
    await joinNetwork(ferry, orchard, { electors: [orchard, mill] });
    await converged([orchard, mill, ferry]);
  });
});

describe("one link", () => {
  it("that claims a log and does not give it holds nobody up, and shows nothing that nobody proved", async () => {
    await using cleanup = new AsyncDisposableStack();
    const relays: Awaited<ReturnType<typeof openRelay>>[] = [];
    const { charter, orchard, mill, stranger } = await open(cleanup, async (host) => {
      const relay = cleanup.use(await openRelay(host.port));
      relays.push(relay);
      return relay.port;
    });
    const ferry = cleanup.use(await openNode({ name: "Ferry", charter }));
    await joinNetwork(ferry, mill, { electors: [mill, orchard] });
    await converged([orchard, mill, ferry]);
    for (const relay of relays) relay.cut();
    const ref = await ferry.append();
    const size = splitRef(ref).seq + 1;
    await holds(mill, ferry.log, size);
    const claim = { by: ferry.partner, log: ferry.log, size: size + 1_000 };
    const asked: string[] = [];
    stranger.answer = (op) => {
      asked.push(op);
      if (op === "sync.heads") return { ok: true, heads: [claim] };
      return { ok: false, code: "busy", retryAfterMs: 4_000 };
    };
    expect(await stranger.call("sync.nudge", { net: orchard.net, heads: [claim] })).toMatchObject({
      ok: true,
    });
    await eventually("it is asked for the log", () => asked.includes("sync.range"));
    for (const relay of relays) relay.heal();
    await holds(orchard, ferry.log, size, 20_000);

    for (let page = 0; page < 40; page += 1) {
      const heads = Array.from({ length: 256 }, (_, index) => ({
        by: ferry.partner,
        log: toB64u(Buffer.from([1, page, index, ...Buffer.alloc(13)])),
        size: 1_000_000,
      }));
      await stranger.call("sync.nudge", { net: orchard.net, heads });
    }
    const status = orchard.federation.peers().find(({ partner }) => partner === stranger.partner);
    const held = await orchard.sizes();
    for (const { log, ours, theirs } of status?.lag ?? []) {
      expect(held.has(log)).toBe(true);
      expect(theirs).toBeLessThanOrEqual(ours);
    }
  });

  it("whose host floods its dialer is dropped from, then let go for a while; the others go on, and nothing is lost", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill } = await open(cleanup);
    const fed = cleanup.use(await orchard.openFed());
    const subject = wireSubjects.live(orchard.net, orchard.partner);
    const junk = toBytes(
      `handfast/batch/v1 ${orchard.net} ${orchard.log} 1 2\n${"j".repeat(2_000)}\n\n\nnote\n`,
    );
    await besideNone("a host's flood", mill, async () => {
      for (let each = 0; each < 500; each += 1) fed.publish(subject, junk, { "Hf-V": "1" });
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const refused = mill.federation.peers()[0]?.refused ?? {};
    expect(refused["dropped"]).toBeGreaterThan(1_000);
    // Far from every one of them was looked at.
    expect(refused["malformed"] ?? 0).toBeLessThan(refused["dropped"] ?? 0);
  });
});
