/** From a verified header to a fact. What it tells is read by the caller, which holds the schemas; this package has none. */
import { subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import type { Hash } from "@handfast/protocol/ids";
import type { Fact, Past } from "./fact.ts";

/** @param told What `readEvent` of the protocol answers for this header. */
export function toFact(header: Header, hash: Hash, past: Past, told: Fact["told"]): Fact {
  const { by, log, seq, at, subject } = header;
  const ref = `${log}.${seq}`;
  return {
    ref,
    hash,
    by,
    log,
    seq,
    at,
    subject: subjectOf(header),
    names: subject === "sealed" ? null : subject,
    told,
    past,
  };
}
