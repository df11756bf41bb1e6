/** NATS headers to and from the plain record this package shows. */
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
