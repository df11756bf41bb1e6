/**
 * Server-sent events, by hand: each with its cursor as id, so that a client goes on where it was cut off. A client that
 * reads slowly is fed no more than its buffer holds; one that does not read at all is let go, and loses nothing by it.
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { EventFilter, Reads } from "@handfast/views/reads";
import type { FastifyReply, FastifyRequest } from "fastify";
import { limits } from "./config.ts";
import type { Cursors } from "./cursors.ts";
import { ProblemError } from "./problem.ts";

export interface Streams {
  /**
   * @param token The id of the token it was asked with. The stream ends, before its next event, once that is not valid.
   * @throws {ProblemError} `too-many-requests` when this token, or the node, has enough of them.
   */
  begin(
    token: string,
    asked: EventFilter & { after: number },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void>;
  /** Ends all of them; clients come back with the position they have. */
  close(): void;
}

const pageEvents = 100;
const retryMs = 2_000;

export type StreamsOptions = {
  readonly reads: Reads;
  readonly cursors: Cursors;
  readonly streamsPerToken: number;
  /** Whether the token of this id may still be used. */
  readonly isValid: (token: string) => boolean;
};

export function openStreams({ reads, cursors, streamsPerToken, isValid }: StreamsOptions): Streams {
  const open = new Map<AbortController, string>();

  return {
    begin: async (token, asked, request, reply) => {
      const cursor = await cursors.at("events", asked.after);
      const own = [...open.values()].filter((one) => one === token).length;
      if (own >= streamsPerToken || open.size >= limits.streams) {
        throw new ProblemError("too-many-requests", { retryAfter: 30, detail: "event streams at once" });
      }
      const ended = new AbortController();
      open.set(ended, token);
      reply.hijack();
      const { raw } = reply;
      raw.once("close", () => ended.abort());
      // The stream has a heartbeat of its own in place of the connection's time limit.
      raw.socket?.setTimeout(0);
      raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        "handfast-position": String(reads.position),
        "handfast-cursor": cursor,
      });
      raw.write(`retry: ${retryMs}\n\n`);
      const written = (position: number) => cursors.at("events", position);
      feed(reads, asked, raw, written, { signal: ended.signal, isValid: () => isValid(token) })
        .catch((err: unknown) => {
          if (!ended.signal.aborted)
            request.log.warn({ event: "stream.dropped", reqId: request.id, token, err });
        })
        .finally(() => {
          open.delete(ended);
          raw.destroy();
        });
    },
    close: () => {
      for (const ended of open.keys()) ended.abort();
    },
  };
}

async function feed(
  reads: Reads,
  { after, ...filter }: EventFilter & { after: number },
  out: ServerResponse,
  written: (position: number) => Promise<string>,
  { signal, isValid }: { readonly signal: AbortSignal; readonly isValid: () => boolean },
): Promise<void> {
  let position = after;
  while (!signal.aborted) {
    const page = await reads.events({ ...filter, at: null, after: position, limit: pageEvents });
    // Asked before each page and each heartbeat: a token that was revoked learns nothing more.
    if (!isValid()) return;
    for (const event of page.items) {
      out.write(
        `id: ${await written(event.position)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
      );
      await drained(out, signal);
    }
    position = page.upTo;
    if (page.next !== null) continue;
    if (!(await reads.nextArrival(position, limits.heartbeatMs, signal)))
      out.write(`: ${await written(position)}\n\n`);
    await drained(out, signal);
  }
}

/** Waits until the client has read what is beyond its buffer. @throws {Error} When it does not read at all. */
async function drained(out: ServerResponse, signal: AbortSignal): Promise<void> {
  if (out.writableLength < limits.streamBufferBytes / 4) return;
  const stalled = AbortSignal.any([signal, AbortSignal.timeout(limits.streamStallMs)]);
  await once(out, "drain", { signal: stalled });
}
