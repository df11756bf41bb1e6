/**
 * What a command is: a verb on a kind of thing, who may give it, and the shape of its body. HTTP routes, the command
 * line's verbs, the services' endpoints and the OpenAPI document are all read from the tables beside this file.
 */

import { OccurredAt } from "@handfast/protocol/provenance";
import { External } from "@handfast/protocol/text";
import { z } from "zod";

/** What a person or system may do at their own partner's node. `auditor` reads and exports; it never acts. */
export const roles = ["viewer", "member", "steward", "auditor"] as const;
export type Role = (typeof roles)[number];

export type Collection = "initiatives" | "commitments" | "challenges" | "partners";

export type CommandSpec = {
  /** NATS micro service that decides it: the subject is `hf.<service>.<verb>`. */
  readonly service: "network" | "initiatives" | "help" | "commitments";
  /** Imperative in kebab case: `accept`, `offer-handoff`. */
  readonly verb: string;
  /** `POST /v1/<collection>` where it creates a thing (the body's `act` names the verb), else `POST /v1/<collection>/{id}/<verb>`. */
  readonly collection: Collection;
  readonly creates: boolean;
  readonly role: "member" | "steward";
  /** One sentence for people, in the imperative. */
  readonly summary: string;
  readonly body: z.ZodObject;
};

/** Where a fact comes from that was recorded elsewhere first. With `occurredAt` it is an import of the past. */
export const provenance = {
  occurredAt: OccurredAt.optional().describe(
    "When it happened, in milliseconds since 1970, for facts recorded elsewhere first",
  ),
  externalId: External.optional().describe("The id it has where it was recorded first"),
  externalStatus: External.optional().describe("The word for its state where it was recorded first"),
} as const;

/** A command's body: its own members, and where the fact comes from. Own members win over the common ones. */
export const body = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...provenance, ...shape } as Omit<typeof provenance, keyof Shape> & Shape);
