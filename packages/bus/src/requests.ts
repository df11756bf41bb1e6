/**
 * Requests: each gets one reply or one fault, at the latest when its time is over.
 *
 * Replies arrive in one inbox of our own, and each is matched to its request by the last part of its subject. The client's
 * own `request` does the same, but makes an error with a stack for every request that *succeeds*, and lets a request
 * wait for its timeout when the connection is lost meanwhile. Here those fail at once, with an unknown outcome, since their
 * reply cannot come any more.
 */
import { createInbox, type Msg, type NatsConnection } from "nats";
import type { BusReply, RequestOptions } from "./bus.ts";
import { BusError } from "./fault.ts";
import { fromNatsData, fromNatsHeaders, toNatsHeaders } from "./headers.ts";
import { defaultMessageBytes } from "./limits.ts";
import { useFault } from "./nats-faults.ts";
import { failureIn } from "./service.ts";

export interface Requests {
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusReply>;
  /** Fails what was sent to a subject that the server does not let this login publish to. */
  failDenied(subject: string, cause: unknown): void;
  /** Fails everything that waits for a reply. */
  failAll(reason: "disconnected" | "closed"): void;
}

type Waiting = {
  readonly subject: string;
  readonly resolve: (reply: Msg) => void;
  readonly reject: (fault: BusError) => void;
};

/** The status of a message that the server sends in place of a reply, and nobody else can: without a body. */
const noResponders = 503;

/** @param inboxPrefix Where replies arrive. Default `_INBOX`. */
export function createRequests(connection: NatsConnection, inboxPrefix?: string): Requests {
  const inbox = createInbox(inboxPrefix);
  const waiting = new Map<string, Waiting>();
  let count = 0;

  const failEach = (fault: (subject: string) => BusError): void => {
    for (const { subject, reject } of waiting.values()) reject(fault(subject));
  };
  const settle = (reply: Msg): void => {
    const asked = waiting.get(reply.subject.slice(inbox.length + 1));
    if (asked === undefined) return;
    const isUnserved = reply.data.length === 0 && reply.headers?.code === noResponders;
    if (isUnserved) asked.reject(unserved(asked.subject));
    else asked.resolve(reply);
  };
  connection.subscribe(`${inbox}.*`, {
    callback: (err, reply) => {
      if (err === null) settle(reply);
      else failEach((subject) => useFault(subject, err));
    },
  });

  const ask = async (subject: string, data: Uint8Array, options: RequestOptions): Promise<Msg> => {
    const token = (count++).toString(36);
    const { promise, resolve, reject } = Promise.withResolvers<Msg>();
    waiting.set(token, { subject, resolve, reject });
    const timer = setTimeout(() => reject(tooLate(subject, options.timeoutMs)), options.timeoutMs);
    try {
      connection.publish(subject, data, {
        reply: `${inbox}.${token}`,
        ...(options.headers === undefined ? {} : { headers: toNatsHeaders(options.headers) }),
      });
      return await promise;
    } catch (err) {
      throw useFault(subject, err);
    } finally {
      clearTimeout(timer);
      waiting.delete(token);
    }
  };

  return {
    request: async (subject, data, options) => {
      const reply = await ask(subject, data, options);
      const failure = failureIn(subject, reply);
      if (failure !== null) throw failure;
      if (reply.data.length > (options.maxReplyBytes ?? defaultMessageBytes)) {
        const message = `the reply from ${subject} has ${reply.data.length} bytes`;
        throw new BusError("message-too-large", message, { reason: "reply-too-large", outcome: "unknown" });
      }
      return { data: fromNatsData(reply.data), headers: fromNatsHeaders(reply.headers) };
    },
    failDenied: (denied, cause) => {
      for (const { subject, reject } of waiting.values())
        if (subject === denied) reject(useFault(subject, cause));
    },
    failAll: (reason) =>
      failEach(
        (subject) =>
          new BusError("bus-unavailable", `lost the bus before ${subject} replied`, {
            reason,
            outcome: "unknown",
          }),
      ),
  };
}

const unserved = (subject: string) =>
  new BusError("bus-unavailable", `nobody serves ${subject}`, { reason: "no-responders" });

const tooLate = (subject: string, timeoutMs: number) =>
  new BusError("bus-unavailable", `${subject} did not reply within ${timeoutMs} ms`, {
    reason: "timeout",
    outcome: "unknown",
  });
