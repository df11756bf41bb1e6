/**
 * The services of a node: which there are, in the order of starting; what each may send and hear on the bus; and the settings
 * that each is given. Nothing else passes between them.
 */
import type { HomeRights } from "@handfast/nats-operator/credentials";
import { inboxPrefixOf } from "@handfast/service-kit/bus-settings";
import type { Logger } from "@handfast/service-kit/logger";
import type { OnProgress, Service } from "@handfast/service-kit/run";
import type { Env } from "@handfast/service-kit/settings";
import { keptCompiled } from "../compiled.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Facts, Form, Launch } from "./launch.ts";
import type { NodeNats } from "./nats.ts";
import type { WholeSettings } from "./settings.ts";

/** In the order of starting; they are stopped in the opposite one. */
export const serviceNames = ["ledger", "partnership", "federation", "gateway"] as const;
export type ServiceName = (typeof serviceNames)[number];

type Described = {
  /** The form in which it runs where the whole node is one process. */
  readonly together: Form;
  readonly serve: (env: Env, logger: Logger, onProgress: OnProgress) => Promise<Service>;
  readonly rights: HomeRights;
  /** Beside those that all services are given. */
  readonly settings: (node: NodeSettings) => Readonly<Record<string, string>>;
};
export type NodeSettings = {
  readonly folder: DataFolder;
  readonly settings: WholeSettings;
  readonly nats: NodeNats;
};

const ledgerVerbs = (...verbs: readonly string[]) => verbs.map((verb) => `hf.ledger.${verb}`);
/** Every micro service answers who it is. */
const discovery = "$SRV.>";

export const services: Readonly<Record<ServiceName, Described>> = {
  ledger: {
    // Its transactions wait for the disk, which would stop everything else in the same thread.
    together: "thread",
    serve: async (...given) => (await import("@handfast/ledger/serve")).serveLedger(...given),
    rights: {
      publish: ["hf.ledger.head", "hf.ledger.texts", "hf.ledger.batch", "hf.ledger.standing-moved"],
      subscribe: ["hf.ledger.>", discovery],
    },
    settings: ({ folder, settings }) => ({
      HANDFAST_DATA: folder.dir,
      HANDFAST_STATE_DIR: settings.stateDir,
      HANDFAST_CHARTER_FILE: folder.charter,
      HANDFAST_MEMBER_ENTRIES_PER_HOUR: String(settings.memberEntriesPerHour),
      HANDFAST_MEMBER_MEBIBYTES_PER_HOUR: String(settings.memberMebibytesPerHour),
      HANDFAST_MEMBER_ENTRIES: String(settings.memberEntries),
    }),
  },
  partnership: {
    together: "inline",
    serve: async (...given) => (await import("@handfast/partnership/serve")).servePartnership(...given),
    rights: {
      publish: [
        "hf.views",
        ...ledgerVerbs("append", "recall", "read", "payloads", "subject-heads", "status"),
      ],
      subscribe: ["hf.partnership.>", "hf.ledger.head", "hf.ledger.texts", discovery],
    },
    settings: ({ folder }) => ({
      HANDFAST_CHARTER_FILE: folder.charter,
      HANDFAST_VIEWS_DIR: folder.partnership,
    }),
  },
  federation: {
    together: "inline",
    serve: async (env, logger) => (await import("@handfast/federation/serve")).serveFederation(env, logger),
    rights: {
      publish: ledgerVerbs(
        ...["append", "ingest", "heads", "range", "proof", "subject-heads", "status", "sign"],
        ...["payloads", "keep-payloads", "missing-payloads", "standing", "prove", "compare"],
        ...["peers-heard", "credentials"],
      ),
      subscribe: ["hf.federation.>", "hf.ledger.batch", "hf.ledger.standing-moved", discovery],
    },
    settings: ({ folder, settings, nats }) => ({
      HANDFAST_CHARTER_FILE: folder.charter,
      HANDFAST_FEDERATION_DIR: folder.federation,
      HANDFAST_NATS_OPERATOR_FILE: folder.natsIdentity,
      HANDFAST_ENDPOINTS: nats.endpoints.join(","),
      HANDFAST_RECONCILE_SECONDS: String(settings.reconcileSeconds),
    }),
  },
  gateway: {
    together: "inline",
    serve: async (env, logger) => (await import("@handfast/gateway/serve")).serveGateway(env, logger),
    rights: {
      publish: [
        "hf.partnership.>",
        "hf.federation.*",
        ...ledgerVerbs(
          "heads",
          "range",
          "proof",
          "checkpoints",
          "payloads",
          "status",
          "confirm",
          "open-next",
          "keys",
          "ask-root",
          "take-root",
        ),
      ],
      subscribe: ["hf.views"],
    },
    settings: ({ folder, settings }) => ({
      HANDFAST_CHARTER_FILE: folder.charter,
      HANDFAST_PARTNER_FILE: folder.partner,
      HANDFAST_GATEWAY_DIR: folder.gateway,
      HANDFAST_VIEWS_DIR: folder.partnership,
      HANDFAST_HTTP_HOST: settings.httpHost,
      HANDFAST_HTTP_PORT: String(settings.httpPort),
      HANDFAST_HTTP_NAMES: settings.httpNames.join(","),
    }),
  },
};

/** What a service may send and hear, its own replies among it. */
export function rightsOf(name: ServiceName): HomeRights {
  const { publish, subscribe } = services[name].rights;
  return { publish, subscribe: [...subscribe, `${inboxPrefixOf(name)}.>`] };
}

/** How to start a service of this node; again: with the facts of its first start. */
export function launchOf(name: ServiceName, node: NodeSettings, logger: Logger, first?: Facts): Launch {
  const { serve, settings } = services[name];
  const port = first?.["port"];
  return {
    name,
    main: import.meta.resolve(`@handfast/${name}/main`),
    serve: (env, onProgress) => serve(env, logger.child({ service: name }), onProgress),
    env: {
      ...keptCompiled,
      HANDFAST_LOG_LEVEL: node.settings.logLevel,
      HANDFAST_NATS_URL: node.nats.url,
      HANDFAST_NATS_CA_FILE: node.folder.authority,
      HANDFAST_NATS_CREDENTIALS_FILE: node.nats.credentialsFiles[name],
      ...settings(node),
      // Callers know it by the port it took.
      ...(typeof port === "number" ? { HANDFAST_HTTP_PORT: String(port) } : {}),
    },
  };
}
