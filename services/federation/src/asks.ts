/**
 * Questions of a host to its dialers. A dialer cannot be called, so the question goes out on its ask subject and the
 * answer comes in as a call; only the account that was asked can give it.
 */
import { randomBytes } from "node:crypto";
import type { Bus } from "@handfast/bus/bus";
import { fromUtf8, toB64u, toBytes } from "@handfast/protocol/bytes";
import { type Ask, type CallOp, versionHeader } from "@handfast/protocol/federation";
import { wireSubjects } from "@handfast/protocol/subjects";
import type { Timers } from "./timers.ts";

export interface Asks {
  /** @throws When nobody answers in time, or the question is too large for one message. */
  ask(account: string, op: CallOp, data: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** False when nothing was asked of this account under that id. */
  answer(account: string, rid: string, data: Uint8Array): boolean;
}

class AskTimeout extends Error {
  override readonly name = "AskTimeout";
}

export function createAsks(fed: Bus, timers: Timers): Asks {
  const waiting = new Map<
    string,
    { readonly account: string; readonly resolve: (data: Uint8Array) => void }
  >();
  return {
    ask: async (account, op, data, timeoutMs) => {
      const q = fromUtf8(data);
      if (q === null) throw new TypeError("a question is text");
      const rid = toB64u(randomBytes(16));
      const ask: Ask = { rid, op, q, ttl: timeoutMs };
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
      using _late = timers.after(timeoutMs, () =>
        reject(new AskTimeout(`no answer to ${op} in ${timeoutMs} ms`)),
      );
      waiting.set(rid, { account, resolve });
      try {
        fed.publish(wireSubjects.ask(account), toBytes(JSON.stringify(ask)), versionHeader);
        return await promise;
      } finally {
        waiting.delete(rid);
      }
    },
    answer: (account, rid, data) => {
      const asked = waiting.get(rid);
      if (asked?.account !== account) return false;
      asked.resolve(data);
      return true;
    },
  };
}
