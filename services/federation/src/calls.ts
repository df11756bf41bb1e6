/**
 * What a peer may ask of this node, the same whether it dialled us or we dialled it. Every answer is JSON or a frame, at
 * most 512 KiB; a refusal has a code of the protocol. Nothing here is believed: frames go to the ledger, the rest is reading.
 */

import { type PayloadAnswer, ProofReply } from "@handfast/api/messages/ledger";
import {
  type CallOp,
  type CallRefusal,
  CloseCall,
  callOps,
  type Head,
  HeadsRequest,
  linkRules,
  NudgeCall,
  PayloadGet,
  PayloadPush,
  ProofCall,
  parseCall,
  RangeCall,
  RenewCall,
  versionHeader,
} from "@handfast/protocol/federation";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { isFrame, readRefusal, writeCall } from "./answers.ts";
import type { Clock } from "./clock.ts";
import type { Events } from "./events.ts";
import type { Greeting } from "./greeting.ts";
import type { Live } from "./live.ts";
import type { PeerLink } from "./peer-link.ts";
import { no } from "./speaker.ts";
import type { Timers } from "./timers.ts";

/** Answers one call. Never rejects: a fault of ours is `internal` to the peer. */
export type AnswerCall = (
  link: PeerLink,
  op: string,
  data: Uint8Array,
  version: string | undefined,
) => Promise<Uint8Array>;

export type CallDeps = {
  readonly net: NetworkId;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ledger: LedgerClient;
  readonly live: Pick<Live, "receive">;
  readonly greeting: Greeting;
  readonly events: Events;
  /** Whether a partner is a member now. */
  readonly isActive: (partner: PartnerId) => boolean;
  /** Of a link we host: a new JWT for its dialer. Null where there is none to renew. */
  readonly renew: (link: PeerLink, userKey: string) => Promise<{ jwt: string; expires: number } | null>;
  readonly close: (link: PeerLink) => Promise<void>;
};

type Handler = (link: PeerLink, data: Uint8Array) => Promise<object | Uint8Array>;
const done = { ok: true } as const;
const malformed = no("malformed", "a request of another shape");
const notAMember = no("not-a-member", "texts are for members: come again once your partner is one");
const ofAnotherNetwork = no("unknown-network", "this link is for another network");

