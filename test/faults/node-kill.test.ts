// Goal: kill -9 of a whole node at any moment of its writes loses nothing that was acknowledged and doubles nothing; the
// nats-server it leaves behind does not stand in the way of the next start; in the end both nodes hold one history.
// Method: two real nodes; in each round a burst of pledges under known keys, a kill after a random number of answers, a restart,
// then the whole burst again under the same keys. Seeded, so that a failure can be played again.
import { createHash } from "node:crypto";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { expect, it } from "vitest";

const rounds = 20;
const burst = 12;
const seed = Number(process.env["HANDFAST_TEST_SEED"] ?? 20_261_124);

/** Numbers from 0 up to 1 that depend on the seed alone. */
function randomOf(from: number): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${from}.${count++}`).digest().readUInt32BE() / 2 ** 32;
}

const pledge = (node: DemoNode, key: string) =>
  node.api.command("commitment.pledge", {
    on: null,
    idempotencyKey: key,
    body: { act: "pledge", title: key, externalId: key, due: "2031-01-01" },
  });

it(`${rounds} kills of whole nodes lose nothing acknowledged and double nothing`, {
  timeout: 900_000,
}, async () => {
  const random = randomOf(seed);
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-kill-"));
  await using network = await openDemoNetwork({
    name: "Kill",
    partners: ["Orchard", "Millrace"],
    dir: temp.path,
    say: () => {},
  });
  const acknowledged = new Map<string, string>();

  for (let round = 0; round < rounds; round++) {
    const node = network.nodes[round % 2] as DemoNode;
    const keys = Array.from({ length: burst }, (_, index) => `r${round}.${index}`);
    const killAfter = Math.floor(random() * burst);
    let answers = 0;
    let killed: Promise<void> | null = null;
    const killOnce = () => {
      if (answers >= killAfter) killed ??= node.kill();
    };
    killOnce();
    await Promise.all(
      keys.map(async (key) => {
        try {
          const done = await pledge(node, key);
          acknowledged.set(key, String(done["id"]));
        } catch {
          // Cut off: whether it was stored is what the retry below finds out.
        }
        answers++;
        killOnce();
      }),
    );
    await (killed ?? node.kill());
    await node.start();
    for (const key of keys) {
      const again = String((await pledge(node, key))["id"]);
      expect(acknowledged.get(key) ?? again, `seed ${seed}, round ${round}, ${key}`).toBe(again);
      acknowledged.set(key, again);
    }
  }

  await waitForConvergence(network.nodes, 60_000, () => {});
  for (const node of network.nodes) {
    const items = await node.api.list("/v1/commitments", {});
    expect(items.map((item) => item["externalId"]).sort(), `seed ${seed}`).toEqual(
      [...acknowledged.keys()].sort(),
    );
    expect(new Map(items.map((item) => [item["externalId"], item["id"]]))).toEqual(acknowledged);
  }
});
