/** What can be seen of a listening port from outside: whether one is there, and what it says first. */
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A server greets at once; a longer first line is none of a nats-server. */
const greetingTimeoutMs = 1_000;
const greetingBytes = 16_384;

/** True when a listener could be opened there now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, "listening");
    return true;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw err;
  } finally {
    probe.close();
  }
}

/**
 * Reads the INFO line a nats-server greets each client with, before TLS.
 *
 * @returns The server's version, or null when nothing answers there, or not like a nats-server.
 */
export async function readGreeting(host: string, port: number): Promise<string | null> {
  const socket = connect(port, host.replace(/^\[|\]$/g, ""));
  socket.setTimeout(greetingTimeoutMs, () => socket.destroy());
  try {
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      const info = /^INFO (\{.*\}) *\r\n/.exec(text);
      if (info !== null) return versionIn(JSON.parse(info[1] as string));
      if (text.length > greetingBytes) return null;
    }
    return null;
  } catch {
    // Refused, reset or not JSON: it is not (yet) there, and the caller asks again until its limit.
    return null;
  } finally {
    socket.destroy();
  }
}

function versionIn(info: unknown): string | null {
  const version = (info as { readonly version?: unknown } | null)?.version;
  return typeof version === "string" ? version : null;
}
