/** A node as an import asks it: its HTTP API in the questions of `history/import.ts`. */
import { setTimeout as delay } from "node:timers/promises";
import type { InitiativeView } from "@handfast/api/views/initiative";
import { type Client, ProblemError, UnreachableError } from "@handfast/client/client";
import type { Ref } from "@handfast/protocol/ids";
import { type ImportNode, ImportRefused } from "../history/import.ts";

type List = (path: string, query: Readonly<Record<string, string>>) => Promise<readonly unknown[]>;

/** How long a node may be too busy, or away, before the import ends; and how often it is asked meanwhile. */
const patienceMs = 120_000;
const pauseMs = 250;

export function importNodeOf(client: Client, list: List): ImportNode {
  return {
    command: async (name, on, body, key) => {
      try {
        const done = await patiently(() => client.command(name, { on, body, idempotencyKey: key }));
        return String(done["id"]) as Ref;
      } catch (err) {
        // A refusal is a line of the report; what the machine or the network does wrong is not.
        if (err instanceof ProblemError && err.status < 500) throw new ImportRefused(err.code, err.message);
        throw err;
      }
    },
    initiative: async (externalId) => {
      const [seen] = (await patiently(() =>
        list("/v1/initiatives", { externalId }),
      )) as readonly InitiativeView[];
      if (seen === undefined) return null;
      const offers = seen.handoffs.filter((one) => one.term === seen.term && one.state === "offered");
      return {
        id: seen.id,
        term: seen.term,
        lead: seen.lead?.name ?? null,
        offeredTo: offers.map((one) => one.to.name),
      };
    },
    entries: async () => (await patiently(() => client.node())).entries,
    commitments: async (initiative, externalId) => {
      const found = (await patiently(() => list("/v1/commitments", { initiative, externalId }))) as readonly {
        readonly id: Ref;
      }[];
      return found.map((one) => one.id);
    },
  };
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
