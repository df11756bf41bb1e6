/**
 * Requests: each gets one reply or one fault, at the latest when its time is over.
 *
 * The client lets a request wait for its time-out when the connection is lost meanwhile. Here all of them
 * fail at once, with an unknown outcome, since their reply cannot come any more.
 */
import type { NatsConnection } from "nats";
import type { BusReply, RequestOptions } from "./bus.ts";
import { BusError } from "./fault.ts";
import { fromNatsData, fromNatsHeaders, toNatsHeaders } from "./headers.ts";
import { defaultMessageBytes } from "./limits.ts";
import { useFault } from "./nats-faults.ts";
import { failureIn } from "./service.ts";

export interface Requests {
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusReply>;
  /** Fails everything that waits for a reply. */
  failAll(reason: "disconnected" | "closed"): void;
}

export function createRequests(connection: NatsConnection): Requests {
  const inFlight = new Set<(fault: BusError) => void>();

  return {
    request: async (subject, data, options) => {
      const lost = Promise.withResolvers<never>();
      inFlight.add(lost.reject);
      try {
        const asked = connection.request(subject, data, {
          timeout: options.timeoutMs,
          ...(options.headers === undefined ? {} : { headers: toNatsHeaders(options.headers) }),
        });
        const reply = await Promise.race([asked, lost.promise]);
        const failure = failureIn(subject, reply);
        if (failure !== null) throw failure;
        if (reply.data.length > (options.maxReplyBytes ?? defaultMessageBytes)) {
          const message = `the reply from ${subject} has ${reply.data.length} bytes`;
          throw new BusError("message-too-large", message, { reason: "reply-too-large", outcome: "unknown" });
        }
        return { data: fromNatsData(reply.data), headers: fromNatsHeaders(reply.headers) };
      } catch (err) {
        throw useFault(subject, err);
      } finally {
        inFlight.delete(lost.reject);
      }
    },
    failAll: (reason) => {
      for (const reject of inFlight) {
        reject(
          new BusError("bus-unavailable", "lost the bus before the reply", { reason, outcome: "unknown" }),
        );
      }
    },
  };
}
