/**
 * A TCP relay that a demo or a test puts on a link, so that the network can be pulled: `cut` ends what flows and takes
 * nothing new, `heal` lets the link's own reconnecting find its way again.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Relay extends AsyncDisposable {
  /** Loopback port that partners dial in place of the target's. */
  readonly port: number;
  cut(): void;
  heal(): void;
}

/** @param targetPort Loopback port of the nats-server behind it. */
export async function openRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A reset is what a cut looks like; the other half is ended by `pipe`'s partner below.
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((inbound) => {
    track(inbound);
    if (isCut) return void inbound.destroy();
    const outbound = connect(targetPort, "127.0.0.1");
    track(outbound);
    inbound.pipe(outbound).pipe(inbound);
    inbound.once("close", () => outbound.destroy());
    outbound.once("close", () => inbound.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      dropAll();
    },
    heal: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      dropAll();
      server.close();
      await once(server, "close");
    },
  };
}
