/**
 * Keeps a nats-server running: starts it again, on the same port, when it dies.
 *
 * Clients reconnect by themselves. Accounts are in the server's folder, and the service that owns links pushes what
 * a lost folder forgot (`listAccounts` tells what is missing).
 */
import { setTimeout as delay } from "node:timers/promises";
import { readGreeting } from "./listener.ts";
import { type NatsServer, type NatsServerOptions, startNatsServer } from "./server.ts";

export interface KeptNatsServer extends AsyncDisposable {
  /** The server that runs now, or the last one while the next is starting. Its port never changes. */
  readonly current: NatsServer;
  /**
   * For a node that stops: ends the server at once, and for good, when it greets nobody any more. Its clients then see the
   * connection close, in place of each waiting for a server that stands still. Resolves within three seconds.
   */
  endIfSilent(): Promise<void>;
}

/** Between attempts to start: doubles from the first to the last. */
const firstWaitMs = 100;
const lastWaitMs = 5_000;
/** Each waits a second for the greeting: a busy machine may be late once. */
const greetingAttempts = 3;

/**
 * Starts a server and keeps it. Disposing stops it for good.
 *
 * @throws What `startNatsServer` throws, at the first start only; later faults are logged and tried again.
 */
export async function keepNatsServer(options: NatsServerOptions): Promise<KeptNatsServer> {
  let current = await startNatsServer(options);
  const stop = new AbortController();

  const startAgain = async (): Promise<void> => {
    for (let waitMs = firstWaitMs; !stop.signal.aborted; waitMs = Math.min(2 * waitMs, lastWaitMs)) {
      try {
        current = await startNatsServer({ ...options, port: current.port });
        return;
      } catch (err) {
        options.logger?.warn({ event: "nats-server.restart-failed", waitMs, err });
        // Cut short when we are told to stop; the loop then ends.
        await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  };

  const keeping = (async () => {
    while (!stop.signal.aborted) {
      await current.exited;
      if (!stop.signal.aborted) await startAgain();
    }
  })();

  return {
    get current() {
      return current;
    },
    endIfSilent: async () => {
      const { hostname, port } = new URL(current.url);
      for (let attempt = 0; attempt < greetingAttempts; attempt++)
        if ((await readGreeting(hostname, Number(port))) !== null) return;
      options.logger?.warn({ event: "nats-server.silent", pid: current.pid });
      stop.abort();
      current.kill();
      await current.exited;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await current[Symbol.asyncDispose]();
      await keeping;
      // One that was starting when we were told to stop.
      await current[Symbol.asyncDispose]();
    },
  };
}