export function createCalls(deps: CallDeps): AnswerCall {
  const { net, ledger, events } = deps;
  const handlers: Record<CallOp, Handler> = {
    hello: async (link, data) => deps.greeting.answer(link, data),
    "sync.heads": async (_link, data) => {
      const call = parseCall(HeadsRequest, data);
      if (call === null) return malformed;
      if (call.net !== net) return ofAnotherNetwork;
      const { logs } = await ledger.heads();
      const after = call.after ?? "";
      const heads = logs
        .filter(({ log, size }) => log > after && size > 0)
        // Of one log's histories those first that leave it first: they say from where on it is in doubt.
        .sort((a, b) =>
          a.log === b.log ? (a.branch?.size ?? -1) - (b.branch?.size ?? -1) : a.log < b.log ? -1 : 1,
        );
      const page = wholeLogs(heads, call.limit);
      const last = page.at(-1);
      return {
        ...done,
        heads: page.map(({ by, log, size, note, tip }): Head => ({ by, log, size, note, tip })),
        ...(heads.length > page.length && last !== undefined ? { next: last.log } : {}),
      };
    },
    "sync.range": async (_link, data) => {
      const call = parseCall(RangeCall, data);
      if (call === null) return malformed;
      if (call.net !== net) return ofAnotherNetwork;
      const { log, from, limit, tip } = call;
      const answer = await ledger.range({ net, log, from, limit, ...(tip === undefined ? {} : { tip }) });
      return isFrame(answer) ? answer : readRefusal(answer);
    },
    "sync.push": async (link, data) => {
      if (!isFrame(data)) return malformed;
      const reply = await deps.live.receive(link, data);
      if (reply.ok) return { ...done, size: reply.size, accepted: reply.accepted };
      const size = reply.size === undefined ? {} : { size: reply.size };
      return { ok: false, code: reply.code, ...size } satisfies CallRefusal;
    },
    "sync.proof": async (_link, data) => {
      const call = parseCall(ProofCall, data);
      if (call === null) return malformed;
      const answer = await ledger.proof(call);
      const proof = parseCall(ProofReply, answer);
      return proof === null ? readRefusal(answer) : { ...done, ...proof };
    },
    "sync.nudge": async (link, data) => {
      const call = parseCall(NudgeCall, data);
      if (call === null) return malformed;
      if (call.net !== net) return ofAnotherNetwork;
      return { ...done, lacking: deps.greeting.learn(link, call.heads, "nudge") };
    },
    "payload.get": async (link, data) => {
      const call = parseCall(PayloadGet, data);
      if (call === null) return malformed;
      if (call.net !== net) return ofAnotherNetwork;
      if (!deps.isActive(link.peer)) return notAMember;
      return { ...done, payloads: await payloadsThatFit(ledger, call.refs) };
    },
    "payload.push": async (link, data) => {
      const call = parseCall(PayloadPush, data);
      if (call === null) return malformed;
      if (call.net !== net) return ofAnotherNetwork;
      if (!deps.isActive(link.peer)) return notAMember;
      const { refused } = await ledger.keepPayloads({ payloads: call.payloads });
      for (const { code } of refused) link.conduct.refuse(code);
      return done;
    },
    "link.renew": async (link, data) => {
      const call = parseCall(RenewCall, data);
      if (call === null) return malformed;
      const renewed = await deps.renew(link, call.userKey);
      return renewed === null ? no("unknown", "there is nothing to renew") : { ...done, ...renewed };
    },
    "link.close": async (link, data) => {
      if (parseCall(CloseCall, data) === null) return malformed;
      // After the answer: closing ends the connection it would travel on.
      deps.timers.after(50, () => void deps.close(link));
      return done;
    },
  };

  return async (link, op, data, version) => {
    if (version !== versionHeader["Hf-V"]) return writeCall(no("version", "Hf-V: 1 is spoken here"));
    const { pausedUntil } = link.conduct;
    const waitMs =
      pausedUntil === null ? link.traffic.admit(op, data.length) : pausedUntil - deps.clock.now();
    if (waitMs > 0) return writeCall({ ...no("busy", "too much at once"), retryAfterMs: waitMs });
    if (!isOp(op)) return writeCall(no("unknown-op", "no such operation"));
    try {
      const answer = await handlers[op](link, data);
      const bytes = answer instanceof Uint8Array ? answer : writeCall(answer);
      link.traffic.answered(op, bytes.length);
      return bytes;
    } catch (err) {
      events.failed(op, err);
      return writeCall(no("internal", "a fault of this node"));
    }
  };
}

/** As many heads as fit, without a log of which only some histories would be named; at least one log's. */
function wholeLogs<Of extends { readonly log: string }>(heads: readonly Of[], most: number): readonly Of[] {
  let end = Math.min(most, heads.length);
  const isCut = (): boolean => heads[end] !== undefined && heads[end - 1]?.log === heads[end]?.log;
  while (end > 0 && isCut()) end -= 1;
  return heads.slice(0, end > 0 ? end : most);
}

const isOp = (op: string): op is CallOp => (callOps as readonly string[]).includes(op);

/** As many as fit one answer, in order; the asker asks again for the rest, as we do of the ledger. */
async function payloadsThatFit(
  ledger: LedgerClient,
  refs: readonly string[],
): Promise<readonly PayloadAnswer[]> {
  const fitting: PayloadAnswer[] = [];
  let left = linkRules.replyBytes - 1_024;
  while (fitting.length < refs.length) {
    const { payloads } = await ledger.payloads({ refs: refs.slice(fitting.length) });
    for (const payload of payloads) {
      left -= JSON.stringify(payload).length + 1;
      if (left < 0) return fitting;
      fitting.push(payload);
    }
  }
  return fitting;
}
