/** Questions to a file, as its users ask them: waiting for what is not there yet besides. */
import type { Reads } from "./reads.ts";
import type { FileReads } from "./reads-on.ts";

export function asReads(file: FileReads, caughtUp: Reads["caughtUp"]): Reads {
  return {
    get position() {
      return file.position;
    },
    get entries() {
      return file.entries;
    },
    get quarantined() {
      return file.quarantined;
    },
    caughtUp,
    nextArrival: async (position, withinMs, signal) => {
      const { promise: aborted, resolve } = Promise.withResolvers<boolean>();
      const onAbort = (): void => resolve(false);
      if (signal.aborted) return false;
      signal.addEventListener("abort", onAbort, { once: true });
      return Promise.race([caughtUp(position + 1, withinMs), aborted]).finally(() =>
        signal.removeEventListener("abort", onAbort),
      );
    },
    list: async (collection, query) => file.list(collection, query),
    one: async (collection, id, at) => file.one(collection, id, at),
    thread: async (id, at) => file.thread(id, at),
    events: async (query) => file.events(query),
    withExternalId: async (externalId) => file.withExternalId(externalId),
    movesOf: async (partner, limit) => file.movesOf(partner, limit),
    partnerOf: (membership) => file.partnerOf(membership),
    membershipFor: (id, verb) => file.membershipFor(id, verb),
  };
}
