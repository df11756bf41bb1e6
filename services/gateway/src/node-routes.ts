/** Who this node is and how it does; whether it lives and can serve; and its links to other partners' nodes. */

import { AcceptRequest, InviteRequest, type PeerStatus } from "@handfast/api/messages/federation";
import { atMoment } from "@handfast/api/views/answers";
import { PartnerIdOrName } from "@handfast/api/views/named";
import { type ForkView, HealthView, NodeView, type OwnLogView } from "@handfast/api/views/node";
import type { BusStatus } from "@handfast/bus/bus";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { counted } from "@handfast/service-kit/progress";
import type { Reads } from "@handfast/views/reads";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { access } from "./access.ts";
import type { FederationClient } from "./federation-client.ts";
import { forkNotes, forkViews } from "./forks-view.ts";
import { ledgerTroubles } from "./ledger-troubles.ts";
import { type AskedMoment, momentOf } from "./moments.ts";
import { problemResponses } from "./openapi.ts";
import { type OwnLogPort, ownLogRoutes, ownLogView } from "./own-log-routes.ts";
import { partnerIdOf } from "./partner-names.ts";
import { ProblemError } from "./problem.ts";
import { within } from "./within.ts";

/** What does not change while the node runs. */
export type NodeFacts = {
  readonly net: NetworkId;
  readonly networkName: string;
  readonly partner: PartnerId;
  readonly name: string;
  /** Name and version. */
  readonly software: string;
};

/** How the parts of the node do, asked anew each time. */
export type NodeState = {
  readonly bus: () => BusStatus;
  readonly natsServer: () => { readonly version: string | null; readonly belowMinimum: boolean };
  readonly view: () => Promise<{
    readonly entries: number;
    readonly quarantined: number;
    /** Whether what is new in the ledger reaches the views. */
    readonly isFollowing: boolean;
  }>;
};

/** Links to other nodes, as the federation service keeps them. */
export type LinksPort = FederationClient;

export type NodeRoutes = {
  readonly facts: NodeFacts;
  readonly state: NodeState;
  readonly reads: Reads;
  readonly links: LinksPort;
  readonly ledger: OwnLogPort;
};

const protocolVersions = [1];

/** Long for questions that are answered from memory, short for a supervisor that asks whether the node is ready. */
const answerMs = 2_000;

/** How the node does, and what is wrong in words; empty: nothing. */
type Condition = {
  readonly entries: number;
  readonly quarantined: number;
  readonly peers: readonly PeerStatus[];
  readonly ownLog: OwnLogView | null;
  readonly forks: readonly ForkView[];
  readonly troubles: readonly string[];
};

export function nodeRoutes(app: FastifyInstance, { facts, state, reads, links, ledger }: NodeRoutes): void {
  const examine = async (): Promise<Condition> => {
    // A service that is down or hangs shows as a trouble; what the others know is still told.
    const [view, peers, ledgerStatus] = await Promise.all([
      within(answerMs, state.view()),
      within(answerMs, links.peers()),
      within(answerMs, ledger.status()),
    ]);
    const { entries, quarantined, isFollowing } = view ?? { entries: 0, quarantined: 0, isFollowing: false };
    const troubles = [
      ...(state.bus() === "connected" ? [] : ["the bus is not connected: commands wait, reads go on"]),
      ...(ledgerStatus === null
        ? ["the ledger does not answer: nothing is signed or stored, commands wait"]
        : []),
      ...(isFollowing ? [] : ["the read model does not follow the ledger: reads may be behind"]),
      ...(peers === null ? ["the federation service does not answer: links are not known"] : []),
      ...(ledgerStatus === null ? [] : ledgerTroubles(ledgerStatus)),
      ...(quarantined === 0 ? [] : [`${counted(quarantined, ["entry", "entries"])} put aside by the view`]),
    ];
    const ownLog = ledgerStatus === null ? null : ownLogView(ledgerStatus);
    const forks = await forkViews(ledgerStatus?.forks ?? [], reads);
    return { entries, quarantined, peers: peers ?? [], ownLog, forks, troubles };
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
      const at = momentOf(request.query as AskedMoment);
      const [now, then, condition] = await Promise.all([
        reads.one("partners", facts.partner, null),
        at === null ? null : reads.one("partners", facts.partner, at),
        examine(),
      ]);
      const { entries, quarantined, peers, ownLog, forks, troubles } = condition;
      const own = at === null ? now : then;
      return {
        partner: facts.partner,
        name: facts.name,
        fingerprint: fingerprintOf(facts.partner),
        network: { id: facts.net, name: facts.networkName },
        log: ownLog?.log ?? now?.logs.at(-1) ?? null,
        ownLog,
        state: own?.state ?? "unknown",
        software: facts.software,
        protocolVersions,
        position: reads.position,
        entries,
        quarantined,
        health: troubles.length === 0 ? "ok" : "degraded",
        reasons: [...troubles],
        bus: state.bus(),
        natsServer: state.natsServer(),
        peers: [...peers],
        forks: [...forks],
      };
    },
  );

  const health = { tags: ["node"], response: { 200: HealthView, ...problemResponses } };
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
      const { troubles, forks } = await examine();
      const notes = forks.length === 0 ? {} : { notes: forkNotes(forks) };
      return troubles.length === 0
        ? { status: "ok", ...notes }
        : { status: "degraded", reasons: troubles, ...notes };
    },
  );
  linkRoutes(app, links, reads);
  ownLogRoutes(app, ledger);
}

function linkRoutes(app: FastifyInstance, links: LinksPort, reads: Reads): void {
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
  const acts = [
    ["cut-off", "Close every link with a partner, until it is restored. History stays.", links.cutOff],
    [
      "restore",
      "Open the closed links with a partner again; its operator has to do the same.",
      links.restore,
    ],
  ] as const;
  for (const [verb, summary, act] of acts) {
    app.post(
      `/v1/links/:id/${verb}`,
      {
        config: { access: access.steward },
        schema: {
          operationId: `link.${verb}`,
          tags: ["partners"],
          summary,
          params: z.object({ id: PartnerIdOrName }),
          response: {
            200: z.object({ links: z.int().describe("How many links it concerned") }),
            ...problemResponses,
          },
        },
      },
      async (request) => {
        const given = (request.params as { readonly id: string }).id;
        const id = await partnerIdOf(given, "id", reads);
        const count = await act(id);
        if (count === 0) {
          const { name } = (await reads.one("partners", id, null)) ?? { name: given };
          throw new ProblemError("not-found", { detail: `no link with ${name} to ${verb}` });
        }
        return { links: count };
      },
    );
  }
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
