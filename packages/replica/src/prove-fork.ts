/**
 * From two lines of one log to the proof that its author signed two histories, and from what an entry states back to such a
 * proof, checked against the keys of the log. Nothing unsigned, and nothing of another log, ever passes.
 */
import { fromB64u, joined, toB64u } from "@handfast/protocol/bytes";
import type { EventOf } from "@handfast/protocol/events";
import type { NetworkId } from "@handfast/protocol/ids";
import { formatCheckpointText, openCheckpoint } from "@handfast/tlog/checkpoint";
import { type ForkProof, openFork } from "@handfast/tlog/fork";
import type { HashReader } from "@handfast/tlog/hash-reader";
import { formatNote, type NoteSignature } from "@handfast/tlog/note";
import { originOf } from "./authority.ts";
import { type Edge, proofTo } from "./edge.ts";
import type { HeldLog } from "./held-log.ts";

/** A checkpoint, and the tree that leads to it as far as it is known. */
export type Signed = { readonly edge: Edge; readonly read: HashReader };

/** A proof from two checkpoints that cannot both be true; null where too little is known of the larger one's tree. */
export function contradictionOf(one: Signed, other: Signed): ForkProof | null {
  const [small, large] = one.edge.noteSize <= other.edge.noteSize ? [one, other] : [other, one];
  const from = small.edge.noteSize;
  const notes = [small.edge.note, large.edge.note] as const;
  if (from === large.edge.noteSize) return { notes, consistency: [] };
  return from > large.edge.size ? null : { notes, consistency: proofTo(large.edge, from, large.read) };
}

/** What a `fork.proven` states of a fork. */
export type ProvenX = Pick<EventOf<"fork.proven">["x"], "log" | "checkpoints" | "consistency">;

/** The log whose keys decide. */
type Signatory = Pick<HeldLog, "log" | "by" | "authority">;

const idBytes = 4;

/** What a `fork.proven` states for a proof; null where it does not hold under the keys of the log. */
export function provenX(net: NetworkId, signatory: Signatory, proof: ForkProof): ProvenX | null {
  const { log, by, authority } = signatory;
  const origin = originOf(net, by, log);
  if (!openFork(proof, { origin, keysAt: authority.keysAt }).ok) return null;
  const checkpoints = proof.notes.map((text) => {
    // The proof holds, so its notes are signed.
    const opened = openCheckpoint(text, origin, authority.keysAt(sizeIn(text))) as Extract<
      ReturnType<typeof openCheckpoint>,
      { ok: true }
    >;
    const { size, root } = opened.checkpoint;
    const key = opened.signedBy[0]?.key.id;
    const line = opened.note.signatures.find(
      ({ name, id }) => name === origin && id === key,
    ) as NoteSignature;
    const signature = toB64u(joined([Uint8Array.fromHex(line.id), line.signature]));
    return { size, root: toB64u(root), signature };
  });
  return { log, checkpoints, consistency: proof.consistency.map(toB64u) };
}

const sizeIn = (note: string): number => Number(note.split("\n")[1]);

/** From which entry on a log is in doubt by what a `fork.proven` states; null where that proves nothing. */
export function doubtFrom(net: NetworkId, { log, by, authority }: Signatory, x: ProvenX): number | null {
  const origin = originOf(net, by, log);
  const [first, second] = x.checkpoints.map(({ size, root, signature }) => {
    const signed = bytesOf(signature);
    return formatNote({
      text: formatCheckpointText({ origin, size, root: bytesOf(root) }),
      signatures: [
        { name: origin, id: signed.subarray(0, idBytes).toHex(), signature: signed.subarray(idBytes) },
      ],
    });
  });
  if (x.log !== log) return null;
  const proof: ForkProof = {
    notes: [first, second] as [string, string],
    consistency: x.consistency.map(bytesOf),
  };
  const opened = openFork(proof, { origin, keysAt: authority.keysAt });
  return opened.ok ? opened.fork.from : null;
}

/** Of texts that passed the event's schema. */
const bytesOf = (text: string): Uint8Array => fromB64u(text) as Uint8Array;
