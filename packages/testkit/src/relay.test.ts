// Goal: what tests of partitions rest on does what it says. Method: an echo server behind the relay.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRelay } from "./relay.ts";

const echo = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
let port = 0;
beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  port = (echo.address() as AddressInfo).port;
});
afterAll(() => echo.close());

const dial = async (to: number): Promise<Socket> => {
  const socket = connect(to, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  return socket;
};
const hear = async (socket: Socket): Promise<string> => String((await once(socket, "data"))[0]);

it("passes bytes on, and counts them", async () => {
  await using relay = await openRelay(port);
  const socket = await dial(relay.port);
  socket.write("hello");
  expect(await hear(socket)).toBe("hello");
  expect(relay.passed).toBe(10);
});

it("ends what flows when cut, takes nothing new, and does again when healed", async () => {
  await using relay = await openRelay(port);
  const socket = await dial(relay.port);
  const closed = once(socket, "close");
  relay.cut();
  await closed;
  const refused = await dial(relay.port);
  await once(refused, "close");
  relay.heal();
  const again = await dial(relay.port);
  again.write("back");
  expect(await hear(again)).toBe("back");
});

it("cuts in the middle of what flows", async () => {
  await using relay = await openRelay(port);
  const socket = await dial(relay.port);
  let heard = 0;
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.length;
  });
  relay.cutAfter(1_500);
  socket.write(Buffer.alloc(1_000));
  await once(socket, "close");
  expect(heard).toBeLessThan(1_000);
});

it("turns bits over until it is healed", async () => {
  await using relay = await openRelay(port);
  const socket = await dial(relay.port);
  relay.corrupt();
  socket.write("aaaa");
  expect(await hear(socket)).not.toBe("aaaa");
  relay.heal();
  socket.write("aaaa");
  expect(await hear(socket)).toBe("aaaa");
});
