/** What can be seen of a listening port from outside: whether one is there, and what it says first. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { NatsOperatorError } from "./fault.ts";

/** A server greets at once; a longer first line is none of a nats-server. */
const greetingTimeoutMs = 1_000;
const greetingBytes = 16_384;

/** Why a listener cannot be opened at an address, apart from another having its port. */
const unusable: Readonly<Record<string, string>> = {
  EACCES: "may not be opened by this user: take a port from 1024 on",
  EADDRNOTAVAIL: "is not an address of this machine",
  EAI_AGAIN: "is not a name that this machine can look up now",
  ENOTFOUND: "is not a name that this machine can look up",
};

/**
 * True when a listener could be opened there now; false where another has the port.
 *
 * @throws {NatsOperatorError} `address-unusable`
 */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, "listening");
    return true;
  } catch (err) {
    const { code = "" } = err as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") return false;
    const why = unusable[code];
    if (why === undefined) throw err;
    const about = code === "EACCES" ? `port ${port} on ${host}` : host;
    throw new NatsOperatorError("address-unusable", `${about} ${why} (${code})`, { cause: err });
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
