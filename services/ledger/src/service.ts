/**
 * The ledger as a service: appends to and signs the log of one partner in one network. The only process with the log and witness keys.
 *
 * Served on account HOME as the NATS micro service `ledger`; the messages are those of `@handfast/api/messages/ledger`.
 */
import {
  AppendRequest,
  CheckpointsRequest,
  CompareRequest,
  CredentialsRequest,
  type KeepPayloadsReply,
  KeepPayloadsRequest,
  type MissingPayloadsReply,
  MissingPayloadsRequest,
  type PayloadsReply,
  PayloadsRequest,
  ProofRequest,
  ProveRequest,
  RangeRequest,
  ReadRequest,
  RecallRequest,
  SignRequest,
  SubjectHeadsRequest,
} from "@handfast/api/messages/ledger";
import {
  type AskRootReply,
  AskRootRequest,
  type OpenNextReply,
  OpenNextRequest,
  type PeersHeardReply,
  PeersHeardRequest,
  type TakeRootReply,
  TakeRootRequest,
} from "@handfast/api/messages/own-log";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus, Endpoint } from "@handfast/bus/bus";
import { decodeJson, encodeJson, type Schema } from "@handfast/bus/json";
import { createEndpoints, type Refused } from "./endpoints.ts";
import { createEvents } from "./events.ts";
import { isFatal, type LedgerError } from "./fault.ts";
import type { LedgerIdentity } from "./files.ts";
import { recallReply } from "./idempotency.ts";
import { type LedgerConfig, type LedgerDeps, type OpenLedger, openLedger } from "./ledger.ts";
import { isNextLog } from "./next-log.ts";
import { createNotices, type Notices } from "./notices.ts";
import { keepPayloads, lackingPayloads, readPayloads } from "./payloads.ts";
import { signStatement } from "./sign-statement.ts";

export { copyLedger, markLedger } from "./copy-ledger.ts";
export { LedgerError, type LedgerFaultCode } from "./fault.ts";
export type { LedgerIdentity } from "./files.ts";
export { hasLedger, type InitLedger, initLedger } from "./init.ts";
export type { Fences } from "./own-fence.ts";
export { readIdentity } from "./read-identity.ts";
export type { LedgerConfig };

export interface Ledger extends AsyncDisposable {
  readonly identity: LedgerIdentity;
  /** Resolves when the ledger cannot be sure what it signed: appends are refused from then on, and the process should end. */
  readonly fatal: Promise<LedgerError>;
}

