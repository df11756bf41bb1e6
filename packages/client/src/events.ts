/** The node's event stream as an iterator that survives what connections do: it goes on from the last event it gave out. */
import { setTimeout as delay } from "node:timers/promises";
import { EventView } from "@handfast/api/views/event";
import { AnswerError, ProblemError, UnreachableError } from "./problem-error.ts";

export type EventQuery = {
  /** A position, or the `next` of a page; without it the stream begins with what comes from now on. */
  readonly after?: string | undefined;
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  readonly by?: string | undefined;
};
export type FollowOptions = {
  /** Ends the iteration without a fault. */
  readonly signal?: AbortSignal;
};

/** Opens the stream; an answer other than 200 is thrown. */
export type OpenStream = (
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<Response>;

/** A heartbeat comes every 15 s, so this is a lost connection. */
const silenceMs = 45_000;
const retryFirstMs = 250;
const retryLastMs = 10_000;

export async function* followEvents(
  open: OpenStream,
  query: EventQuery,
  { signal }: FollowOptions,
): AsyncGenerator<EventView, void> {
  const asked = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== undefined) as [string, string][],
  );
  let last: string | null = null;
  let retryMs = retryFirstMs;
  const isEnded = () => signal?.aborted === true;
  while (!isEnded()) {
    try {
      const headers = { accept: "text/event-stream", ...(last === null ? {} : { "last-event-id": last }) };
      const answer = await open(`/v1/events/stream?${asked}`, headers, signal);
      // Where a stream that began "from now on" breaks before its first event, it goes on from what "now" was.
      last ??= answer.headers.get("handfast-cursor") ?? answer.headers.get("handfast-position");
      for await (const message of messagesOf(answer, signal)) {
        retryMs = retryFirstMs;
        if (message.id !== null) last = message.id;
        if (message.data !== null) yield eventOf(message.data);
      }
    } catch (err) {
      if (isEnded()) return;
      const mayPass =
        err instanceof UnreachableError || (err instanceof ProblemError && err.retry === "later");
      if (!mayPass) throw err;
    }
    await delay(retryMs, undefined, { signal, ref: true }).catch(() => {});
    retryMs = Math.min(retryMs * 2, retryLastMs);
  }
}

function eventOf(data: string): EventView {
  const event = EventView.safeParse(JSON.parse(data));
  if (!event.success) throw new AnswerError("an event has another form", { cause: event.error });
  return event.data;
}

type Message = { readonly id: string | null; readonly data: string | null };

/** Server-sent events of a body, comments as messages without data. */
async function* messagesOf(answer: Response, signal: AbortSignal | undefined): AsyncGenerator<Message, void> {
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const read = await withinSilence(reader.read().catch(broken), signal);
      if (read.done) return;
      text += read.value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        yield messageOf(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  } finally {
    // The connection may be gone already; there is nothing more to learn from it.
    await reader.cancel().catch(() => {});
  }
}

function messageOf(block: string): Message {
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
    else if (line.startsWith(": ") && /^[\w-]+$/.test(line.slice(2))) id = line.slice(2);
  }
  return { id, data: data.length === 0 ? null : data.join("\n") };
}

const broken = (cause: unknown): never => {
  throw new UnreachableError("the event stream broke off", { cause });
};

/** What is read, unless nothing is for longer than a heartbeat may take, or nobody wants it any more. */
async function withinSilence<Read>(read: Promise<Read>, signal: AbortSignal | undefined): Promise<Read> {
  const silent = Promise.withResolvers<never>();
  const give = () => silent.reject(new UnreachableError("the event stream fell silent"));
  const timer = setTimeout(give, silenceMs);
  signal?.addEventListener("abort", give, { once: true });
  try {
    return await Promise.race([read, silent.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
  }
}
