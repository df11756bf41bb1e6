/**
 * A TCP relay on a link, so that a test can pull the network: `cut` ends what flows and takes nothing new, `heal` lets the
 * link's own reconnecting find its way, `corrupt` turns bits over on the way.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Relay extends AsyncDisposable {
  /** Loopback port to dial in place of the target's. */
  readonly port: number;
  /** Bytes that passed, both ways. */
  readonly passed: number;
  readonly isCut: boolean;
  cut(): void;
  heal(): void;
  /** From now on every chunk has one bit turned over, until `heal`. */
  corrupt(): void;
  /** Cuts when so many further bytes have passed, in the middle of whatever it is. */
  cutAfter(bytes: number): void;
}

/** @param targetPort Loopback port of the server behind it. */
export async function openRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isCorrupting = false;
  let passed = 0;
  let cutAt = Number.POSITIVE_INFINITY;

  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A reset is what a cut looks like from the other side.
    socket.on("error", () => socket.destroy());
  };
  /** A bit of its own for each way, or an echo would put it right again. */
  const carry = (from: Socket, to: Socket, bit: number) => {
    from.on("data", (chunk: Buffer) => {
      passed += chunk.length;
      const middle = Math.floor(chunk.length / 2);
      if (isCorrupting) chunk[middle] = (chunk[middle] ?? 0) ^ bit;
      const rest = cutAt - (passed - chunk.length);
      if (!to.write(chunk.subarray(0, Math.max(0, rest)))) from.pause();
      if (passed >= cutAt) cut();
    });
    to.on("drain", () => from.resume());
    from.once("close", () => to.destroy());
  };
  const server = createServer((inbound) => {
    track(inbound);
    if (isCut) {
      inbound.destroy();
      return;
    }
    const outbound = connect(targetPort, "127.0.0.1");
    track(outbound);
    carry(inbound, outbound, 1);
    carry(outbound, inbound, 2);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get passed() {
      return passed;
    },
    get isCut() {
      return isCut;
    },
    cut,
    heal: () => {
      isCut = false;
      isCorrupting = false;
      cutAt = Number.POSITIVE_INFINITY;
    },
    corrupt: () => {
      isCorrupting = true;
    },
    cutAfter: (bytes) => {
      cutAt = passed + bytes;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
