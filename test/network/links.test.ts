// Goal: a link comes about only by a true invitation, survives what happens to servers and wires, and ends when it is ended.
import type { Timers } from "@handfast/federation/service";
import { toB64u } from "@handfast/protocol/bytes";
import { formatInvitation, parseInvitation } from "@handfast/protocol/federation";
import { splitRef } from "@handfast/protocol/ids";
import { eventually } from "@handfast/testkit/eventually";
import { openRelay } from "@handfast/testkit/relay";
import { describe, expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import { charterOf, converged, holds, join, stateOf } from "./network.ts";
import { openNode } from "./node.ts";

const open = async (cleanup: AsyncDisposableStack, clock = { now: () => Date.now() }) => {
  const owner = createOwner("Orchard");
  const charter = charterOf(owner.partner);
  const orchard = cleanup.use(await openNode({ name: "Orchard", charter, owner, clock }));
  const newcomer = async (name: string, timers?: Timers) =>
    cleanup.use(await openNode({ name, charter, ...(timers === undefined ? {} : { timers }) }));
  return { orchard, newcomer };
};

const endedBy = (timer: NodeJS.Timeout): Disposable => ({ [Symbol.dispose]: () => clearTimeout(timer) });

describe("an invitation", () => {
  it("is good for one partner, as often as that one needs it", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    const [mill, ferry] = [await newcomer("Mill"), await newcomer("Ferry")];
    const { invitation } = await orchard.federation.createInvitation();
    expect(await mill.federation.acceptInvitation(invitation)).toEqual({ ok: true, peer: orchard.partner });
    expect(await ferry.federation.acceptInvitation(invitation)).toMatchObject({
      ok: false,
      code: "invitation-used",
    });
    expect(await mill.federation.acceptInvitation(invitation)).toMatchObject({ ok: true });
    await converged([orchard, mill]);
    expect(
      (await orchard.held())[orchard.log]?.split("\n").filter((line) => line.includes("member.sponsored")),
    ).toHaveLength(1);
    expect(orchard.federation.peers()).toHaveLength(1);
    expect((await orchard.sizes()).has(ferry.log)).toBe(false);
  });

  it("is refused when it is over, tampered with, of another network, or one's own", async () => {
    await using cleanup = new AsyncDisposableStack();
    let ahead = 0;
    const { orchard, newcomer } = await open(cleanup, { now: () => Date.now() + ahead });
    const mill = await newcomer("Mill");
    const { invitation } = await orchard.federation.createInvitation({ validHours: 1 });
    const parsed = parseInvitation(invitation);
    if (!parsed.ok) throw new Error(parsed.detail);
    const tampered = formatInvitation({
      ...parsed.value,
      lobby: { ...parsed.value.lobby, token: toB64u(Buffer.alloc(32)) },
    });
    expect(await mill.federation.acceptInvitation(tampered)).toMatchObject({ code: "invitation-tampered" });
    expect(await orchard.federation.acceptInvitation(invitation)).toMatchObject({ code: "invitation-own" });
    const elsewhere = await open(cleanup);
    expect(await elsewhere.orchard.federation.acceptInvitation(invitation)).toMatchObject({
      code: "invitation-foreign",
    });
    ahead = 3_600_000;
    expect(await mill.federation.acceptInvitation(invitation), "the host's clock decides").toMatchObject({
      code: "invitation-expired",
    });
    expect((await orchard.sizes()).size).toBe(1);
  });
});

