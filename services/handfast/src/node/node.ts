/**
 * One node, all services in one process: NATS first, then the ledger (which alone holds the pen), the view that follows it,
 * the services that decide, the links to peers, and the front door last, so that nobody is let in before everything stands.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Logger } from "@handfast/bus/logger";
import { type Federation, startFederation } from "@handfast/federation/service";
import { type LinksPort, startGateway } from "@handfast/gateway/service";
import { type Ledger, startLedger } from "@handfast/ledger/service";
import { startPartnership } from "@handfast/partnership/service";
import { openProjection } from "@handfast/projection/projection";
import { createReads } from "@handfast/projection/reads";
import { parseCharter } from "@handfast/protocol/charter";
import { assertNode, type DataFolder } from "./data-folder.ts";
import { NodeError, usage } from "./fault.ts";
import { readPartner } from "./init.ts";
import { startNats } from "./nats.ts";
import type { Settings } from "./settings.ts";
import { software, version } from "./version.ts";

export interface Node extends AsyncDisposable {
  /** Of the HTTP API. */
  readonly url: string;
  readonly name: string;
  readonly network: string;
  readonly federation: Federation;
  /** Old enough that it may listen on loopback only. */
  readonly natsServer: { readonly version: string; readonly belowMinimum: boolean };
  /** Resolves when the ledger cannot be sure what it signed: the process must end. */
  readonly fatal: Ledger["fatal"];
}

export async function startNode(folder: DataFolder, settings: Settings, logger: Logger): Promise<Node> {
  assertNode(folder);
  if (!existsSync(folder.charter))
    throw usage("this node belongs to no network yet", "handfast join <invitation>");
  const partner = readPartner(folder);
  const charterBytes = new Uint8Array(readFileSync(folder.charter));
  const charter = parseCharter(charterBytes);
  if (!charter.ok)
    throw new NodeError("charter-malformed", `${folder.charter} is ${charter.code}: ${charter.detail}`);

  await using cleanup = new AsyncDisposableStack();
  const nats = cleanup.use(await startNats(folder, settings, logger, Date.now()));
  const bus = nats.home;
  const ledger = cleanup.use(await startLedger({ dir: folder.dir, charter: charterBytes }, { bus, logger }));
  const { net, log } = ledger.identity;
  const projection = cleanup.use(
    await openProjection({ bus, net, charter: charter.value, self: partner.id, logger }),
  );
  cleanup.use(await startPartnership({ bus, projection, version, logger }));

  const { server } = nats;
  const federation = cleanup.use(
    await startFederation(
      {
        charter: charterBytes,
        dir: folder.federation,
        endpoints: nats.endpoints,
        reconcileMs: settings.reconcileSeconds * 1_000,
      },
      {
        home: bus,
        natsServer: { url: server.current.url, caPem: nats.caPem },
        identity: nats.identity,
        claims: nats.claims,
        logger,
      },
    ),
  );
  const gateway = cleanup.use(
    await startGateway(
      {
        dir: folder.gateway,
        host: settings.httpHost,
        port: settings.httpPort,
        allowedHosts: settings.httpNames,
      },
      {
        bus,
        reads: createReads({ projection, logger }),
        node: {
          net,
          networkName: charter.value.name,
          partner: partner.id,
          name: partner.name,
          log,
          software,
        },
        state: {
          bus: () => bus.status,
          natsServer: () => server.current,
          view: () => ({
            entries: projection.count,
            quarantined: projection.quarantined,
            isFollowing: projection.isFollowing,
          }),
        },
        links: linksOf(federation),
        charter: charterBytes,
        logger,
      },
    ).catch(asNodeError),
  );
  const kept = cleanup.move();
  return {
    url: gateway.url,
    name: partner.name,
    network: charter.value.name,
    federation,
    natsServer: server.current,
    fatal: ledger.fatal,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Federation as the front door asks it, where what was left out is left out. */
const linksOf = (federation: Federation): LinksPort => ({
  peers: () => federation.peers(),
  acceptInvitation: (invitation) => federation.acceptInvitation(invitation),
  createInvitation: ({ endpoints, validHours }) =>
    federation.createInvitation({
      ...(endpoints === undefined ? {} : { endpoints }),
      ...(validHours === undefined ? {} : { validHours }),
    }),
});

function asNodeError(cause: unknown): never {
  if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
  throw new NodeError("port-in-use", "the port of the HTTP API is taken by another program", {
    cause,
    hint: "choose another: --http-port, httpPort in handfast.yaml, or HANDFAST_HTTP_PORT",
  });
}
