// Goal: a port is told to be free, taken, or of no use to this machine; and the last says why, in words that an operator can act on.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { isPortFree } from "./listener.ts";

it("tells a port that is free from one that is taken", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  expect(await isPortFree("127.0.0.1", port)).toBe(false);
  holder.close();
  await once(holder, "close");
  expect(await isPortFree("127.0.0.1", 0)).toBe(true);
});

it("says that an address is of another machine", async () => {
  await expect(isPortFree("203.0.113.9", 0)).rejects.toMatchObject({
    code: "address-unusable",
    message: "203.0.113.9 is not an address of this machine (EADDRNOTAVAIL)",
  });
});
