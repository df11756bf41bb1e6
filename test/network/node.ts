/**
 * One partner's node as federation sees it: a real nats-server with TLS, a real ledger on disk, the federation service, and
 * nothing above. What a test wants to know of it, it asks over the bus like any other service of the node.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  AppendReply,
  HeadsReply,
  MissingPayloadsReply,
  PayloadsReply,
  SubjectHeadsReply,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import type { Logger } from "@handfast/bus/logger";
import {
  type Federation,
  type FederationConfig,
  startFederation,
  type Timers,
} from "@handfast/federation/service";
import {
  type CertifiedKey,
  createAuthority,
  createServerCertificate,
} from "@handfast/nats-operator/certificates";
import {
  createFedCredentials,
  createHomeCredentials,
  createSystemCredentials,
} from "@handfast/nats-operator/credentials";
import { createOperator } from "@handfast/nats-operator/identity";
import { type NatsServer, startNatsServer } from "@handfast/nats-operator/server";
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import { networkIdOf, parseCharter } from "@handfast/protocol/charter";
import { parseFrame } from "@handfast/protocol/frame";
import type { LogId, NetworkId, PartnerId, PinnedRef } from "@handfast/protocol/ids";
import { createOwner, type Owner, startNodeLedger } from "./ledger.ts";

export interface Node extends AsyncDisposable {
  readonly name: string;
  readonly net: NetworkId;
  readonly partner: PartnerId;
  readonly log: LogId;
  readonly home: Bus;
  readonly port: number;
  readonly federation: Federation;
  /** One entry, durable when it resolves. Types nobody knows are carried like any other. */
  append(entry?: {
    readonly type?: string;
    readonly subject?: string | null;
    readonly x?: Readonly<Record<string, string | boolean>>;
    readonly body?: Readonly<Record<string, string>>;
  }): Promise<PinnedRef>;
  /** The same at network level, after everything this node knows there. */
  appendAtNetwork(entry: {
    readonly type: string;
    readonly subject: string | null;
    readonly x: Readonly<Record<string, string | boolean>>;
  }): Promise<PinnedRef>;
  /** Size of every log held. */
  sizes(): Promise<ReadonlyMap<LogId, number>>;
  /** The exact bytes of every entry held, one text a log: what has to be equal everywhere. */
  held(): Promise<Readonly<Record<LogId, string>>>;
  missingPayloads(): Promise<readonly string[]>;
  hasPayload(ref: string): Promise<boolean>;
  /** What a bad disk does to every text kept: bytes that nobody wrote. */
  damageTexts(): void;
  /** One more connection in the account from which this node's live batches go out. */
  openFed(): Promise<Bus>;
  stopFederation(): Promise<void>;
  startFederation(): Promise<void>;
  /** The node's nats-server ends, forgets every account it was told, and starts again. */
  loseNatsFolder(): Promise<void>;
}

export type NodeOptions = {
  readonly name: string;
  /** Canonical bytes of the founding charter. */
  readonly charter: Uint8Array;
  /** Keys made before, where the charter names them. */
  readonly owner?: Owner;
  readonly federation?: Partial<FederationConfig>;
  readonly clock?: { readonly now: () => number };
  /** Of its federation. */
  readonly timers?: Timers;
  readonly logger?: Logger;
};

const timeoutMs = 10_000;

