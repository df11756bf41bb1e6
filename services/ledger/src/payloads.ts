/** Texts: given out only as they hash to their header, kept only when they do. */

import type { EntryName, MissingPayloadsReply, PayloadAnswer } from "@handfast/api/messages/ledger";
import type { Place, StoredPayload } from "@handfast/node-store/node-store";
import { fromB64u, toB64u } from "@handfast/protocol/bytes";
import type { Header } from "@handfast/protocol/header";
import { hashOf, type LineId, type LineRef, pin, refOf, splitRef } from "@handfast/protocol/ids";
import { commitmentTo } from "@handfast/protocol/payload";
import type { Replica } from "@handfast/replica/replica";
import type { Held } from "./held.ts";
import { replyBytes } from "./reply-bytes.ts";
import type { Rounds } from "./rounds.ts";
import type { Stores } from "./stores.ts";

export type GivenPayload = { readonly ref: EntryName; readonly salt: string; readonly body: string };

/** Answers for as many refs, from the first on, as fit into one message; at least one. */
export async function readPayloads(
  stores: Stores,
  replica: Replica,
  refs: readonly EntryName[],
  damaged: { found(ref: LineRef): void },
): Promise<PayloadAnswer[]> {
  const answers: PayloadAnswer[] = [];
  let bytes = 0;
  for (const ref of refs) {
    const answer = await readPayload(stores, replica, ref, damaged);
    bytes += "body" in answer ? answer.body.length : 0;
    if (bytes > replyBytes && answers.length > 0) break;
    answers.push(answer);
  }
  return answers;
}

/** Where an entry stands here that is named by a ref of this node's, or, where that says more, by a pinned one. */
function placeOf({ lines }: Replica, name: EntryName): Place {
  const { log, seq } = splitRef(name);
  const line = name.includes("@") ? lines.holding(log, seq, hashOf(name))?.line : undefined;
  return { log: line ?? log, seq };
}

/** How peers name an entry: only on a branch its place alone does not say which. */
function outwardName({ logs }: Replica, line: LineId, seq: number): EntryName {
  const known = logs.get(line);
  return known === undefined || known.base === null
    ? refOf(line, seq)
    : pin(refOf(known.log, seq), toB64u(known.tree.leaf(seq)));
}

async function readPayload(
  stores: Stores,
  replica: Replica,
  ref: EntryName,
  damaged: { found(ref: LineRef): void },
): Promise<PayloadAnswer> {
  const place = placeOf(replica, ref);
  const promised = await promisedPayload(stores, place);
  if (promised === null) return { ref, state: "unknown" };
  const kept = stores.node.payload(place);
  // What the disk spoilt is not held: a peer may still have it.
  if (kept !== null && !isAsPromised(promised, kept)) damaged.found(refOf(place.log, place.seq));
  if (kept === null || !isAsPromised(promised, kept)) return { ref, state: "not-held" };
  return { ref, salt: toB64u(kept.salt), body: toB64u(kept.body) };
}

/** Keeps those of admitted partners that hash to their entry's header; names these, and those that do not hash to it. */
export async function keepPayloads(
  stores: Stores,
  rounds: Pick<Rounds, "exclusively" | "held">,
  given: readonly GivenPayload[],
): Promise<{ readonly kept: readonly LineRef[]; readonly refused: readonly EntryName[] }> {
  const refused: EntryName[] = [];
  const kept: (StoredPayload & { log: string; seq: number })[] = [];
  for (const { ref, salt, body } of given) {
    const place = placeOf(rounds.held.replica, ref);
    const by = rounds.held.replica.logs.get(place.log)?.by;
    // Not now: who is not admitted yet may be later, and is asked for its texts then.
    if (by !== undefined && !rounds.held.standing.isAdmitted(by)) continue;
    const promised = await promisedPayload(stores, place);
    const payload = { salt: fromB64u(salt) ?? new Uint8Array(), body: fromB64u(body) ?? new Uint8Array() };
    if (promised !== null && payload.salt.length === 32 && isAsPromised(promised, payload))
      kept.push({ ...place, ...payload });
    else refused.push(ref);
  }
  if (kept.length > 0) await rounds.exclusively(() => stores.node.keepPayloads(kept));
  return { kept: kept.map(({ log, seq }) => refOf(log, seq)), refused };
}

const lackingAtOnce = 256;

/** Texts that this node may have and lacks, above a position: those of founders and admitted partners. */
export function lackingPayloads(
  { node }: Stores,
  { standing, replica }: Held,
  { after, limit }: { readonly after: number; readonly limit: number },
): MissingPayloadsReply {
  const refs: EntryName[] = [];
  for (let next = after; ; ) {
    const page = node.lackingPayloads(next, lackingAtOnce);
    for (const { log, seq, position } of page) {
      next = position;
      const by = replica.logs.get(log)?.by;
      if (by !== undefined && standing.isAdmitted(by)) refs.push(outwardName(replica, log, seq));
      if (refs.length === limit) return { refs, next };
    }
    if (page.length < lackingAtOnce) return { refs, next: null };
  }
}

/** What the entry's header says of its payload; null without entry or payload. */
async function promisedPayload({ logs }: Stores, { log, seq }: Place): Promise<Header["payload"]> {
  const [header] = await logs.read(log, seq, seq + 1);
  return header === undefined ? null : (JSON.parse(new TextDecoder().decode(header)) as Header).payload;
}

/** Whether a text is the one that its header commits to. A row whose very form the disk has changed has no bytes. */
export function isAsPromised(promised: NonNullable<Header["payload"]>, payload: StoredPayload): boolean {
  const { salt, body } = payload;
  if (!(salt instanceof Uint8Array && body instanceof Uint8Array)) return false;
  const found = commitmentTo(payload);
  return found.hash === promised.hash && found.size === promised.size;
}
