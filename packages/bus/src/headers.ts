/** NATS messages as this package shows them: plain records and plain bytes. */
import { headers as createHeaders, type MsgHdrs } from "nats";
import type { BusHeaders } from "./bus.ts";

/** Headers the server and its clients speak with each other; anyone can send them, so nobody gets to see them. */
const isReserved = (name: string): boolean => /^nats-/i.test(name);

/**
 * @throws {Error} When a name or value holds what a header may not (a line break, a colon in the name).
 */
export function toNatsHeaders(plain: BusHeaders): MsgHdrs {
  const built = createHeaders();
  for (const [name, value] of Object.entries(plain)) built.set(name, value);
  return built;
}

/** The first value of each name. `fromEntries` defines members, so a name such as `__proto__` is only a name. */
export function fromNatsHeaders(received: MsgHdrs | undefined): BusHeaders {
  const names = (received?.keys() ?? []).filter((name) => !isReserved(name));
  return Object.fromEntries(names.map((name) => [name, received?.get(name) ?? ""]));
}

/** The client hands out Node's Buffer, whose `slice` and JSON form are not those of a `Uint8Array`. */
export function fromNatsData(data: Uint8Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
