/**
 * Which entry a header means by `log.seq` where the author of that log signed several histories: the one in the naming entry's
 * past. Where more than one is, the one that came first into the past of the naming author's own log; otherwise a liar could
 * take a thing away from a partner by having a twin of it relied on elsewhere. A function of pasts alone, the same for everyone.
 */

import type { Header } from "@handfast/protocol/header";
import { hashOf, isRef, type LineId, type LineRef, refOf, splitRef } from "@handfast/protocol/ids";
import { mapRefs } from "@handfast/protocol/refs";
import type { HeldLog } from "./held-log.ts";
import type { Lines } from "./lines.ts";
import type { Past, Pasts } from "./pasts.ts";

/** The entry that names others: its past, and those of the entries before it in its log. */
export type Naming = {
  readonly seq: number;
  /** The past of the entry at this place of the same log, up to `seq`. */
  readonly pastAt: (seq: number) => Past;
};

/** By ref as it is written, the entry it means; null where it means two. */
export type Names = { readonly [ref: string]: LineRef | null };

/** A held entry as one that names others. */
export const namingOf = (
  line: HeldLog,
  seq: number,
  { lines, pasts }: { lines: Lines; pasts: Pasts },
): Naming => ({
  seq,
  pastAt: (place) => pasts.of(lines.lineAt(line, place).line, place),
});

/** What a header's subject and `x` name that does not stand on the first line of its log; null where there is nothing of it. */
export function namesIn(
  { type, subject, x }: Pick<Header, "type" | "subject" | "x">,
  naming: Naming,
  lines: Lines,
): Names | null {
  const found: { [ref: string]: LineRef | null } = {};
  const look = (text: string): string => {
    if (isRef(text) && lines.isForked(splitRef(text).log)) {
      const meant = meaningOf(text, naming, lines);
      if (meant === "ambiguous") found[text] = null;
      else if (meant !== null && meant !== splitRef(text).log) found[text] = refOf(meant, splitRef(text).seq);
    }
    return text;
  };
  if (subject !== null) look(subject);
  mapRefs(type, x as Parameters<typeof mapRefs>[1], look);
  return Object.keys(found).length === 0 ? null : found;
}

/** The line of the entry that a ref or pinned ref means; null where none is in the past, or none has that hash. */
export function meaningOf(ref: string, { seq, pastAt }: Naming, lines: Lines): LineId | "ambiguous" | null {
  const place = splitRef(ref);
  if (ref.includes("@")) return lines.holding(place.log, place.seq, hashOf(ref))?.line ?? null;
  const past = pastAt(seq);
  const known = lines
    .of(place.log)
    .filter((line) => lines.lineAt(line, place.seq) === line && past(line.line) >= place.seq);
  if (known.length < 2) return known[0]?.line ?? null;
  const since = known.map((line) => firstKnowing(line.line, place.seq, seq, pastAt));
  const first = Math.min(...since);
  return since.filter((each) => each === first).length > 1
    ? "ambiguous"
    : (known[since.indexOf(first)] as HeldLog).line;
}

/** The first entry, up to `last`, in whose past an entry is that is in the past of the last one: pasts only grow. */
function firstKnowing(line: LineId, seq: number, last: number, pastAt: Naming["pastAt"]): number {
  let [unknown, known] = [-1, last];
  while (known - unknown > 1) {
    const middle = unknown + Math.floor((known - unknown) / 2);
    if (pastAt(middle)(line) >= seq) known = middle;
    else unknown = middle;
  }
  return known;
}
