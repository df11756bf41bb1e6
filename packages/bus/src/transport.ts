/**
 * The socket under a NATS connection, and the only way to open one.
 *
 * The transport of `nats` 2.29.3 keeps the socket of a dial that timed out. When a stalled server goes on, that socket
 * connects after all, and its later end is reported as the loss of the connection that replaced it; from then on two
 * sockets feed one parser, and protocol bytes turn up inside payloads. It also waits for a full socket to empty before
 * it closes it, which a stopped server never lets happen. Here a transport that is given up is destroyed at once, in
 * whatever state it is, and never reports again.
 *
 * The hook is the client's own (`setTransportFactory`), but it is not exported from its entry point, hence the deep imports
 * of a version that is pinned exactly. `connect` of `nats` would put the stock transport back for every connection of the
 * process; a lint rule keeps everyone from importing it.
 */
import { createConnection, type Socket } from "node:net";
import type { NatsConnection } from "nats";
import {
  type ConnectionOptions,
  NatsConnectionImpl,
  setTransportFactory,
} from "nats/lib/nats-base-client/internal_mod.js";
import { NodeTransport, nodeResolveHost } from "nats/lib/src/node_transport.js";

/** Does what `connect` of `nats` does, over a transport that can be given up. Rejects with what that rejects with. */
export function connectNats(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new DisposableTransport(), dnsResolveFn: nodeResolveHost });
  return NatsConnectionImpl.connect(options);
}

const givenUp = () => new Error("this attempt to connect was given up");

class DisposableTransport extends NodeTransport {
  #isGathering = false;
  /** Known from the first packet on. `socket` is set only once it is connected, and is then this or the TLS one around it. */
  #tcp: Socket | undefined;
  /** Rejects when this transport is given up: who waits for it to connect must not wait for the limit. */
  readonly #abandoned = Promise.withResolvers<never>();

  override connect(
    address: { hostname: string; port: number; tlsName: string },
    options: ConnectionOptions,
  ): Promise<void> {
    return Promise.race([super.connect(address, options), this.#abandoned.promise]);
  }

  override dial(address: { hostname: string; port: number }): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const tcp = createConnection({ host: address.hostname, port: address.port, noDelay: true });
    this.#tcp = tcp;
    tcp.once("connect", () => {
      tcp.removeAllListeners();
      resolve(tcp);
    });
    tcp.once("error", reject);
    tcp.once("close", () => reject(givenUp()));
    return promise;
  }

  override setupHandlers(): void {
    if (this.done) throw givenUp();
    super.setupHandlers();
  }

  /** The client gives up a dial or the whole connection. It knows, so nothing is reported. */
  override async close(err?: Error): Promise<void> {
    if (err !== undefined) this.closeError = err;
    this.#destroy();
  }

  /**
   * What is sent in one turn of the event loop goes out in one write, since TLS and the kernel take as long for a little as
   * for much. Nobody waits for it: a write that fails is the end of the connection, which is reported as such.
   */
  override send(frame: Uint8Array): void {
    const { socket } = this;
    if (this.done || socket === undefined) return;
    if (!this.#isGathering) {
      this.#isGathering = true;
      socket.cork();
      setImmediate(() => this.#release(socket));
    }
    socket.write(frame);
  }

  #release(socket: Socket): void {
    if (this.#isGathering) socket.uncork();
    this.#isGathering = false;
  }

  /** The next dial replaces this one. */
  override discard(): void {
    this.#destroy();
  }

  /** Pings went unanswered, or the login ended. Nobody will read what is still to be written. This is reported. */
  override disconnect(): void {
    if (this.done) return;
    this.#destroy();
    this.closedNotification.resolve();
  }

  /**
   * What the client reads. It stops in the middle only when its parser met bytes that are not NATS; the connection is lost
   * then. It would print that error to stdout once `return` has settled, so `return` never settles.
   */
  override [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const frames = this.iterate();
    return {
      next: () => (this.done ? Promise.resolve({ done: true, value: undefined }) : frames.next()),
      return: () => {
        this.disconnect();
        return new Promise(() => {});
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #destroy(): void {
    this.done = true;
    this.#abandoned.promise.catch(() => {});
    this.#abandoned.reject(givenUp());
    this.yields.length = 0;
    this.signal.resolve();
    if (this.socket !== undefined) this.#release(this.socket);
    for (const socket of [this.socket, this.#tcp]) {
      socket?.removeAllListeners();
      // An error of a socket that nobody uses any more must not end the process.
      socket?.on("error", () => {}).destroy();
    }
  }
}
