/** Who this node is and how it does; whether it lives and can serve; and its links to other partners' nodes. */

import {
  type AcceptReply,
  AcceptRequest,
  type InviteReply,
  InviteRequest,
  type PeerStatus,
} from "@handfast/api/messages/federation";
import { atMoment } from "@handfast/api/views/answers";
import { HealthView, NodeView } from "@handfast/api/views/node";
import type { BusStatus } from "@handfast/bus/bus";
import type { Reads } from "@handfast/projection/reads";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import { type AskedMoment, momentOf } from "./moments.ts";
import { problemResponses } from "./openapi.ts";
import { ProblemError } from "./problem.ts";

/** What does not change while the node runs. */
export type NodeFacts = {
  readonly net: NetworkId;
  readonly networkName: string;
  readonly partner: PartnerId;
  readonly name: string;
  readonly log: LogId;
  /** Name and version. */
  readonly software: string;
};

/** How the parts of the node do, asked anew each time. */
export type NodeState = {
  readonly bus: () => BusStatus;
  readonly natsServer: () => { readonly version: string | null; readonly belowMinimum: boolean };
  readonly view: () => {
    readonly entries: number;
    readonly quarantined: number;
    readonly isFollowing: boolean;
  };
};

/** Links to other nodes, as the federation service keeps them. */
export type LinksPort = {
  peers(): readonly PeerStatus[] | Promise<readonly PeerStatus[]>;
  createInvitation(asked: z.infer<typeof InviteRequest>): Promise<z.infer<typeof InviteReply>>;
  acceptInvitation(invitation: string): Promise<z.infer<typeof AcceptReply>>;
};

export type NodeRoutes = {
  readonly facts: NodeFacts;
  readonly state: NodeState;
  readonly reads: Reads;
  readonly links: LinksPort;
};

const protocolVersions = [1];

export function nodeRoutes(app: FastifyInstance, { facts, state, reads, links }: NodeRoutes): void {
  const troubles = (): string[] => {
    const { quarantined, isFollowing } = state.view();
    return [
      ...(state.bus() === "connected" ? [] : ["the bus is not connected: commands wait, reads go on"]),
      ...(isFollowing ? [] : ["the ledger does not answer: reads may be behind"]),
      ...(quarantined === 0 ? [] : [`${quarantined} entries were put aside by the view`]),
    ];
  };

  app.get(
    "/v1/node",
    {
      config: { access: access.read },
      schema: {
        operationId: "node",
        tags: ["node"],
        summary:
          "Who this node is, which network it is in, its peers, and how it does. `asOf` asks for its membership of then; how it does is always told as of now.",
        querystring: z.strictObject(atMoment),
        response: { 200: NodeView, ...problemResponses },
      },
    },
    async (request) => {
      const own = await reads.one("partners", facts.partner, momentOf(request.query as AskedMoment));
      const { entries, quarantined } = state.view();
      return {
        partner: facts.partner,
        name: facts.name,
        fingerprint: fingerprintOf(facts.partner),
        network: { id: facts.net, name: facts.networkName },
        log: facts.log,
        state: own?.state ?? "unknown",
        software: facts.software,
        protocolVersions,
        position: reads.position,
        entries,
        quarantined,
        health: troubles().length === 0 ? "ok" : "degraded",
        bus: state.bus(),
        natsServer: state.natsServer(),
        peers: [...(await links.peers())],
      };
    },
  );

  const health = { tags: ["node"], response: { 200: HealthView } };
  app.get(
    "/healthz",
    {
      config: { access: "public" },
      schema: { security: [], operationId: "healthz", summary: "Whether the process lives.", ...health },
    },
    async () => ({ status: "ok" }),
  );
  app.get(
    "/readyz",
    {
      config: { access: "public" },
      schema: {
        security: [],
        operationId: "readyz",
        summary: "Whether it can serve; degraded when only reads go on.",
        ...health,
      },
    },
    async () => {
      const reasons = troubles();
      return reasons.length === 0 ? { status: "ok" } : { status: "degraded", reasons };
    },
  );
  linkRoutes(app, links);
}

function linkRoutes(app: FastifyInstance, links: LinksPort): void {
  app.post(
    "/v1/invitations",
    {
      config: { access: access.steward },
      schema: {
        operationId: "invitation.create",
        tags: ["partners"],
        summary: "Make an invitation for one partner: a secret, good once.",
        body: InviteRequest,
        response: { 201: z.object({ invitation: z.string(), expires: z.int() }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const made = await links.createInvitation(request.body as z.infer<typeof InviteRequest>);
      if (!made.ok) throw linkProblem(made);
      reply.code(201).header("cache-control", "no-store");
      return { invitation: made.invitation, expires: made.expires };
    },
  );
  app.post(
    "/v1/links",
    {
      config: { access: access.steward },
      bodyLimit: 262_144 + 1_024,
      schema: {
        operationId: "link.create",
        tags: ["partners"],
        summary: "Take up an invitation: opens one more link.",
        body: AcceptRequest,
        response: { 201: z.object({ peer: z.string() }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { invitation } = request.body as z.infer<typeof AcceptRequest>;
      const taken = await links.acceptInvitation(invitation);
      if (!taken.ok) throw linkProblem(taken);
      reply.code(201);
      return { peer: taken.peer };
    },
  );
}

function linkProblem({
  code,
  detail,
}: {
  readonly code: string;
  readonly detail?: string | undefined;
}): ProblemError {
  if (code === "inviter-unreachable") return new ProblemError(code, { detail });
  return new ProblemError("link-refused", { detail: detail === undefined ? code : `${code}: ${detail}` });
}
