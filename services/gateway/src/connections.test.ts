// Goal: silent connections keep nobody out. Method: a real server of few connections, and sockets that say nothing.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boundConnections } from "./connections.ts";

const most = 4;
let server: Server;
let answer: PromiseWithResolvers<void>;
const sockets: Socket[] = [];

beforeEach(async () => {
  answer = Promise.withResolvers();
  server = createServer((request, response) => {
    if (request.url === "/slow") void answer.promise.then(() => response.end("slow"));
    else response.end("quick");
  });
  boundConnections(server, most);
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await once(server.close(), "close");
});

async function dial(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  const accepted = once(server, "connection");
  await Promise.all([once(socket, "connect"), accepted]);
  return socket;
}
const ask = (socket: Socket, path: string) => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
const body = async (socket: Socket): Promise<string> => {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (/quick|slow/.test(text)) break;
  }
  return /quick|slow/.exec(text)?.[0] ?? "cut off";
};

it("answers a newcomer although silent connections hold every place, and lets the oldest of them go", async () => {
  const silent = [];
  for (let count = 0; count < most; count++) silent.push(await dial());
  const gone = once(silent[0] as Socket, "close");
  const newcomer = await dial();
  await gone;
  ask(newcomer, "/");
  expect(await body(newcomer)).toBe("quick");
  expect(silent.slice(1).every((socket) => !socket.destroyed)).toBe(true);
});

it("never lets go of a connection that waits for an answer", async () => {
  const waiting = [];
  for (let count = 0; count < most; count++) {
    const socket = await dial();
    const asked = once(server, "request");
    ask(socket, "/slow");
    await asked;
    waiting.push(socket);
  }
  const refused = await dial();
  expect(await body(refused)).toBe("cut off");
  answer.resolve();
  expect(await Promise.all(waiting.map(body))).toEqual(waiting.map(() => "slow"));
});
