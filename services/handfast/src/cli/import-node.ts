/**
 * A node as an import asks it: its HTTP API in the questions of `history/import-node.ts`.
 *
 * What an import needs to know is read once, in bulk, and kept up to date by the node's event stream, so that neither a line
 * of the file nor a wait for another node asks anything.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { EventView } from "@handfast/api/views/event";
import { type Client, ProblemError, UnreachableError } from "@handfast/client/client";
import type { Ref } from "@handfast/protocol/ids";
import { type ImportNode, ImportRefused } from "../history/import-node.ts";
import { createMirror, type Mirror, seenIn } from "./import-mirror.ts";

/** How long a node may be too busy, or away, before the import ends; and how often it is asked meanwhile. */
const patienceMs = 120_000;
const pauseMs = 250;

export type OpenImportNode = {
  /** External ids of the file's initiatives and commitments. */
  readonly externalIds: ReadonlySet<string>;
  /** Told while what is here already is read: how much of at most how much. */
  readonly reading?: (done: number, of: number) => void;
};

/** Resolves when what the node holds of these ids is read; from then on it is followed until disposed. */
export async function openImportNode(
  client: Client,
  { externalIds, reading = () => {} }: OpenImportNode,
): Promise<ImportNode & AsyncDisposable> {
  const self = await patiently(() => client.node());
  const mirror = createMirror({ id: self.partner, name: self.name }, externalIds);
  // Followed from before it was read, so that nothing falls between: what comes twice changes nothing.
  const { position } = await patiently(() =>
    client.get<{ readonly position: number }>("/v1/events", { limit: 1 }),
  );
  await read(client, mirror, position, reading);
  const ended = new AbortController();
  const following = follow(client, mirror, position, ended.signal);

  return {
    command: async (name, on, body, key) => {
      try {
        const done = await patiently(() =>
          client.command(name, { on, body: { ...body, imported: true }, idempotencyKey: key }),
        );
        const id = String(done["id"]) as Ref;
        mirror.acted(name, id, body);
        return id;
      } catch (err) {
        // A refusal is a line of the report; what the machine or the network does wrong is not.
        if (err instanceof ProblemError && err.status < 500) throw new ImportRefused(err.code, err.message);
        throw err;
      }
    },
    initiative: async (externalId) => {
      const { seen, isStale, id } = mirror.initiative(externalId);
      if (id === null || (seen !== null && !isStale)) return seen;
      const view = await patiently(() => client.one("initiatives", id));
      if (view !== null) mirror.show(view);
      return view === null ? null : seenIn(view);
    },
    pledges: (initiative, externalId) => mirror.pledges(initiative, externalId),
    news: (externalId, quietMs) => mirror.news(externalId, quietMs),
    takeSaid: (type, externalId, occurredAt) => mirror.takeSaid(type, externalId, occurredAt),
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await following;
    },
  };
}

/** Everything here that bears one of the external ids; what this partner said itself only where there is something. */
async function read(
  client: Client,
  mirror: Mirror,
  position: number,
  reading: (done: number, of: number) => void,
): Promise<void> {
  // An entry makes one thing at most, and is read as this partner's own at most once more.
  const most = 2 * position;
  let things = 0;
  for await (const view of client.list("initiatives")) {
    mirror.show(view);
    reading(++things, most);
  }
  for await (const view of client.list("commitments")) {
    mirror.showPledge(view);
    reading(++things, most);
  }
  if (mirror.isEmpty) return;
  for (let after: string | null = "0"; after !== null; ) {
    const page: { readonly items: readonly EventView[]; readonly next: string | null } = await patiently(() =>
      client.get("/v1/events", { by: mirror.self, after: after ?? "0", limit: 200 }),
    );
    for (const event of page.items) mirror.said(event);
    const upTo = Math.min(position, page.items.at(-1)?.position ?? position);
    reading(Math.max(things, position + upTo), most);
    after = page.next;
  }
}

async function follow(client: Client, mirror: Mirror, position: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const event of client.events({ after: String(position) }, { signal })) mirror.arrived(event);
  } catch (err) {
    mirror.failed(err);
  }
}

/** Asks again where the node could not answer just now: a command's key makes sure that nothing is done twice. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const deadline = performance.now() + patienceMs; ; await delay(pauseMs)) {
    try {
      return await ask();
    } catch (err) {
      const isPassing =
        err instanceof UnreachableError || (err instanceof ProblemError && err.status === 503);
      if (!isPassing || performance.now() > deadline) throw err;
    }
  }
}
