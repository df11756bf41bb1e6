/**
 * The checks of a frame that need nothing but its bytes and the name of its log: gate, network, author, places, times.
 * In the order of protocol section 6; the first that fails is the answer.
 */
import type { Frame } from "@handfast/protocol/frame";
import { compareAt, type Header, parseHeader } from "@handfast/protocol/header";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { LogOpenedX } from "@handfast/protocol/log";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import { type Refused, refuse } from "./verdict.ts";

export type GatedFrame = {
  readonly kind: "gated";
  readonly headers: readonly Header[];
  /** Only where the frame begins with entry 0. */
  readonly authority: Authority | null;
};

export function gateFrame(frame: Frame, net: NetworkId, by: PartnerId): GatedFrame | Refused {
  const headers: Header[] = [];
  for (const [index, bytes] of frame.headers.entries()) {
    const parsed = parseHeader(bytes);
    const place = `entry ${frame.from + index}`;
    if (!parsed.ok) return refuse(parsed.code, `${place}: ${parsed.detail}`);
    const before = headers.at(-1);
    if (before !== undefined && compareAt(parsed.value.at, before.at) <= 0)
      return refuse("schema", `${place}: its time is not above that of the entry before it`);
    headers.push(parsed.value);
  }
  if (frame.net !== net || headers.some((header) => header.net !== net))
    return refuse("unknown-network", "an entry or the frame is of another network");
  const stranger = headers.findIndex((header) => header.by !== by || header.log !== frame.log);
  if (stranger >= 0) return refuse("schema", `entry ${frame.from + stranger}: of another author or log`);
  const misplaced = headers.findIndex((header, index) => header.seq !== frame.from + index);
  if (misplaced >= 0) return refuse("schema", `entry ${frame.from + misplaced}: its seq is another`);
  if (frame.from > 0) return { kind: "gated", headers, authority: null };
  return openingOf(frame, net, by, headers);
}

function openingOf(
  frame: Frame,
  net: NetworkId,
  by: PartnerId,
  headers: readonly Header[],
): GatedFrame | Refused {
  // The gate has parsed it as such: entry 0 is `log.opened` and nothing else is.
  const opened = LogOpenedX.parse(headers[0]?.x);
  if (opened.root !== by)
    return refuse("schema", "x.root: a first log is opened by the root that names its author");
  const answer = authorityOf(originOf(net, by, frame.log), opened);
  return answer.ok
    ? { kind: "gated", headers, authority: answer.authority }
    : refuse("schema", `${answer.wrong}: not a key by the key rule`);
}
