/** Texts: given out only as they hash to their header, kept only when they do. */

import type { MissingPayloadsReply, PayloadAnswer } from "@handfast/api/messages/ledger";
import type { StoredPayload } from "@handfast/node-store/node-store";
import { fromB64u, toB64u } from "@handfast/protocol/bytes";
import type { Header } from "@handfast/protocol/header";
import { type Ref, refOf, splitRef } from "@handfast/protocol/ids";
import { commitmentTo } from "@handfast/protocol/payload";
import type { Held } from "./held.ts";
import type { Rounds } from "./rounds.ts";
import type { Stores } from "./stores.ts";

/** A reply of this many bytes of text still fits into one message. */
const replyBytes = 700_000;

export type GivenPayload = { readonly ref: Ref; readonly salt: string; readonly body: string };

/** Answers for as many refs, from the first on, as fit into one message; at least one. */
export async function readPayloads(stores: Stores, refs: readonly Ref[]): Promise<PayloadAnswer[]> {
  const answers: PayloadAnswer[] = [];
  let bytes = 0;
  for (const ref of refs) {
    const answer = await readPayload(stores, ref);
    bytes += "body" in answer ? answer.body.length : 0;
    if (bytes > replyBytes && answers.length > 0) break;
    answers.push(answer);
  }
  return answers;
}

async function readPayload(stores: Stores, ref: Ref): Promise<PayloadAnswer> {
  const promised = await promisedPayload(stores, ref);
  if (promised === null) return { ref, state: "unknown" };
  const kept = stores.node.payload(splitRef(ref));
  // What the disk spoilt is not held: a peer may still have it.
  if (kept === null || !matches(promised, kept)) return { ref, state: "not-held" };
  return { ref, salt: toB64u(kept.salt), body: toB64u(kept.body) };
}

/** Keeps those of admitted partners that hash to their entry's header; names these, and those that do not hash to it. */
export async function keepPayloads(
  stores: Stores,
  rounds: Pick<Rounds, "exclusively" | "held">,
  given: readonly GivenPayload[],
): Promise<{ readonly kept: readonly Ref[]; readonly refused: readonly Ref[] }> {
  const refused: Ref[] = [];
  const kept: (StoredPayload & { log: string; seq: number })[] = [];
  for (const { ref, salt, body } of given) {
    const by = rounds.held.replica.logs.get(splitRef(ref).log)?.by;
    // Not now: who is not admitted yet may be later, and is asked for its texts then.
    if (by !== undefined && !rounds.held.standing.isAdmitted(by)) continue;
    const promised = await promisedPayload(stores, ref);
    const payload = { salt: fromB64u(salt) ?? new Uint8Array(), body: fromB64u(body) ?? new Uint8Array() };
    if (promised !== null && payload.salt.length === 32 && matches(promised, payload))
      kept.push({ ...splitRef(ref), ...payload });
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
  const refs: Ref[] = [];
  for (let next = after; ; ) {
    const page = node.lackingPayloads(next, lackingAtOnce);
    for (const { log, seq, position } of page) {
      next = position;
      const by = replica.logs.get(log)?.by;
      if (by !== undefined && standing.isAdmitted(by)) refs.push(refOf(log, seq));
      if (refs.length === limit) return { refs, next };
    }
    if (page.length < lackingAtOnce) return { refs, next: null };
  }
}

/** What the entry's header says of its payload; null without entry or payload. */
async function promisedPayload({ logs }: Stores, ref: Ref): Promise<Header["payload"]> {
  const { log, seq } = splitRef(ref);
  const [header] = await logs.read(log, seq, seq + 1);
  return header === undefined ? null : (JSON.parse(new TextDecoder().decode(header)) as Header).payload;
}

function matches(promised: NonNullable<Header["payload"]>, payload: StoredPayload): boolean {
  const found = commitmentTo(payload);
  return found.hash === promised.hash && found.size === promised.size;
}
