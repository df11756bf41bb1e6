/** The HTTP application: the gates in their order, then the routes. Listens to nothing; tests ask it in memory. */
import rateLimit from "@fastify/rate-limit";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import type { Reads } from "@handfast/views/reads";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { guardAccess } from "./access.ts";
import { auditRoutes } from "./audit-routes.ts";
import { answerBrokenRequest } from "./broken-requests.ts";
import { collectionRoutes } from "./collection-routes.ts";
import { commandRoutes } from "./command-routes.ts";
import { type GatewayConfig, limits } from "./config.ts";
import { createCursors } from "./cursors.ts";
import { serveDocs } from "./docs.ts";
import { eventRoutes } from "./event-routes.ts";
import { handleFault } from "./faults.ts";
import { guardFront } from "./front.ts";
import { acceptJsonOnly } from "./json-only.ts";
import { openLedgerArchive } from "./ledger-archive.ts";
import { type LinksPort, type NodeFacts, type NodeState, nodeRoutes } from "./node-routes.ts";
import { answerUnrouted } from "./not-found.ts";
import { describeApi } from "./openapi.ts";
import { ProblemError } from "./problem.ts";
import { problemPages } from "./problem-pages.ts";
import { promiseTls } from "./promise-tls.ts";
import { sendSecurityHeaders } from "./security-headers.ts";
import type { Tokens } from "./tokens.ts";
import { validatorCompiler } from "./validation.ts";

export type AppDeps = {
  /** Connected in account HOME, with the node's services behind it. */
  readonly bus: Bus;
  readonly reads: Reads;
  readonly tokens: Pick<Tokens, "authenticate" | "isValid">;
  readonly node: NodeFacts;
  readonly state: NodeState;
  readonly links: LinksPort;
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  readonly logger?: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

export async function createApp(config: Omit<GatewayConfig, "dir">, deps: AppDeps): Promise<FastifyInstance> {
  const { bus, reads, node, now = Date.now } = deps;
  const app = Fastify({
    ...(deps.logger === undefined ? { logger: false } : { loggerInstance: deps.logger as FastifyBaseLogger }),
    // A logger for each request costs more than the few lines that ever need one: those name the request.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustedProxies === undefined ? false : [...config.trustedProxies],
    bodyLimit: limits.bodyBytes,
    connectionTimeout: limits.connectionTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxRequestsPerSocket: limits.requestsPerSocket,
    forceCloseConnections: true,
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => crypto.randomUUID(),
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: limits.paramLength },
    // Asked by the first look at a request, which answers in our own form.
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requireHostHeader: false,
    },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void handleFault(error, request as never, reply as never),
  });
  app.setValidatorCompiler(validatorCompiler);
  // Answers are views of ours, typed by the same schemas: checking them again would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(handleFault);
  acceptJsonOnly(app);
  guardFront(app, [...(config.allowedHosts ?? []), ...(config.host === undefined ? [] : [config.host])]);
  guardAccess(app, { tokens: deps.tokens, now, failuresPerMinute: config.failuresPerMinute ?? 60 });
  answerUnrouted(app);
  sendSecurityHeaders(app);
  promiseTls(app);
  await app.register(rateLimit, {
    max: config.requestsPerMinute ?? 60_000,
    timeWindow: "1 minute",
    keyGenerator: (request) => request.principal?.id ?? request.ip,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError("too-many-requests", { retryAfter: Math.ceil(ttl / 1_000) }),
  });
  await describeApi(app);
  serveDocs(app);

  problemPages(app);
  nodeRoutes(app, {
    facts: node,
    state: deps.state,
    reads,
    links: deps.links,
    ledger: createLedgerClient(bus),
  });
  const cursors = createCursors(reads, node.partner);
  collectionRoutes(app, reads, cursors);
  eventRoutes(app, {
    reads,
    cursors,
    streamsPerToken: config.streamsPerToken ?? 8,
    isValid: (token) => deps.tokens.isValid(token, now()),
  });
  commandRoutes(app, { bus, reads });
  auditRoutes(app, {
    archive: openLedgerArchive(createLedgerClient(bus, limits.bundleTimeoutMs), node.net),
    facts: { net: node.net, charter: deps.charter, exportedBy: node.partner, software: node.software },
    now,
  });
  return app;
}
