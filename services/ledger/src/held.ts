/**
 * What the ledger knows while it runs, built from what is stored: every log's tree, every entry's past, every subject's
 * heads. Storage is the truth; where a write failed, this is thrown away and built again.
 */
import type { EventLog } from "@handfast/eventlog/event-log";
import { toB64u } from "@handfast/protocol/bytes";
import type { Charter } from "@handfast/protocol/charter";
import { subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import type { NetworkId } from "@handfast/protocol/ids";
import { createHeads, type Heads } from "@handfast/replica/heads";
import { createReplica, type Replica, type VerifiedEntry, verifiedEntry } from "@handfast/replica/replica";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { rootBeyond } from "@handfast/tlog/proofs";
import { sameHash } from "@handfast/tlog/tree";
import { LedgerError } from "./fault.ts";

export type Held = {
  readonly replica: Replica;
  readonly heads: Heads;
  /** Takes an entry that is held into its subject's heads. */
  fold(entry: VerifiedEntry): void;
};

const entriesPerPage = 1_000;

/**
 * Reads everything that is stored, in order of arrival, and checks every log's root against its checkpoint: also what was
 * written long ago is still what was signed.
 *
 * @throws {LedgerError} `fatal` where it is not.
 */
export async function readHeld(
  events: EventLog,
  network: { readonly net: NetworkId; readonly charter: Charter },
): Promise<Held> {
  const replica = createReplica(network);
  const heads = createHeads();
  const fold = ({ header, hash }: VerifiedEntry): void => {
    const { log, seq } = header;
    heads.add(subjectOf(header), { log, seq, hash: toB64u(hash) }, replica.pasts.of(log, seq));
  };
  const decoder = new TextDecoder();
  for (let after = 0; after < events.head; ) {
    const page = await events.read(after, entriesPerPage);
    if (page.length === 0) throw damaged(`nothing is stored after position ${after} of ${events.head}`);
    for (const { position, header: bytes } of page) {
      // It passed the gate when it came in, and the root below covers every byte of it.
      const entry = verifiedEntry(JSON.parse(decoder.decode(bytes)) as Header, bytes);
      replica.hold(entry);
      fold(entry);
      after = position;
    }
  }
  for (const { log, edge } of await events.logs()) {
    const known = replica.logs.get(log);
    const parsed = parseCheckpoint(edge.note);
    const beyond =
      known === undefined ? null : rootBeyond(known.tree.range(edge.size), edge.proof, edge.noteSize);
    const isWhole =
      known?.held === edge.size &&
      parsed.ok &&
      beyond?.ok === true &&
      sameHash(beyond.root, parsed.checkpoint.root);
    if (!isWhole) throw damaged(`what is stored of log ${log} is not what its checkpoint says`);
    replica.setEdge(log, edge);
  }
  for (const { log } of await events.forks()) replica.freeze(log);
  return { replica, heads, fold };
}

const damaged = (what: string): LedgerError =>
  new LedgerError("fatal", what, {
    hint: "the disk or the file is damaged: put back an undamaged log.db that is not older, or take the copy of another partner",
  });
