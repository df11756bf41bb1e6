/** A few nodes that belong together, and when they are equal. */
import { randomBytes } from "node:crypto";
import { toB64u } from "@handfast/protocol/bytes";
import { type Charter, defaultParameters, encodeCharter } from "@handfast/protocol/charter";
import { type PartnerId, type PinnedRef, type Ref, refOf, splitRef } from "@handfast/protocol/ids";
import { eventually } from "@handfast/testkit/eventually";
import type { Node } from "./node.ts";

/** A charter of these founders. */
export const charterOf = (...founders: readonly PartnerId[]): Uint8Array =>
  charterWith(founders, { headers: 2 });
/** The same as release 0.1.0 wrote it. */
export const earlierCharterOf = (...founders: readonly PartnerId[]): Uint8Array => charterWith(founders, {});

const charterWith = (founders: readonly PartnerId[], form: Pick<Charter, "headers">): Uint8Array =>
  encodeCharter({
    name: "Valley",
    ...form,
    founders: [...founders].sort(),
    nonce: toB64u(randomBytes(16)),
    parameters: defaultParameters,
  });

/**
 * `newcomer` takes up an invitation of `host`, and becomes a member where it is none.
 *
 * @param port Where it dials, when that is not the host itself.
 * @param electors Members who vote for it, linked with the host. Default: the host.
 */
export async function join(
  newcomer: Node,
  host: Node,
  {
    port = host.port,
    electors = [host],
  }: { readonly port?: number; readonly electors?: readonly Node[] } = {},
): Promise<void> {
  const { invitation } = await host.federation.createInvitation({ endpoints: [`tls://localhost:${port}`] });
  const answer = await newcomer.federation.acceptInvitation(invitation);
  if (!answer.ok)
    throw new Error(`${newcomer.name} could not join ${host.name}: ${answer.code} ${answer.detail ?? ""}`);
  const own = (await newcomer.held())[newcomer.log] ?? "";
  if (!own.includes("charter.attested")) await admit(newcomer, host, electors);
}

type Candidate = Pick<Node, "partner" | "log">;
/** The entry by which `host` sponsored somebody, and a vote for it. */
export type Vote = { readonly sponsorship: Ref; readonly vote: PinnedRef };

/** Votes for whom `host` sponsored. */
export async function vote(host: Node, { partner, log }: Candidate, elector = host): Promise<Vote> {
  const sponsored = `"log":"${log}","root":"${partner}"`;
  const seq = ((await host.held())[host.log] ?? "").split("\n").findIndex((line) => line.includes(sponsored));
  const sponsorship = refOf(host.log, seq);
  await holds(elector, host.log, seq + 1);
  const x = { opening: sponsorship, yes: true };
  const ref = await elector.appendAtNetwork({ type: "member.endorsed", subject: sponsorship, x });
  return { sponsorship, vote: ref };
}

/** The electors vote for whom `host` sponsored, and that partner attests. */
async function admit(newcomer: Node, host: Node, electors: readonly Node[]): Promise<void> {
  let subject: Ref | null = null;
  for (const elector of electors) {
    const voted = await vote(host, newcomer, elector);
    const { log, seq } = splitRef(voted.vote);
    await holds(newcomer, log, seq + 1);
    subject = voted.sponsorship;
  }
  await newcomer.appendAtNetwork({ type: "charter.attested", subject, x: { charter: newcomer.net } });
  await holds(host, newcomer.log, 2);
}

const sizesOf = async (node: Node) => JSON.stringify([...(await node.sizes())].sort());

/** Equal heads, then equal bytes; what arrives between the two looks is looked at again. */
export async function converged(nodes: readonly Node[], withinMs = 10_000): Promise<void> {
  await eventually(
    `${nodes.map(({ name }) => name).join(", ")} hold the same logs`,
    async () => {
      if (new Set(await Promise.all(nodes.map(sizesOf))).size > 1) return false;
      const texts = await Promise.all(nodes.map(async (node) => JSON.stringify(await node.held())));
      if (new Set(texts).size > 1) throw new Error("equal heads over other bytes");
      return true;
    },
    { withinMs, everyMs: 20 },
  );
}

export const holds = (node: Node, log: string, size: number, withinMs = 10_000): Promise<true> =>
  eventually(
    `${node.name} holds ${size} of ${log}`,
    async () => ((await node.sizes()).get(log) ?? 0) >= size,
    { withinMs },
  );

export const stateOf = (node: Node, peer: Node) =>
  node.federation.peers().find(({ partner }) => partner === peer.partner)?.state;
