// Goal: three partners, three nodes, one history, whatever happens to the links between them.
// Method: real nats-servers with TLS and real ledgers; TCP relays on links, which cut and heal.
import { splitRef, unpin } from "@handfast/protocol/ids";
import { eventually } from "@handfast/testkit/eventually";
import { openRelay } from "@handfast/testkit/relay";
import { describe, expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import { charterOf, converged, holds, join, stateOf } from "./network.ts";
import { openNode } from "./node.ts";

const open = async (cleanup: AsyncDisposableStack) => {
  const owner = createOwner("Orchard");
  const charter = charterOf(owner.partner);
  const [orchard, mill, ferry] = [
    cleanup.use(await openNode({ name: "Orchard", charter, owner })),
    cleanup.use(await openNode({ name: "Mill", charter })),
    cleanup.use(await openNode({ name: "Ferry", charter })),
  ];
  return { orchard, mill, ferry };
};

describe("three nodes in a row, of which the last two only dial", () => {
  it("join by sponsorship, hear each other as it happens, and pass on what they heard", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill, ferry } = await open(cleanup);
    await join(mill, orchard);
    await converged([orchard, mill]);
    await join(ferry, mill, { electors: [orchard, mill] });
    await converged([orchard, mill, ferry]);
    const held = await ferry.held();
    expect(held[orchard.log], "the founder sponsored Mill").toContain(`"log":"${mill.log}"`);
    expect(held[mill.log], "Mill sponsored Ferry").toContain(`"log":"${ferry.log}"`);

    for (const author of [orchard, mill, ferry]) {
      const ref = await author.append({ body: { text: `${author.name} says hello` } });
      const { seq } = splitRef(ref);
      for (const reader of [orchard, mill, ferry]) {
        await holds(reader, author.log, seq + 1, 2_000);
        await eventually(`${reader.name} has the text`, () => reader.hasPayload(ref.split("@")[0] ?? ""));
      }
    }
    await converged([orchard, mill, ferry]);
    expect(await orchard.missingPayloads()).toEqual([]);

    // Its own text and another's, spoilt on its disk: found as they are read, and given anew by those that hold them.
    const texts = await Promise.all(
      [orchard, mill].map(async (author) =>
        unpin(await author.append({ body: { text: `${author.name} again` } })),
      ),
    );
    for (const reader of [orchard, mill, ferry])
      for (const ref of texts) await eventually(`${reader.name} has ${ref}`, () => reader.hasPayload(ref));
    orchard.damageTexts();
    for (const ref of texts) expect(await orchard.hasPayload(ref), "it is not given out").toBe(false);
    await eventually("they count as lacking", async () => (await orchard.missingPayloads()).length >= 2);
    await orchard.federation.reconcileNow();
    for (const ref of texts) await eventually(`${ref} is whole again`, () => orchard.hasPayload(ref));
  });

  it("carry on where entries name each other, whichever comes first", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill, ferry } = await open(cleanup);
    await join(mill, orchard);
    await join(ferry, mill, { electors: [orchard, mill] });
    await converged([orchard, mill, ferry]);
    // A ball passed round: each entry's parent is another partner's newest.
    let last = await orchard.append();
    for (let turn = 0; turn < 12; turn += 1) {
      const player = [mill, ferry, orchard][turn % 3] ?? mill;
      const { log, seq } = splitRef(last);
      await holds(player, log, seq + 1);
      last = await player.append({ subject: `${log}.${seq}` });
    }
    await converged([orchard, mill, ferry]);
  });
});

describe("one of three, cut off from both others", () => {
  it("goes on, as they do, and all are equal when they meet again", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { orchard, mill, ferry } = await open(cleanup);
    const toOrchard = cleanup.use(await openRelay(orchard.port));
    const toMill = cleanup.use(await openRelay(mill.port));
    await join(mill, orchard);
    await converged([orchard, mill]);
    await join(ferry, orchard, { port: toOrchard.port, electors: [orchard, mill] });
    await join(ferry, mill, { port: toMill.port });
    await converged([orchard, mill, ferry]);
    await eventually("both links are up", () =>
      ferry.federation.peers().every(({ state }) => state === "connected"),
    );

    toOrchard.cut();
    toMill.cut();
    await eventually(
      "Ferry knows",
      () => stateOf(ferry, orchard) === "reconnecting" && stateOf(ferry, mill) === "reconnecting",
      { withinMs: 40_000 },
    );
    await eventually("Orchard knows", () => stateOf(orchard, ferry) === "reconnecting");
    const before = (await orchard.sizes()).get(ferry.log);
    for (let turn = 0; turn < 30; turn += 1) {
      const ref = await orchard.append({ body: { text: `while Ferry is away ${turn}` } });
      await ferry.append({ body: { text: `alone ${turn}` } });
      await holds(mill, orchard.log, splitRef(ref).seq + 1);
      await mill.append({ subject: ref.split("@")[0] ?? "" });
    }
    await converged([orchard, mill]);
    expect((await orchard.sizes()).get(ferry.log), "nothing came through").toBe(before);

    toOrchard.heal();
    toMill.heal();
    await converged([orchard, mill, ferry], 30_000);
    for (const node of [orchard, mill, ferry])
      await eventually(`${node.name} has all texts`, async () => (await node.missingPayloads()).length === 0);
    await eventually("both links are up", () =>
      ferry.federation.peers().every(({ state }) => state === "connected"),
    );
  });
});
