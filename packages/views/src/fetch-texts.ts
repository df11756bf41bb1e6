/** Fetching from the ledger what people wrote in a page of entries: as few questions as fit on the bus. */
import type { LedgerEntry, PayloadAnswer } from "@handfast/api/messages/ledger";
import type { Logger } from "@handfast/bus/logger";
import type { Header } from "@handfast/protocol/header";
import { type Ref, refOf } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";

type Wanted = { readonly ref: Ref; readonly bytes: number };

/** Of texts asked for at once: quoted as JSON they still fit into one message. */
const askedBytes = 384 * 1_024;

/** Entries of a page that have texts. */
export const withTexts = (entries: readonly LedgerEntry[]): readonly Wanted[] =>
  entries.flatMap(({ header: text }) => {
    // Most have none, and reading a header costs more than looking for the member.
    if (!text.includes('"payload":{')) return [];
    const header = JSON.parse(text) as Header;
    return header.payload === null
      ? []
      : [{ ref: refOf(header.log, header.seq), bytes: header.payload.size }];
  });

/** Resolves in any case: texts that cannot be fetched now are asked for again later. */
export async function fetchTexts(
  ledger: Pick<LedgerClient, "payloads">,
  wanted: readonly Wanted[],
  logger?: Logger,
): Promise<readonly PayloadAnswer[]> {
  const answers: PayloadAnswer[] = [];
  try {
    for (const refs of portions(wanted)) {
      // The ledger answers for as many as fit into one message, from the first on.
      for (let rest = refs; rest.length > 0; ) {
        const { payloads } = await ledger.payloads({ refs: rest });
        if (payloads.length === 0) throw new Error("the ledger answered for none of them");
        answers.push(...payloads);
        rest = rest.slice(payloads.length);
      }
    }
  } catch (err) {
    logger?.warn({ event: "views.texts-not-fetched", count: wanted.length - answers.length, err });
  }
  return answers;
}

/** Refs in portions that fit into one question and its answer into one message. */
function* portions(wanted: readonly Wanted[]): Generator<Ref[]> {
  let portion: Ref[] = [];
  let bytes = 0;
  for (const { ref, bytes: own } of wanted) {
    if (portion.length > 0 && (portion.length >= limits.payloadRefs || bytes + own > askedBytes)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(ref);
    bytes += own;
  }
  if (portion.length > 0) yield portion;
}