export async function openNode(options: NodeOptions): Promise<Node> {
  const { name, charter, clock, timers, logger } = options;
  const net = networkIdOf(charter);
  const owner = options.owner ?? createOwner(name);
  await using cleanup = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), `handfast-${name}-`));
  cleanup.defer(() => rmSync(dir, { recursive: true, force: true }));

  const identity = createOperator(name);
  const authority = await createAuthority(name, Date.now());
  let server = await startServer(join(dir, "nats"), identity, authority, 0);
  cleanup.defer(() => server[Symbol.asyncDispose]());
  const { port, url } = server;
  const caPem = authority.certificatePem;
  const connect = async (credentials: { jwt: string; seed: string }, as: string) =>
    cleanup.use(
      await openBus({ servers: [url], credentials, caPem, name: as, ...(logger ? { logger } : {}) }),
    );
  const home = await connect(await createHomeCredentials(identity, "home"), "home");
  const system = await connect(await createSystemCredentials(identity, "system"), "system");
  const claims = {
    request: async (subject: string, bytes: Uint8Array, within: number) =>
      (await system.request(subject, bytes, { timeoutMs: within })).data,
  };
  const ledger = cleanup.use(
    await startNodeLedger({ dir, home, charter, owner, ...(logger ? { logger } : {}) }),
  );
  const start = () =>
    startFederation(
      {
        charter,
        dir: join(dir, "federation"),
        endpoints: [`tls://localhost:${port}`],
        heartbeatMs: 500,
        ...options.federation,
      },
      {
        home,
        natsServer: { url, caPem },
        identity,
        claims,
        ...(logger === undefined ? {} : { logger }),
        ...(clock === undefined ? {} : { clock }),
        ...(timers === undefined ? {} : { timers }),
      },
    );
  let federation: Federation | null = await start();
  cleanup.defer(() => federation?.[Symbol.asyncDispose]());

  const ask = async (verb: string, data: unknown): Promise<Uint8Array> =>
    (await home.request(subjects.service("ledger", verb), toBytes(JSON.stringify(data)), { timeoutMs })).data;
  const json = async (verb: string, data: unknown): Promise<unknown> =>
    JSON.parse(fromUtf8(await ask(verb, data)) ?? "");
  const heads = async () => HeadsReply.parse(await json("heads", {})).logs;

  const readLog = async (log: LogId, size: number): Promise<string> => {
    const lines: string[] = [];
    while (lines.length < size) {
      const frame = parseFrame(await ask("range", { net, log, from: lines.length, limit: 1_024 }));
      if ("malformed" in frame) throw new Error(`range of ${log} from ${lines.length}: ${frame.malformed}`);
      lines.push(...frame.headers.map((header) => fromUtf8(header) ?? ""));
    }
    return lines.slice(0, size).join("\n");
  };

  const append: Node["append"] = async ({ type = "test.noted", subject = null, x = {}, body } = {}) => {
    const entry = { type, subject, x, ...(body === undefined ? {} : { body }) };
    const reply = AppendReply.parse(await json("append", { entries: [entry], expect: [] }));
    if (!reply.ok) throw new Error(`${name} could not append: ${reply.code} ${reply.detail ?? ""}`);
    return reply.refs[0] as PinnedRef;
  };
  const appendAtNetwork: Node["appendAtNetwork"] = async (entry) => {
    const { subjects: expect } = SubjectHeadsReply.parse(await json("subject-heads", { subjects: [net] }));
    const reply = AppendReply.parse(await json("append", { entries: [entry], expect }));
    if (reply.ok) return reply.refs[0] as PinnedRef;
    if (reply.code === "moved") return appendAtNetwork(entry);
    throw new Error(`${name} could not append: ${reply.code} ${reply.detail ?? ""}`);
  };
  const parsed = parseCharter(charter);
  if (parsed.ok && parsed.value.founders.includes(owner.partner))
    await appendAtNetwork({ type: "charter.attested", subject: null, x: { charter: net } });

  const kept = cleanup.move();
  return {
    name,
    net,
    partner: owner.partner,
    log: ledger.log,
    home,
    port,
    get federation() {
      if (federation === null) throw new Error(`${name}'s federation is stopped`);
      return federation;
    },
    append,
    appendAtNetwork,
    sizes: async () => new Map((await heads()).map(({ log, size }) => [log, size])),
    held: async () => {
      const all = (await heads()).sort((a, b) => (a.log < b.log ? -1 : 1));
      return Object.fromEntries(
        await Promise.all(all.map(async ({ log, size }) => [log, await readLog(log, size)] as const)),
      );
    },
    missingPayloads: async () =>
      MissingPayloadsReply.parse(await json("missing-payloads", { after: 0, limit: 256 })).refs,
    hasPayload: async (ref) => {
      const { payloads } = PayloadsReply.parse(await json("payloads", { refs: [ref] }));
      return payloads[0] !== undefined && "body" in payloads[0];
    },
    openFed: async () =>
      openBus({
        servers: [server.url],
        credentials: await createFedCredentials(identity, "test"),
        caPem,
        name: "test",
      }),
    damageTexts: () => {
      const database = new DatabaseSync(join(dir, "ledger", "log.db"));
      database.exec("UPDATE payloads SET body = zeroblob(length(body))");
      database.close();
    },
    stopFederation: async () => {
      await federation?.[Symbol.asyncDispose]();
      federation = null;
    },
    startFederation: async () => {
      federation ??= await start();
    },
    loseNatsFolder: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(join(dir, "nats"), { recursive: true, force: true });
      server = await startServer(join(dir, "nats"), identity, authority, port);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function startServer(
  dir: string,
  identity: ReturnType<typeof createOperator>,
  authority: CertifiedKey,
  port: number,
): Promise<NatsServer> {
  const server = await createServerCertificate(authority, [], Date.now());
  return startNatsServer({ dir, identity, port, tls: { caPem: authority.certificatePem, server } });
}
