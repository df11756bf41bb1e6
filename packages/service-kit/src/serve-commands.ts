/**
 * Serves a service's commands on the bus: every verb of the protocol's table that is its own. Parses strictly, remembers
 * what a key was answered, holds the caller to the revision it saw, decides, appends, answers.
 */

import { CommandReply, CommandRequest } from "@handfast/api/messages/command";
import type { AppendReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { CommandSpec } from "@handfast/api/verb";
import { type Command, type CommandName, commands } from "@handfast/api/verbs";
import type { Bus } from "@handfast/bus/bus";
import { BusError } from "@handfast/bus/fault";
import { decodeJson, encodeJson } from "@handfast/bus/json";
import type { Logger } from "@handfast/bus/logger";
import type { Decision } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";
import type { Projection } from "@handfast/projection/projection";
import { unpin } from "@handfast/protocol/ids";
import { type Attempt, type Decided, decideAndAppend } from "./deciding.ts";
import { createTurns, type Turns } from "./turns.ts";

type Service = CommandSpec["service"];
/** The commands that a service decides. */
export type CommandOf<S extends Service> = Command<
  { [Name in CommandName]: (typeof commands)[Name]["service"] extends S ? Name : never }[CommandName]
>;

/** What every service that decides is given. */
export type CommandService = {
  /** Connected in account HOME, with the ledger behind it. */
  readonly bus: Bus;
  readonly projection: Projection;
  readonly version: string;
  readonly logger?: Logger;
  /** Milliseconds since 1970; the machine's clock unless told. */
  readonly now?: () => number;
};
export type ServeCommands<S extends Service> = CommandService & {
  readonly service: S;
  readonly description: string;
  /** Pure: every service's is the domain's own. */
  readonly decide: (command: CommandOf<S>, view: WholeView) => Decision;
};

/** The next command on the same thing waits so long for the view to show what the one before did. */
const settleMs = 1_000;
/** A command's body is at most what HTTP lets in, as JSON inside JSON. */
const maxRequestBytes = 262_144;

/** Resolves when every verb is served; disposing answers what has arrived first. */
export async function serveCommands<S extends Service>(options: ServeCommands<S>): Promise<AsyncDisposable> {
  const { bus, service, version, description } = options;
  const turns = createTurns();
  const own = (Object.entries(commands) as [CommandName, CommandSpec][]).filter(
    ([, spec]) => spec.service === service,
  );
  return bus.serve({
    name: service,
    version,
    description,
    endpoints: own.map(([name, spec]) => ({
      name: spec.verb,
      subject: subjects.service(service, spec.verb),
      maxRequestBytes,
      handler: async (data) => {
        const request = decodeJson(CommandRequest, data);
        const reply = request.ok
          ? await answer(name, spec, request.value, options, turns)
          : ({ ok: false, code: "body-invalid" } as const);
        return encodeJson(CommandReply, reply);
      },
    })),
  });
}

async function answer<S extends Service>(
  name: CommandName,
  spec: CommandSpec,
  request: CommandRequest,
  options: ServeCommands<S>,
  turns: Turns,
): Promise<CommandReply> {
  const { projection, logger } = options;
  const body = spec.body.safeParse(request.body);
  // The gateway has checked both already; a service trusts nobody but itself.
  if (!body.success) return { ok: false, code: "body-invalid" };
  if (request.role !== spec.role && request.role !== "steward") return { ok: false, code: "not-permitted" };
  if ((request.on === null) !== spec.creates) return { ok: false, code: "not-found" };
  try {
    const { key, request: fingerprint, on } = request;
    const attempt = attemptOf(name, request, body.data, options);
    const act = async (): Promise<Decided | AppendReply> => {
      const done = await decideAndAppend(attempt, { projection, now: options.now ?? Date.now });
      // A retry that would be appended is answered by its key. One that is refused was perhaps done before: refused for its
      // own first try.
      return done.ok ? done : ((await projection.ledger.recall({ key, request: fingerprint })) ?? done);
    };
    const settled = async (done: Decided | AppendReply) =>
      done.ok && projection.caughtUp(done.position, settleMs);
    const decided = await turns.take(on, act, settled);
    const reply = replyOf(decided, request);
    logger?.info({ event: reply.ok ? "command.done" : "command.refused", command: name, ...told(reply) });
    return reply;
  } catch (err) {
    if (!(err instanceof BusError)) throw err;
    logger?.warn({ event: "command.failed", command: name, err });
    return { ok: false, code: err.outcome === "unknown" ? "outcome-unknown" : "ledger-unavailable" };
  }
}

function attemptOf<S extends Service>(
  name: CommandName,
  request: CommandRequest,
  body: { readonly occurredAt?: number | undefined },
  { decide, projection }: ServeCommands<S>,
): Attempt {
  const { on, ifMatch } = request;
  const command = { name, on, body } as unknown as CommandOf<S>;
  return {
    key: request.key,
    request: request.request,
    body: { actor: request.actor },
    ...(body.occurredAt === undefined ? {} : { occurredAt: body.occurredAt }),
    decide: (view) => {
      const subject = on === null ? undefined : view.cut.fact(on)?.subject;
      if (on !== null && subject === undefined) return { ok: false, code: "not-found" };
      if (ifMatch !== undefined && subject !== undefined) {
        const actual = projection.etagOf(subject);
        if (actual !== ifMatch) return { ok: false, code: "wrong-revision", actual };
      }
      return decide(command, view);
    },
  };
}

function replyOf(decided: Decided | AppendReply, { on }: CommandRequest): CommandReply {
  if (!decided.ok) {
    const { code, detail } = decided;
    const actual = "actual" in decided ? decided.actual : undefined;
    return {
      ok: false,
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(actual === undefined ? {} : { actual }),
    };
  }
  const { position, replayed } = decided;
  const refs = [...decided.refs];
  return { ok: true, refs, subject: on ?? unpin(refs[0] as string), position, replayed };
}

const told = (reply: CommandReply) =>
  reply.ok ? { subject: reply.subject, position: reply.position } : { code: reply.code };
