/** Every NATS subject, built in one place (protocol sections 8 and 9). */
import type { NetworkId, PartnerId } from "./ids.ts";

export const subjects = {
  /** Account HOME. */
  service: (service: string, verb: string) => `hf.${service}.${verb}`,
  logNotice: (type: string) => `hf.log.${type}`,
  logNotices: "hf.log.>",
  /** Own and foreign batches as frames, for federation, once they are durable. */
  batchNotice: "hf.ledger.batch",
  /** Account FED, and what link accounts import of it. */
  rpc: (linkAccount: string, op: string) => `hf.v1.rpc.${linkAccount}.${op}`,
  rpcs: "hf.v1.rpc.*.>",
  call: (op: string) => `hf.v1.call.${op}`,
  ask: (linkAccount: string) => `hf.v1.ask.${linkAccount}`,
  live: (net: NetworkId, by: PartnerId) => `hf.v1.live.${net}.${by}`,
  liveOf: (net: NetworkId) => `hf.v1.live.${net}.>`,
  lobby: (token: string) => `hf.v1.lobby.join.${token}`,
  lobbies: "hf.v1.lobby.>",
} as const;