/** Resolves when everything stored was read and checked, and the bus knows all endpoints. */
export async function startLedger(
  config: LedgerConfig,
  deps: Omit<LedgerDeps, "tell"> & { readonly bus: Bus },
): Promise<Ledger> {
  const { bus, logger, now = Date.now } = deps;
  await using cleanup = new AsyncDisposableStack();
  let notices: Notices | null = null;
  const ledger = cleanup.use(
    await openLedger(config, { ...deps, tell: (durable) => notices?.durable(durable) }),
  );
  notices = createNotices(bus, ledger.own.identity.net, createEvents(logger));
  const endpoints = endpointsOf(ledger, notices, now);
  cleanup.use(
    await bus.serve({
      name: "ledger",
      version: "1.0.0",
      description: "appends to and signs this partner's log",
      endpoints,
    }),
  );
  const kept = cleanup.move();
  const { own, rounds } = ledger;
  return { identity: own.identity, fatal: rounds.fatal, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const manyAtOnce = 1_024;
const frameRequestBytes = 513 * 1_024;

function endpointsOf(ledger: OpenLedger, notices: Notices, now: () => number): Endpoint[] {
  const { stores, rounds, damagedTexts } = ledger;
  const answer = createEndpoints(ledger);
  const { own, assurance } = ledger;
  /** What an endpoint finds damaged stops the ledger: nothing more is signed over it. */
  const guarded = (served: Endpoint): Endpoint => ({
    ...served,
    handler: async (data, request) => {
      try {
        return await served.handler(data, request);
      } catch (error) {
        if (isFatal(error)) rounds.fail(error);
        throw error;
      }
    },
  });
  const recall = async (request: { key: string; request: string }) =>
    recallReply(stores.node, request, now());
  return [
    ask("append", AppendRequest, (request) => rounds.append(request)),
    ask("recall", RecallRequest, recall),
    ask("read", ReadRequest, answer.read),
    ask("subject-heads", SubjectHeadsRequest, async (request) => answer.subjectHeads(request)),
    ask(
      "payloads",
      PayloadsRequest,
      async ({ refs }): Promise<PayloadsReply> => ({
        payloads: await readPayloads(stores, rounds.held.replica, refs, damagedTexts),
      }),
    ),
    ask("keep-payloads", KeepPayloadsRequest, async ({ payloads }): Promise<KeepPayloadsReply> => {
      const { kept, refused } = await keepPayloads(stores, rounds, payloads);
      damagedTexts.mended(kept);
      notices.texts(kept);
      return {
        kept: kept.length,
        refused: refused.map((ref) => ({ ref, code: "payload-mismatch" as const })),
      };
    }),
    ask(
      "missing-payloads",
      MissingPayloadsRequest,
      async (request): Promise<MissingPayloadsReply> => lackingPayloads(stores, rounds.held, request),
    ),
    endpoint("heads", async () => encodeJson(answer.heads())),
    ask("prove", ProveRequest, async (request) => answer.prove(request)),
    endpoint("standing", async () => encodeJson(answer.standing())),
    ask("compare", CompareRequest, async (request) => answer.compare(request)),
    endpoint("status", async () => encodeJson(answer.status())),
    ask("checkpoints", CheckpointsRequest, answer.checkpoints),
    ask("credentials", CredentialsRequest, answer.credentials),
    ask("sign", SignRequest, async (request) => signStatement(own.key)(request)),
    ask("peers-heard", PeersHeardRequest, async (report): Promise<PeersHeardReply> => {
      if ((await assurance.hear(report)) === "open-next") await ledger.openNext();
      return { doubt: assurance.view() };
    }),
    endpoint("confirm", async () => {
      const isSure = await assurance.confirm();
      const doubt = assurance.view();
      return encodeJson({ ok: isSure, ...(isSure || doubt === null ? {} : { doubt }) });
    }),
    endpoint("keys", async () => encodeJson(answer.keys())),
    ask("ask-root", AskRootRequest, async (wish): Promise<AskRootReply> => {
      const refusal = assurance.refusal();
      if (refusal?.code === "clock-apart") return { ok: false, code: "clock-apart", detail: refusal.detail };
      const asked = await ledger.askRoot(wish);
      return "header" in asked ? { ok: true, ...asked } : { ok: false, ...asked };
    }),
    ask("take-root", TakeRootRequest, async ({ note }): Promise<TakeRootReply> => {
      const taken = await ledger.takeRoot(note);
      if (taken !== null && !isNextLog(taken)) return { ok: false, ...taken };
      return { ok: true, log: own.identity.log };
    }),
    ask("open-next", OpenNextRequest, async ({ isUnheard = false }): Promise<OpenNextReply> => {
      const { peers, links } = assurance.heard;
      const refusal = assurance.refusal();
      if (refusal?.code === "clock-apart") return { ok: false, code: "clock-apart", detail: refusal.detail };
      if (peers < links && !isUnheard)
        return {
          ok: false,
          code: "peers-unheard",
          detail: `${peers} of ${links} peers said what they hold of our log`,
        };
      const next = await ledger.openNext();
      return isNextLog(next)
        ? { ok: true, log: next.identity.log, previous: next.previous }
        : { ok: false, ...next };
    }),
    endpoint("range", async (data) => {
      const request = decodeJson(RangeRequest, data);
      const reply = request.ok ? await answer.range(request.value) : notUnderstood(request.refusal);
      return reply instanceof Uint8Array ? reply : encodeJson(reply);
    }),
    endpoint("proof", async (data) => {
      const request = decodeJson(ProofRequest, data);
      return encodeJson(request.ok ? answer.proof(request.value) : notUnderstood(request.refusal));
    }),
    {
      ...endpoint("ingest", async (data) => encodeJson(await answer.ingest(data))),
      maxRequestBytes: frameRequestBytes,
    },
  ].map(guarded);
}

/** An endpoint whose requests are JSON of this shape. */
function ask<Request, Reply extends object | null>(
  verb: string,
  requests: Schema<Request>,
  handle: (request: Request) => Promise<Reply>,
): Endpoint {
  return endpoint(verb, async (data) => {
    const request = decodeJson(requests, data);
    return request.ok
      ? encodeJson(await handle(request.value))
      : encodeJson({ ok: false, code: "malformed", detail: `not a request to ${verb}` });
  });
}

const endpoint = (verb: string, handler: Endpoint["handler"]): Endpoint => ({
  name: verb,
  subject: subjects.service("ledger", verb),
  handler,
  maxInFlight: manyAtOnce,
});

const notUnderstood = (code: "malformed" | "schema"): Refused => ({
  ok: false,
  code,
  detail: "not a request of this kind",
});
