// Goal: whatever is written on both sides of a partition, all nodes hold one history once it has healed, and nothing that was
// acknowledged is lost or doubled.
// Method: three real nodes, whose links run through relays; 30 times over some of the relays are cut, every node takes pledges
// meanwhile, the relays heal, and all nodes must come to hold all of them. Seeded, so that a failure can be played again.
import { createHash } from "node:crypto";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { eventually } from "@handfast/testkit/eventually";
import { expect, it } from "vitest";

const partners = ["Orchard", "Millrace", "Ferry"] as const;
const rounds = 30;
const most = 4;
const seed = Number(process.env["HANDFAST_TEST_SEED"] ?? 20_261_127);
const withinMs = 90_000;

/** Whole numbers from 0 up to `end` that depend on the seed alone. */
function numbersOf(from: number): (end: number) => number {
  let count = 0;
  return (end) => createHash("sha256").update(`${from}.${count++}`).digest().readUInt32BE() % end;
}

const entriesOf = async (node: DemoNode): Promise<number> => (await node.api.node()).entries;

it(`${rounds} partitions heal to one history`, { timeout: 600_000 }, async () => {
  const below = numbersOf(seed);
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-partitions-"));
  await using network = await openDemoNetwork({
    name: "Partitions",
    partners,
    dir: temp.path,
    say: () => {},
  });
  const { nodes } = network;
  const relays = [...new Set(partners.flatMap((name) => network.relaysOf(name)))];
  expect(relays).toHaveLength(3);
  const { entries: before } = await waitForConvergence(nodes, withinMs, () => {});
  const written = new Map<string, string>();
  const pledge = async (node: DemoNode, title: string): Promise<void> => {
    const { id } = await node.api.command("commitment.pledge", {
      on: null,
      idempotencyKey: title,
      body: { act: "pledge", title, externalId: title, due: "2031-01-01" },
    });
    written.set(title, String(id));
  };

  for (let round = 0; round < rounds; round += 1) {
    // Any of them but none; all three leave each node alone.
    const chosen = 1 + below(7);
    const cut = relays.filter((_, index) => (chosen & (1 << index)) !== 0);
    for (const relay of cut) relay.cut();
    await Promise.all(
      nodes.flatMap((node, index) =>
        Array.from({ length: 1 + below(most) }, (_, number) => pledge(node, `r${round}.${index}.${number}`)),
      ),
    );
    for (const relay of cut) relay.heal();
    await eventually(
      `all nodes hold all entries after partition ${round} of seed ${seed}`,
      async () => (await Promise.all(nodes.map(entriesOf))).every((held) => held >= before + written.size),
      { withinMs, everyMs: 50 },
    );
  }

  await waitForConvergence(nodes, withinMs, () => {});
  for (const node of nodes) {
    const items = await node.api.list("/v1/commitments", {});
    expect(new Map(items.map((item) => [item["externalId"], item["id"]])), `seed ${seed}`).toEqual(written);
  }
});
