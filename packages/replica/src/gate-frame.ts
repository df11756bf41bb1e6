/**
 * The checks of a frame that need nothing but its bytes and the name of its log: gate, network, author, places, times.
 * In the order of protocol section 6; the first that fails is the answer.
 */
import { toB64u } from "@handfast/protocol/bytes";
import type { HeaderVersion } from "@handfast/protocol/charter";
import type { Frame } from "@handfast/protocol/frame";
import { compareAt, type Header, parseHeader } from "@handfast/protocol/header";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, LogOpenedX } from "@handfast/protocol/log";
import { leafHash } from "@handfast/tlog/tree";
import { type Authority, authorityOf, originOf } from "./authority.ts";
import type { Succession } from "./succession.ts";
import { type Refused, refuse } from "./verdict.ts";

export type GatedFrame = {
  readonly kind: "gated";
  readonly headers: readonly Header[];
  /** Only where the frame begins with entry 0. */
  readonly authority: Authority | null;
};

export type GateContext = {
  readonly net: NetworkId;
  readonly by: PartnerId;
  readonly version: HeaderVersion;
  /** The state at which an earlier log of the author was closed; null where it is not held that far, or otherwise. */
  readonly closed: (closed: ClosedLog) => Succession | null;
};

/** Whether an entry may stand behind the one with this leaf hash. */
export const follows = ({ prev }: Pick<Header, "prev">, before: Uint8Array): boolean =>
  prev === undefined || prev === toB64u(before);

export function gateFrame(frame: Frame, context: GateContext): GatedFrame | Refused {
  const { net, by, version } = context;
  const headers: Header[] = [];
  for (const [index, bytes] of frame.headers.entries()) {
    const parsed = parseHeader(bytes);
    const place = `entry ${frame.from + index}`;
    if (!parsed.ok) return refuse(parsed.code, `${place}: ${parsed.detail}`);
    const before = headers.at(-1);
    if (before !== undefined && compareAt(parsed.value.at, before.at) <= 0)
      return refuse("schema", `${place}: its time is not above that of the entry before it`);
    if (before !== undefined && !follows(parsed.value, leafHash(frame.headers[index - 1] as Uint8Array)))
      return refuse("schema", `${place}: prev is not the hash of the entry before it`);
    headers.push(parsed.value);
  }
  if (frame.net !== net || headers.some((header) => header.net !== net))
    return refuse("unknown-network", "an entry or the frame is of another network");
  const misformed = headers.findIndex(({ v }) => v !== version);
  if (misformed >= 0)
    return refuse("schema", `entry ${frame.from + misformed}: headers of this network have v ${version}`);
  const stranger = headers.findIndex((header) => header.by !== by || header.log !== frame.log);
  if (stranger >= 0) return refuse("schema", `entry ${frame.from + stranger}: of another author or log`);
  const misplaced = headers.findIndex((header, index) => header.seq !== frame.from + index);
  if (misplaced >= 0) return refuse("schema", `entry ${frame.from + misplaced}: its seq is another`);
  if (frame.from > 0) return { kind: "gated", headers, authority: null };
  return openingOf(frame, context, headers);
}

function openingOf(
  frame: Frame,
  { net, by, closed }: GateContext,
  headers: readonly Header[],
): GatedFrame | Refused {
  const [first] = headers;
  if (first === undefined) return refuse("malformed", "a frame without entries");
  // The gate has parsed it as such: entry 0 is `log.opened` and nothing else is.
  const opened = LogOpenedX.parse(first.x);
  const states = closedBy(opened).map(closed);
  if (!states.every((state) => state !== null))
    return refuse("unknown-log", "an earlier log that it closes is not held that far");
  if (states.some(({ at }) => compareAt(first.at, at) <= 0))
    return refuse("schema", "entry 0: its time is not above that of the log it closes");
  const answer = authorityOf({ origin: originOf(net, by, frame.log), by }, opened, states[0]?.before ?? null);
  return answer.ok ? { kind: "gated", headers, authority: answer.authority } : refuse("schema", answer.wrong);
}