describe("a link", () => {
  it("ends within a second when it is cut off, and what was written stays", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    const mill = await newcomer("Mill");
    await join(mill, orchard);
    await converged([orchard, mill]);
    const held = await orchard.held();
    expect(await orchard.federation.cutOff(mill.partner)).toBe(1);
    await eventually("Mill is told", () => stateOf(mill, orchard) === "closed", { withinMs: 1_000 });
    expect(stateOf(orchard, mill)).toBe("closed");
    await mill.append();
    await orchard.append();
    await orchard.federation.reconcileNow();
    const after = await orchard.held();
    expect(after[mill.log], "the last word heard of Mill").toBe(held[mill.log]);
    expect((await mill.held())[orchard.log]).toBe(held[orchard.log]);
    await orchard.stopFederation();
    await orchard.startFederation();
    expect(stateOf(orchard, mill), "also after a restart").toBe("closed");
  });

  it("ends within a second when its dialer cuts it off, and stays so over restarts until both restore it", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    const mill = await newcomer("Mill");
    await join(mill, orchard);
    await converged([orchard, mill]);
    expect(await mill.federation.cutOff(orchard.partner)).toBe(1);
    await eventually("Orchard is told", () => stateOf(orchard, mill) === "closed", { withinMs: 1_000 });
    for (const node of [mill, orchard]) {
      await node.stopFederation();
      await node.startFederation();
    }
    const written = await orchard.append();
    await mill.federation.reconcileNow();
    expect([stateOf(mill, orchard), stateOf(orchard, mill)]).toEqual(["closed", "closed"]);
    expect((await mill.sizes()).get(orchard.log)).toBeLessThan(splitRef(written).seq + 1);
    expect(mill.federation.peers()[0]?.why).toContain("until both operators restore it");
    for (const [node, other] of [
      [orchard, mill],
      [mill, orchard],
    ] as const)
      expect(await node.federation.restore(other.partner)).toBe(1);
    await converged([orchard, mill], 20_000);
  });

  it("is restored for good while the host's farewell is still to be carried out", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    // What a node does a moment after its answer: here, when the test says so.
    const moment = 50;
    const postponed: (() => void)[] = [];
    const timers: Timers = {
      after: (ms, work) => {
        if (ms !== moment) return endedBy(setTimeout(work, ms));
        postponed.push(work);
        return { [Symbol.dispose]: () => {} };
      },
      every: (ms, work) => endedBy(setInterval(work, ms)),
      random: () => 0.5,
    };
    const mill = await newcomer("Mill", timers);
    await join(mill, orchard);
    await converged([orchard, mill]);
    await orchard.federation.cutOff(mill.partner);
    await eventually("Mill is refused", () => stateOf(mill, orchard) === "closed" && postponed.length > 0);
    expect(await orchard.federation.restore(mill.partner)).toBe(1);
    expect(await mill.federation.restore(orchard.partner)).toBe(1);
    for (const work of postponed) work();
    await orchard.append({ body: { text: "afterwards" } });
    await converged([orchard, mill], 20_000);
    await mill.stopFederation();
    await mill.startFederation();
    await eventually("it is open after a restart", () => stateOf(mill, orchard) === "connected");
  });

  it("comes back when the host starts again, and when its nats-server has forgotten everything", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    const mill = await newcomer("Mill");
    await join(mill, orchard);
    await converged([orchard, mill]);

    await orchard.stopFederation();
    await orchard.append();
    await mill.append();
    await orchard.startFederation();
    await converged([orchard, mill]);

    await mill.stopFederation();
    await orchard.append();
    await mill.startFederation();
    await converged([orchard, mill]);

    await orchard.loseNatsFolder();
    await eventually("the ledger is reachable again", () => orchard.append());
    await mill.append();
    await converged([orchard, mill], 30_000);
    await eventually("the link is up", () => stateOf(mill, orchard) === "connected", { withinMs: 20_000 });
  });

  it("takes up a catch-up where it was torn, and shrugs off bytes that were turned over", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, newcomer } = await open(cleanup);
    const mill = await newcomer("Mill");
    const relay = cleanup.use(await openRelay(orchard.port));
    await join(mill, orchard, { port: relay.port });
    await converged([orchard, mill]);
    relay.cut();
    await eventually("Mill knows", () => stateOf(mill, orchard) === "reconnecting");
    for (let round = 0; round < 6; round += 1)
      await Promise.all(Array.from({ length: 500 }, () => orchard.append()));
    const size = (await orchard.sizes()).get(orchard.log) ?? 0;
    for (const bytes of [60_000, 400_000]) {
      relay.heal();
      relay.cutAfter(bytes);
      await eventually("the wire is torn", () => stateOf(mill, orchard) === "reconnecting" && relay.isCut);
    }
    expect((await mill.sizes()).get(orchard.log)).toBeLessThan(size);
    relay.heal();
    relay.corrupt();
    await eventually(
      "nothing gets through",
      () => relay.passed > 0 && stateOf(mill, orchard) === "reconnecting",
    );
    relay.heal();
    await converged([orchard, mill], 30_000);
    await holds(mill, orchard.log, size);
  });
});
