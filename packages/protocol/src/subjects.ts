/** The NATS subjects of a link, built in one place (FEDERATION.md). */
import type { NetworkId, PartnerId } from "./ids.ts";

/** Account FED, and what link accounts import of it. */
export const wireSubjects = {
  rpc: (linkAccount: string, op: string) => `hf.v1.rpc.${linkAccount}.${op}`,
  rpcs: "hf.v1.rpc.*.>",
  call: (op: string) => `hf.v1.call.${op}`,
  ask: (linkAccount: string) => `hf.v1.ask.${linkAccount}`,
  live: (net: NetworkId, by: PartnerId) => `hf.v1.live.${net}.${by}`,
  liveOf: (net: NetworkId) => `hf.v1.live.${net}.>`,
  lobby: (token: string) => `hf.v1.lobby.join.${token}`,
  lobbies: "hf.v1.lobby.>",
} as const;
