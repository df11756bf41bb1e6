/** A few nodes that belong together, and when they are equal. */
import { randomBytes } from "node:crypto";
import { toB64u } from "@handfast/protocol/bytes";
import { defaultParameters, encodeCharter } from "@handfast/protocol/charter";
import type { PartnerId } from "@handfast/protocol/ids";
import { eventually } from "@handfast/testkit/eventually";
import type { Node } from "./node.ts";

/** A charter of these founders. */
export const charterOf = (...founders: readonly PartnerId[]): Uint8Array =>
  encodeCharter({
    name: "Valley",
    founders: [...founders].sort(),
    nonce: toB64u(randomBytes(16)),
    parameters: defaultParameters,
  });

/** `newcomer` takes up an invitation of `host`. `port`: where it dials, when that is not the host itself. */
export async function join(newcomer: Node, host: Node, port = host.port): Promise<void> {
  const { invitation } = await host.federation.createInvitation({ endpoints: [`tls://localhost:${port}`] });
  const answer = await newcomer.federation.acceptInvitation(invitation);
  if (!answer.ok)
    throw new Error(`${newcomer.name} could not join ${host.name}: ${answer.code} ${answer.detail ?? ""}`);
}

const sizesOf = async (node: Node) => JSON.stringify([...(await node.sizes())].sort());

/** Equal heads, then equal bytes. */
export async function converged(nodes: readonly Node[], withinMs = 10_000): Promise<void> {
  await eventually(
    `${nodes.map(({ name }) => name).join(", ")} hold the same logs`,
    async () => new Set(await Promise.all(nodes.map(sizesOf))).size === 1,
    { withinMs, everyMs: 20 },
  );
  const [first, ...others] = await Promise.all(nodes.map((node) => node.held()));
  for (const other of others)
    if (JSON.stringify(other) !== JSON.stringify(first)) throw new Error("equal heads over other bytes");
}

export const holds = (node: Node, log: string, size: number, withinMs = 10_000): Promise<true> =>
  eventually(
    `${node.name} holds ${size} of ${log}`,
    async () => ((await node.sizes()).get(log) ?? 0) >= size,
    { withinMs },
  );

export const stateOf = (node: Node, peer: Node) =>
  node.federation.peers().find(({ partner }) => partner === peer.partner)?.state;
