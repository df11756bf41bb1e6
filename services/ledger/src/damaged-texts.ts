/**
 * Texts that the disk has spoilt: an entry's header says what its text hashes to, so a text that does not is damage, and no peer's
 * lie. It is found when it is read, or by the scrub; it then counts as lacking, is asked of peers that hold it, and is replaced by what
 * they give. Until then the node says how many there are.
 */
import type { Header } from "@handfast/protocol/header";
import { type LineRef, refOf, splitRef } from "@handfast/protocol/ids";
import type { Events } from "./events.ts";
import { isStoppedWithin } from "./pause.ts";
import { isAsPromised } from "./payloads.ts";
import type { Rounds } from "./rounds.ts";
import type { Stores } from "./stores.ts";

export interface DamagedTexts {
  /** A kept text does not hash to its header. Said once a text. */
  found(ref: LineRef): void;
  /** These were kept anew. */
  mended(refs: readonly LineRef[]): void;
  /** How many were found since the start and not mended yet. */
  readonly count: number;
}

export function createDamagedTexts(
  { node }: Pick<Stores, "node">,
  rounds: Pick<Rounds, "exclusively">,
  say: Pick<Events, "textDamaged" | "textMended">,
): DamagedTexts {
  const damaged = new Set<LineRef>();
  return {
    found: (ref) => {
      if (damaged.has(ref)) return;
      damaged.add(ref);
      say.textDamaged(ref);
      // A disk that has no room for a row will be told again by the next reading.
      rounds.exclusively(() => node.wantPayload(splitRef(ref))).catch(() => damaged.delete(ref));
    },
    mended: (refs) => {
      for (const ref of refs) if (damaged.delete(ref)) say.textMended(ref);
    },
    get count() {
      return damaged.size;
    },
  };
}

const entriesAtOnce = 256;
const betweenPagesMs = 20;
const betweenRoundsMs = 24 * 3_600_000;

/** Reads every kept text again, beside everything else, round and round until it is stopped. */
export async function scrubTexts(
  stores: Stores,
  damaged: Pick<DamagedTexts, "found">,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    for (const { log, branch } of stores.node.logs()) {
      const size = await stores.logs.size(log);
      for (let from = branch?.size ?? 0; from < size; from += entriesAtOnce) {
        if (await isStoppedWithin(betweenPagesMs, signal)) return;
        await verifyTexts(stores, log, from, damaged);
      }
    }
    if (await isStoppedWithin(betweenRoundsMs, signal)) return;
  }
}

/** Compares the kept texts of up to 256 entries with their headers. */
export async function verifyTexts(
  { logs, node }: Stores,
  log: string,
  from: number,
  damaged: Pick<DamagedTexts, "found">,
): Promise<void> {
  const headers = await logs.read(log, from, from + entriesAtOnce);
  for (const [index, bytes] of headers.entries()) {
    const { payload } = JSON.parse(new TextDecoder().decode(bytes)) as Header;
    if (payload === null) continue;
    const kept = node.payload({ log, seq: from + index });
    if (kept !== null && !isAsPromised(payload, kept)) damaged.found(refOf(log, from + index));
  }
}
