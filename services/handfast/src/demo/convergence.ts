/** Whether all nodes hold the same history and read the same from it. */
import { createHash } from "node:crypto";
import type { DemoNode } from "./demo-node.ts";
import { until } from "./waiting.ts";

export type Converged = { readonly entries: number; readonly digest: string };

/**
 * Waits until every node holds as many entries, then until each shows the same of them. ETags are hashes over the newest entries of each
 * thing, so equal ones mean equal histories.
 */
export async function waitForConvergence(
  nodes: readonly DemoNode[],
  withinMs: number,
  progress: (text: string) => void,
): Promise<Converged> {
  const entries = await until(
    "the same number of entries at every node",
    async () => {
      const held = await Promise.all(nodes.map(async (node) => (await node.api.node()).entries));
      progress(`entries held: ${held.join(" ")}`);
      return new Set(held).size === 1 ? held[0] : null;
    },
    withinMs,
  );
  const digest = await until("the same state at every node", async () => {
    const digests = await Promise.all(nodes.map(stateDigest));
    return new Set(digests).size === 1 ? digests[0] : null;
  });
  return { entries, digest };
}

/** SHA-256 over every subject's id and ETag and what it has come to, in order of ids. */
async function stateDigest(node: DemoNode): Promise<string> {
  const hash = createHash("sha256");
  for (const collection of ["initiatives", "commitments", "challenges"]) {
    const items = await node.api.list(`/v1/${collection}`, {});
    const rows = items
      .map((item) =>
        JSON.stringify([
          item["id"],
          item["etag"],
          item["status"] ?? item["state"],
          (item["lead"] as { id?: string } | null)?.id ?? null,
        ]),
      )
      .sort();
    hash.update(rows.join("\n"));
  }
  return hash.digest("base64url");
}
