/**
 * Serves every verb of the API's table on the bus, as `hf.partnership.<thing>.<verb>`: parses strictly, remembers what a key was
 * answered, holds the caller to the revision it saw, decides, appends, and answers with the thing as it is then.
 */

import { type CommandReply, CommandRequest, type PartnershipStatus } from "@handfast/api/messages/command";
import { subjects } from "@handfast/api/messages/subjects";
import type { Verb } from "@handfast/api/verb";
import { type Collection, type Command, type CommandName, verbEntries } from "@handfast/api/verbs";
import type { Bus } from "@handfast/bus/bus";
import { BusError } from "@handfast/bus/fault";
import { decodeJson } from "@handfast/bus/json";
import type { Logger } from "@handfast/bus/logger";
import { type Ref, unpin } from "@handfast/protocol/ids";
import type { Views } from "@handfast/views/views";
import { decide } from "./decide.ts";
import { type Appended, type Attempt, decideAndAppend, type Refused } from "./deciding.ts";
import { withoutEqualCounter } from "./repeated-counter.ts";
import { notTwice } from "./repeated-help.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createWaiver, type Waiver } from "./waiver.ts";

export type PartnershipDeps = {
  /** Connected in account HOME, with the ledger behind it. */
  readonly bus: Bus;
  readonly views: Views;
  readonly version: string;
  readonly logger?: Logger;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
};
type Serving = Required<Pick<PartnershipDeps, "views" | "now">> & {
  readonly logger: Logger | undefined;
  readonly turns: Turns;
};

/** How long an answer, and the next command on the same thing, wait for the view to show what was done. */
const readYourWritesMs = 2_000;
/** A command's body is at most what HTTP lets in, as JSON inside JSON. */
const maxRequestBytes = 262_144;

/** Resolves when every verb is served; disposing answers what has arrived first. */
export async function serveCommands(deps: PartnershipDeps): Promise<AsyncDisposable> {
  const { bus, version, views, logger, now = Date.now } = deps;
  const serving: Serving = { views, now, logger, turns: createTurns() };
  return bus.serve({
    name: "partnership",
    version,
    description: "Decides what partners say to each other.",
    endpoints: [
      {
        name: "status",
        subject: subjects.service("partnership", "status"),
        handler: async () => json(statusOf(views)),
      },
      ...verbEntries.map(([name, spec]) => ({
        name: name.replace(".", "_"),
        subject: subjects.service("partnership", name),
        maxRequestBytes,
        handler: async (data: Uint8Array) => {
          const request = decodeJson(CommandRequest, data);
          const reply: CommandReply = request.ok
            ? await answer(name, spec, request.value, serving)
            : { ok: false, code: "body-invalid" };
          return json(reply);
        },
      })),
    ],
  });
}

const statusOf = ({ position, isFollowing }: Views): PartnershipStatus => ({ position, isFollowing });

const encoder = new TextEncoder();
const json = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

async function answer(
  name: CommandName,
  spec: Verb<Collection>,
  request: CommandRequest,
  serving: Serving,
): Promise<CommandReply> {
  const { logger } = serving;
  const body = spec.body.safeParse(request.body);
  // The gateway has checked the role and the body; a service trusts nobody but itself.
  if (!body.success) return { ok: false, code: "body-invalid" };
  if (request.role !== spec.role && request.role !== "steward") return { ok: false, code: "not-permitted" };
  if ((request.on === null) !== spec.creates) return { ok: false, code: "not-found" };
  // A partner stands for what can be said of it: its open sponsorship, or its membership.
  const on = request.on === null ? null : serving.views.reads.membershipFor(request.on, spec.verb);
  if (on === null && request.on !== null) return await withoutMembership(request.on, spec, serving);
  try {
    const command = { name, on, body: body.data } as unknown as Command;
    const waiver = createWaiver();
    const attempt = attemptOf(command, request, serving.views, waiver);
    const said = withoutEqualCounter(attempt, command, serving.views, (bare) =>
      attemptOf(bare, request, serving.views, createWaiver()),
    );
    const outcome = await serving.turns.take(on, async () =>
      act(await notTwice(said, command, serving.views), serving),
    );
    const done = outcome.ok ? await doneOf(outcome, spec, on, serving) : outcome;
    const reply = done.ok && waiver.code !== null ? { ...done, waived: waiver.code } : done;
    logger?.info(
      outcome.ok
        ? { event: "command.done", command: name, refs: outcome.refs, position: outcome.position }
        : { event: "command.refused", command: name, code: outcome.code },
    );
    return reply;
  } catch (err) {
    if (!(err instanceof BusError)) throw err;
    logger?.warn({ event: "command.failed", command: name, err });
    return { ok: false, code: err.outcome === "unknown" ? "outcome-unknown" : "ledger-unavailable" };
  }
}

/** Of a partner without the sponsorship or membership that the act is about: a founder was never sponsored, and is a member already. */
async function withoutMembership(
  id: string,
  { collection, verb }: Verb<Collection>,
  { views }: Serving,
): Promise<Refused> {
  const partner = collection === "partners" ? await views.reads.one("partners", id, null) : null;
  return {
    ok: false,
    code: verb === "admit" && partner?.state === "active" ? "already-a-member" : "not-found",
  };
}

/** Decides, appends, and waits until the view shows it: the next act on the same thing is decided on top of this one. */
async function act(attempt: Attempt, { views, now }: Serving): Promise<Appended | Refused> {
  const outcome = await decideAndAppend(attempt, { views, now });
  const { key, request } = attempt;
  // A retry that would be appended is answered by its key. One that is refused may have been done before, and be refused
  // because of its own first try.
  const appended = outcome.ok ? outcome : await views.ledger.recall({ key, request });
  if (appended?.ok !== true) return appended === null ? outcome : refusedOf(appended);
  if (views.position < appended.position) await views.caughtUp(appended.position, readYourWritesMs);
  return appended;
}

const refusedOf = ({
  code,
  detail,
}: {
  readonly code: string;
  readonly detail?: string | undefined;
}): Refused => ({
  ok: false,
  code,
  ...(detail === undefined ? {} : { detail }),
});

function attemptOf(command: Command, request: CommandRequest, views: Views, waiver: Waiver): Attempt {
  const { on, body } = command;
  const { ifMatch } = request;
  return {
    key: request.key,
    request: request.request,
    body: { actor: request.actor },
    ...(body.occurredAt === undefined ? {} : { occurredAt: body.occurredAt }),
    decide: (view) => {
      const subject = on === null ? undefined : view.cut.fact(on)?.subject;
      if (on !== null && subject === undefined) return { ok: false, code: "not-found" };
      if (ifMatch !== undefined && subject !== undefined) {
        const actual = views.etagOf(subject);
        if (actual !== ifMatch) return { ok: false, code: "wrong-revision", actual };
      }
      const decision = decide(command, view);
      waiver.note(command, decision, view);
      return decision;
    },
  };
}

/** The answer to an act that was done: what was appended, and the thing as it is now where the view is that far. */
async function doneOf(
  { refs, position, replayed }: Appended,
  { collection }: Verb<Collection>,
  on: Ref | null,
  { views }: Serving,
): Promise<CommandReply> {
  const subject = on ?? unpin(refs[0] as string);
  const id = collection === "partners" ? (views.reads.partnerOf(subject) ?? subject) : subject;
  const view = views.position < position ? null : await views.reads.one(collection, id, null);
  return { ok: true, refs, id, position, replayed, view: view as CommandReplyView };
}

type CommandReplyView = Extract<CommandReply, { ok: true }>["view"];
