/** A held entry in the form in which readers get it, from `read` as from the reply to an append. */

import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { toB64u } from "@handfast/protocol/bytes";
import type { Header } from "@handfast/protocol/header";
import type { LineId } from "@handfast/protocol/ids";
import type { Replica, VerifiedEntry } from "@handfast/replica/replica";
import { placedIn } from "./held.ts";

const decoder = new TextDecoder();

export function ledgerEntry(
  { seq, bytes, hash }: { readonly seq: number } & Pick<VerifiedEntry, "bytes" | "hash">,
  line: LineId,
  position: number,
  replica: Replica,
): LedgerEntry {
  const header = decoder.decode(bytes);
  // Only what may name an entry of a forked log is looked into.
  const parsed = replica.lines.forked.size === 0 ? { seq } : JSON.parse(header);
  const { isBranch, names, fork } = placedIn(replica, { header: parsed as Header, bytes, hash }, line);
  // The first entry of a branch has no predecessor on its line from which its past could go on.
  const isFirst = isBranch && replica.logs.get(line)?.base?.size === seq;
  const past = isFirst ? replica.pasts.known(line, seq) : replica.pasts.learned(line, seq);
  return {
    position,
    header,
    hash: toB64u(hash),
    past: Object.fromEntries(past),
    ...(isBranch ? { line } : {}),
    ...(names === null ? {} : { names }),
    ...(fork === null ? {} : { fork }),
  };
}
