/** A held entry in the form in which readers get it, from `read` as from the reply to an append. */

import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { toB64u } from "@handfast/protocol/bytes";
import type { LogId } from "@handfast/protocol/ids";
import type { Pasts } from "@handfast/replica/pasts";

const decoder = new TextDecoder();

export const ledgerEntry = (
  {
    header: { log, seq },
    bytes,
    hash,
  }: {
    readonly header: { readonly log: LogId; readonly seq: number };
    readonly bytes: Uint8Array;
    readonly hash: Uint8Array;
  },
  position: number,
  pasts: Pick<Pasts, "learned">,
): LedgerEntry => ({
  position,
  header: decoder.decode(bytes),
  hash: toB64u(hash),
  past: Object.fromEntries(pasts.learned(log, seq)),
});
