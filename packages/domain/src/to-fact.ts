/** From a verified header to a fact. What it tells is read by the caller, which holds the schemas; this package has none. */
import { type Event, subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import type { Hash, LineId, LineRef } from "@handfast/protocol/ids";
import type { ProvenFork } from "@handfast/protocol/log";
import { mapRefs } from "@handfast/protocol/refs";
import type { Fact, Past } from "./fact.ts";

/** Where an entry stands among the histories of logs, as the ledger says; nothing where its author wrote one and names no other. */
export type Placed = {
  /** The branch it stands on. */
  readonly line?: LineId | undefined;
  /** By ref as it is written, the entry that is meant; null where that means two. */
  readonly names?: { readonly [ref: string]: LineRef | null } | undefined;
  readonly fork?: ProvenFork | undefined;
};

/** What means two entries means none: nothing has this name, so it is in no past. */
const nowhere: LineRef = `${"~".repeat(22)}.0`;

/** @param told What `readEvent` of the protocol answers for this header. */
export function toFact(
  header: Header,
  hash: Hash,
  past: Past,
  told: Fact["told"],
  { line, names, fork }: Placed = {},
): Fact {
  const { by, seq, at } = header;
  const log = line ?? header.log;
  const subject =
    header.subject === null || header.subject === "sealed" ? header.subject : meant(header.subject, names);
  return {
    ref: `${log}.${seq}`,
    hash,
    by,
    log,
    ...(line === undefined ? {} : { branchOf: header.log }),
    seq,
    at,
    subject: subjectOf({ ...header, log, subject }),
    names: subject === "sealed" ? null : subject,
    told: toldAsNamed(told, names),
    past,
    ...(fork === undefined ? {} : { proves: fork }),
  };
}

/** What an entry tells, with its refs as this node names the entries that are meant. */
export const toldAsNamed = (told: Fact["told"], names: Placed["names"]): Fact["told"] =>
  names === undefined || !told.ok ? told : { ok: true, event: renamed(told.event, names) };

const renamed = (event: Event, names: Placed["names"]): Event => {
  const x = event.x as Parameters<typeof mapRefs>[1];
  return { ...event, x: mapRefs(event.type, x, (text) => meant(text, names)) } as Event;
};

function meant(text: string, names: Placed["names"]): string {
  const place = names?.[text];
  if (place === undefined) return text;
  return `${place ?? nowhere}${text.includes("@") ? text.slice(text.indexOf("@")) : ""}`;
}
