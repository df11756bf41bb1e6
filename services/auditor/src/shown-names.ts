/**
 * Names for people (fold.md section 8): of partners whose names look alike, the one that bore its name first is told by it, the
 * others by `#` and the end of their ids besides. Names are those of the whole bundle, ranks those inside the cut.
 */
import type { Book } from "./fold/book.ts";
import { isAside, isValid } from "./fold/book.ts";
import type { Entry, Held } from "./held.ts";
import { isDeceptive, skeletonOf } from "./look-alike.ts";

type Bearer = { readonly id: string; readonly name: string; readonly rank: readonly number[] };

/** Lower ranks first. After the fold of the network. */
export function partnerNames(held: Held, book: Book): (partner: string) => string {
  const logsOf = Map.groupBy(
    held.logs.filter(({ opened }) => opened !== undefined),
    ({ by }) => by,
  );
  const attested = new Map<string, Entry>();
  const sponsored = new Map<string, Entry>();
  for (const entry of book.network) {
    if (!isValid(book.verdicts[entry.index])) continue;
    const root = entry.x["root"] as string;
    const isAttested = entry.type === "charter.attested" && !isAside(book.verdicts[entry.index]);
    if (isAttested && !attested.has(entry.by)) attested.set(entry.by, entry);
    if (entry.type === "member.sponsored" && !sponsored.has(root)) sponsored.set(root, entry);
  }
  const placeInOrder = new Map([...book.network].map(({ index }, place) => [index, place]));
  const byId = [...logsOf.keys()].sort();

  const bearers = byId.map((id): Bearer => {
    const logs = (logsOf.get(id) ?? []).toSorted((a, b) =>
      book.past.isVisitedBefore(a.base, b.base) ? -1 : 1,
    );
    const names = logs.map(({ opened }) => opened?.name as string);
    const name = names.at(-1) as string;
    const admitted = attested.get(id);
    const sponsorship = sponsored.get(id);
    const firstLog = admitted === undefined ? sponsorship?.x["log"] : held.logs[admitted.log]?.log;
    const first = names[logs.findIndex(({ log }) => log === firstLog)] ?? (names[0] as string);
    const hasChanged = skeletonOf(first) === skeletonOf(name) ? 0 : 1;
    const founder = held.founders.includes(id);
    const place = placeInOrder.get((admitted ?? sponsorship)?.index ?? -1) ?? 0;
    if (founder) return { id, name, rank: [0, hasChanged, 0, byId.indexOf(id)] };
    if (admitted !== undefined) return { id, name, rank: [0, hasChanged, 1, place] };
    if (sponsorship !== undefined) return { id, name, rank: [1, hasChanged, 1, place] };
    return { id, name, rank: [2, hasChanged, 0, byId.indexOf(id)] };
  });

  const shown = new Map<string, string>();
  for (const alike of Map.groupBy(bearers, ({ name }) => skeletonOf(name)).values()) {
    alike.sort((a, b) => compareRanks(a.rank, b.rank));
    for (const [index, { id, name }] of alike.entries()) {
      const isShared = alike.some((other) => other.id !== id && other.id.endsWith(id.slice(-6)));
      const handle = isShared ? id : id.slice(-6);
      shown.set(id, index === 0 && !isDeceptive(name) ? name : `${name}#${handle}`);
    }
  }
  return (partner) => shown.get(partner) ?? partner;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] as number) - (b[differing] as number);
}
