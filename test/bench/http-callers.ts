/**
 * Callers of an HTTP API, each on a connection of its own, the next request when the last is answered. Over plain sockets, so that
 * the callers cost little beside what they call.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { calling } from "./laps.ts";
import type { Lap } from "./race.ts";

export type HttpCalls = {
  readonly url: string;
  readonly path: string;
  /** Of each call, beside what every POST of JSON has. */
  readonly headers: (caller: number) => Readonly<Record<string, string>>;
  readonly body: string;
};

/** Each call has to be answered 201. */
export async function callOverHttp(
  { url, path, headers, body }: HttpCalls,
  callers: number,
  forMs: number,
): Promise<Lap> {
  const { host, hostname, port } = new URL(url);
  await using cleanup = new AsyncDisposableStack();
  const open = async () => cleanup.use(await openConnection(hostname, Number(port)));
  const connections = await Promise.all(Array.from({ length: callers }, open));
  return await calling(callers, forMs, async (caller) => {
    const lines = {
      host,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      ...headers(caller),
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await connections[caller]?.send(`POST ${path} HTTP/1.1\r\n${head.join("")}\r\n${body}`);
    if (answer === undefined || answer.status !== 201)
      throw new Error(`POST ${path} was answered ${answer?.status}: ${answer?.text}`);
    if (answer.isLast) connections[caller] = await open();
  });
}

type Answer = {
  readonly status: number;
  readonly text: string;
  /** The server closes the connection after it. */
  readonly isLast: boolean;
};

interface Connection extends Disposable {
  send(request: string): Promise<Answer>;
}

async function openConnection(host: string, port: number): Promise<Connection> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, "connect");
  return {
    send: (request) => {
      socket.write(request);
      return answerOn(socket);
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

function answerOn(socket: Socket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let bytes = "";
    const settle = (): void => {
      socket.off("data", onData).off("close", onClose).off("error", onClose);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.toString("latin1");
      const answer = parseAnswer(bytes);
      if (answer === null) return;
      settle();
      resolve(answer);
    };
    const onClose = (): void => {
      settle();
      reject(new Error(`the connection ended within an answer: ${bytes}`));
    };
    socket.on("data", onData).on("close", onClose).on("error", onClose);
  });
}

/** Null while it has not come whole. Both servers say how long their answers are. */
function parseAnswer(bytes: string): Answer | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = bytes.slice(0, end);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  const text = bytes.slice(end + 4);
  if (!(text.length >= length)) return null;
  return { status: Number(head.slice(9, 12)), text, isLast: /\r\nconnection: *close/i.test(head) };
}
