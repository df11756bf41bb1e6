/**
 * `hello`: which protocol, whose clock, how far each log is held. Said by a dialer at every heartbeat and by a host at its
 * start. It carries sizes, so a batch that got lost as the last one is missed at the next greeting.
 */
import {
  type CallRefusal,
  type Head,
  HelloReply,
  HelloRequest,
  linkRules,
  parseCall,
  protocolVersion,
} from "@handfast/protocol/federation";
import type { NetworkId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { readAnswer, writeCall } from "./answers.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Clock } from "./clock.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import { no } from "./speaker.ts";

export interface Greeting {
  /** The request's bytes, as of now. */
  write(): Uint8Array;
  answer(link: PeerLink, data: Uint8Array): object;
  /** Reads the peer's answer to ours. */
  heed(link: PeerLink, answer: Uint8Array): { readonly ok: true } | CallRefusal;
  /** The peer told how far it holds its logs: remembered, and fetched where we are behind. Answers in how many. */
  learn(link: PeerLink, heads: readonly Head[], why: "gap" | "nudge"): number;
}

export function createGreeting(deps: {
  readonly net: NetworkId;
  readonly clock: Clock;
  readonly sizes: Sizes;
  readonly catchUp: CatchUp;
}): Greeting {
  const { net, clock, sizes, catchUp } = deps;
  const learn: Greeting["learn"] = (link, heads, why) => {
    for (const { log, by, size } of heads) link.knows(log, by, size);
    const lacking = heads.filter(
      ({ log, size }) => Math.min(size, sizes.mostOf(log) ?? size) > sizes.of(log),
    ).length;
    if (lacking > 0) void catchUp.reconcile(link, why);
    return lacking;
  };
  const heard = (
    link: PeerLink,
    { now, heads }: { readonly now: number; readonly heads: readonly Head[] },
  ) => {
    link.toldTime(now);
    learn(link, heads, "gap");
  };
  return {
    write: () =>
      writeCall({
        protocols: [protocolVersion],
        capabilities: [],
        net,
        now: clock.now(),
        heads: sizes.told(),
      }),
    answer: (link, data) => {
      const call = parseCall(HelloRequest, data);
      if (call === null) return no("malformed", "a request of another shape");
      if (call.net !== net) return no("unknown-network", "this link is for another network");
      if (!call.protocols.includes(protocolVersion))
        return no("version", `this node speaks ${protocolVersion}`);
      heard(link, call);
      const { frameBytes, rangeEntries } = limits;
      const { replyBytes } = linkRules;
      return {
        ok: true,
        protocol: protocolVersion,
        capabilities: [],
        limits: { frameBytes, rangeEntries, replyBytes },
        now: clock.now(),
        heads: sizes.told(),
      };
    },
    heed: (link, bytes) => {
      const answer = readAnswer(HelloReply, bytes);
      if (!answer.ok) return answer;
      heard(link, answer.value);
      return { ok: true };
    },
    learn,
  };
}
