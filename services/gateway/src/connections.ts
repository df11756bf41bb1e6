/**
 * Bounds the connections of a server without closing the door to anyone: when there are too many, the one that has been
 * idle for longest goes. Clients that hold connections and say nothing can so never keep out one that speaks.
 */
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** @param most Connections at once. A new one is refused only when all of them are waiting for an answer. */
export function boundConnections(server: Server, most: number): void {
  /** In the order in which they fell idle; a map keeps the order of setting. */
  const idle = new Set<Socket>();
  const busy = new Set<Socket>();

  server.on("connection", (socket: Socket) => {
    if (idle.size + busy.size >= most) {
      const [longest] = idle;
      (longest ?? socket).destroy();
      if (longest === undefined) return;
      idle.delete(longest);
    }
    idle.add(socket);
    socket.once("close", () => {
      idle.delete(socket);
      busy.delete(socket);
    });
  });
  server.on("request", ({ socket }: { readonly socket: Socket }, response: ServerResponse) => {
    idle.delete(socket);
    busy.add(socket);
    response.once("close", () => {
      if (busy.delete(socket) && !socket.destroyed) idle.add(socket);
    });
  });
}
