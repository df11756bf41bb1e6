/**
 * Every command of the protocol's table as a route: `POST /v1/<collection>` where it creates, its body's `act` naming the verb, else
 * `POST /v1/<collection>/{id}/<verb>`. The gateway knows who asks and in what form to answer, and nothing of what is decided.
 */

import { CommandReply, type CommandRequest } from "@handfast/api/messages/command";
import { subjects } from "@handfast/api/messages/subjects";
import type { Verb } from "@handfast/api/verb";
import { type Collection, type CommandName, verbEntries } from "@handfast/api/verbs";
import { collections, doneWith } from "@handfast/api/views/answers";
import { PartnerIdOrName } from "@handfast/api/views/named";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import { labelledHash, toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { Hash, LineRef, Ref, unpin } from "@handfast/protocol/ids";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { access, principalOf } from "./access.ts";
import { limits } from "./config.ts";
import { problemResponses } from "./openapi.ts";
import { namesToIds, type PartnerReads, partnerIdOf } from "./partner-names.ts";
import { ProblemError } from "./problem.ts";
import { isProblemCode } from "./problems.ts";

export type CommandRoutes = { readonly bus: Bus; readonly reads: PartnerReads };
type Named = readonly [name: CommandName, spec: Verb<Collection>];

export function commandRoutes(app: FastifyInstance, deps: CommandRoutes): void {
  for (const collection of Object.keys(collections) as Collection[]) {
    const own = verbEntries.filter(([, spec]) => spec.collection === collection);
    const creating = own.filter(([, spec]) => spec.creates);
    if (creating.length > 0) addCreating(app, collection, creating, deps);
    for (const named of own) if (!named[1].creates) addActing(app, named, deps);
  }
}

function addCreating(
  app: FastifyInstance,
  collection: Collection,
  creating: readonly Named[],
  deps: CommandRoutes,
): void {
  const bodies = creating.map(([, spec]) => spec.body);
  const [first, ...rest] = bodies as [z.ZodObject, ...z.ZodObject[]];
  app.post(
    `/v1/${collection}`,
    {
      config: { access: access.member },
      preValidation: namesToIds(bodies, deps.reads),
      schema: {
        operationId: creating.map(([name]) => name).join("-or-"),
        tags: [collection],
        summary: creating.map(([, spec]) => spec.summary).join(" "),
        headers: CreatingHeaders,
        body: rest.length === 0 ? first : z.discriminatedUnion("act", [first, ...rest] as never),
        response: responsesOf(collection),
      },
    },
    async (request, reply) => {
      const { act } = request.body as { readonly act: string };
      const named = creating.find(([, spec]) => spec.verb === act);
      if (named === undefined) throw new ProblemError("body-invalid");
      return perform(named, null, request, reply, deps);
    },
  );
}

function addActing(app: FastifyInstance, named: Named, deps: CommandRoutes): void {
  const [name, { collection, verb, role, summary, body }] = named;
  app.post(
    `/v1/${collection}/:id/${verb}`,
    {
      config: { access: access[role] },
      preValidation: namesToIds([body], deps.reads),
      schema: {
        operationId: name,
        tags: [collection],
        summary,
        params: collection === "partners" ? PartnerParams : Params,
        headers: CommandHeaders,
        body,
        response: responsesOf(collection),
      },
    },
    async (request, reply) => {
      const { id } = request.params as { readonly id: string };
      const on = collection === "partners" && !isRef(id) ? await partnerIdOf(id, "id", deps.reads) : id;
      return perform(named, on, request, reply, deps);
    },
  );
}

const Params = z.object({ id: LineRef });
const PartnerParams = z.object({
  id: z
    .union([Ref, PartnerIdOrName])
    .describe("A partner's id, its name where only one bears it, its sponsorship or its membership"),
});
const isRef = (id: string): boolean => Ref.safeParse(id).success;
/** Only described: what is missing has codes of its own. */
const idempotencyKey = z
  .string()
  .optional()
  .describe(
    "Required: 1 to 255 printable ASCII characters. The same key with the same request is answered the same, for seven days",
  );
const CommandHeaders = z.looseObject({
  "idempotency-key": idempotencyKey,
  "if-match": z.string().optional().describe("Act only when the thing still has this ETag"),
});
const CreatingHeaders = z.looseObject({
  "idempotency-key": idempotencyKey,
  "if-match": z
    .string()
    .optional()
    .describe("Do not send it: nothing is there yet that could have an ETag, so the answer is 412"),
});

const responsesOf = (collection: Collection) => ({
  201: doneWith[collection],
  ...problemResponses,
});

async function perform(
  [name, spec]: Named,
  on: string | null,
  request: FastifyRequest,
  reply: FastifyReply,
  { bus }: CommandRoutes,
): Promise<unknown> {
  const principal = principalOf(request);
  const body = request.body as CommandRequest["body"];
  const ifMatch = ifMatchOf(request);
  if (on === null && request.headers["if-match"] !== undefined)
    throw new ProblemError("wrong-revision", { detail: "What this creates does not exist yet." });
  const command: CommandRequest = {
    on,
    body,
    actor: principal.id,
    role: principal.role,
    key: toB64u(labelledHash("handfast/idempotency-key/v1", `${principal.id}\0${idempotencyKeyOf(request)}`)),
    request: toB64u(labelledHash("handfast/request/v1", canonicalText({ name, on, body } as Json))),
    ...(ifMatch === null ? {} : { ifMatch }),
  };
  const { data } = await bus.request(
    subjects.service("partnership", name),
    toBytes(JSON.stringify(command)),
    { timeoutMs: limits.commandTimeoutMs },
  );
  const decoded = decodeJson(CommandReply, data);
  if (!decoded.ok) throw new Error(`the answer to ${name} does not fit its schema`, { cause: decoded.error });
  const { value } = decoded;
  if (!value.ok) {
    const { code, detail, actual } = value;
    if (!isProblemCode(code)) throw new Error(`${name} was refused with an unknown code, ${code}`);
    throw new ProblemError(code, { detail, actual });
  }

  const { id, refs, position, replayed, waived, view } = value;
  reply.code(201).header("handfast-position", position).header("location", `/v1/${spec.collection}/${id}`);
  if (view !== null) reply.header("etag", `"${view.etag}"`);
  if (replayed) reply.header("idempotency-replayed", "true");
  const appended = {
    ref: unpin(refs[0] ?? id),
    refs,
    position,
    ...(waived === undefined ? {} : { waived }),
  };
  return view === null
    ? { id, ...appended, readModel: "behind" }
    : { ...view, ...appended, readModel: "current" };
}

function idempotencyKeyOf({ headers }: FastifyRequest): string {
  const key = headers["idempotency-key"];
  if (typeof key === "string" && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError("idempotency-key-missing");
}

/** The strong ETag that the caller saw; null where it did not say. */
function ifMatchOf({ headers }: FastifyRequest): Hash | null {
  const text = headers["if-match"];
  if (text === undefined || text === "*") return null;
  const etag = /^"([^"]+)"$/.exec(text)?.[1];
  if (etag === undefined || !Hash.safeParse(etag).success) throw new ProblemError("wrong-revision");
  return etag;
}
