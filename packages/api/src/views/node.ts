/** What a node says about itself to its own people. */

import { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";
import { z } from "zod";
import { PeerStatus } from "../messages/federation.ts";
import { ClockView, OwnLogDoubt } from "../messages/own-log.ts";

export const OwnLogView = z
  .object({
    log: LogId,
    size: z.int(),
    doubt: OwnLogDoubt.nullable().describe("Why the node signs nothing of its own now; null: it does"),
    clock: ClockView,
  })
  .meta({ id: "OwnLog" });
export type OwnLogView = z.infer<typeof OwnLogView>;

export const ForkView = z
  .object({
    partner: PartnerId,
    name: z.string().nullable(),
    log: LogId,
    from: z.int().min(0).describe("Entries of the log from this one on are in doubt"),
    branches: z.int().min(0).describe("How many histories are held beside the first"),
    isProven: z.boolean().describe("Whether an entry that proves it is held, and so known to everyone"),
  })
  .meta({ id: "Fork" });
export type ForkView = z.infer<typeof ForkView>;

export const NodeView = z
  .object({
    partner: PartnerId,
    name: z.string(),
    fingerprint: z.string().describe("Words to compare aloud"),
    network: z.object({ id: NetworkId, name: z.string() }),
    log: LogId.nullable().describe("The log it writes now; null while the node does not know it yet"),
    /** The node's own membership, as it sees it. */
    state: z.enum(["invited", "sponsored", "endorsed", "active", "left", "unknown"]),
    software: z.string(),
    protocolVersions: z.array(z.int()),
    ownLog: OwnLogView.nullable().describe("The log this node signs; null while the ledger does not answer"),
    position: z.int().min(0),
    entries: z.int().min(0),
    quarantined: z.int().min(0).describe("Entries the read model could not take; a bug if not 0"),
    health: z.enum(["ok", "degraded"]),
    reasons: z.array(z.string()).describe("What is wrong, in words; empty where all is well"),
    bus: z.enum(["connected", "reconnecting", "closed"]),
    natsServer: z.object({ version: z.string().nullable(), belowMinimum: z.boolean() }),
    peers: z.array(PeerStatus),
    forks: z.array(ForkView).describe("Logs whose author signed several histories"),
  })
  .meta({ id: "Node" });
export type NodeView = z.infer<typeof NodeView>;

export const HealthView = z
  .object({
    status: z.enum(["ok", "degraded", "starting"]),
    reasons: z.array(z.string()).optional(),
    notes: z
      .array(z.string())
      .optional()
      .describe("What people should know of others, though this node serves"),
  })
  .meta({ id: "Health" });
export type HealthView = z.infer<typeof HealthView>;
