/**
 * A bus without a wire: what a service serves is called where it stands. Takes the nats-server out of a figure, and nothing else:
 * requests and replies are the same bytes.
 */
import type { Bus, Endpoint } from "@handfast/bus/bus";

/** Nobody hears what is published on it. */
export function createNearBus(): Bus {
  const endpoints = new Map<string, Endpoint>();
  return {
    status: "connected",
    closedBecause: null,
    serverVersion: null,
    closed: new Promise(() => {}),
    onStatus: () => ({ [Symbol.dispose]: () => {} }),
    request: async (subject, data) => {
      const endpoint = endpoints.get(subject);
      if (endpoint === undefined) throw new Error(`nobody serves ${subject}`);
      const reply = await endpoint.handler(data, { subject, headers: {} });
      if ("failure" in reply) throw new Error(`${subject}: ${reply.failure.code}`);
      return reply instanceof Uint8Array ? { data: reply, headers: {} } : reply;
    },
    publish: () => {},
    subscribe: (subject) => {
      throw new Error(`nothing comes on ${subject} without a wire`);
    },
    serve: async (service) => {
      for (const endpoint of service.endpoints) endpoints.set(endpoint.subject, endpoint);
      return { [Symbol.asyncDispose]: async () => endpoints.clear() };
    },
    flush: async () => {},
    drain: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
