/**
 * Names as people see them (docs/reference/fold.md section 8). Nobody can take away the name that another bears: of partners whose
 * names look alike only the one that bore it first is shown with the bare name, all others with `#` and the end of their ids.
 * Only entries decide, so every node that holds the same shows the same.
 */
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { isDeceptive, skeletonOf } from "@handfast/protocol/look-alike";
import type { Cut } from "../cut.ts";
import { compareFacts, compareText, type Fact } from "../fact.ts";

/** What a partner is called, and what it was called when it was admitted. */
type Bearer = {
  readonly id: PartnerId;
  readonly name: string;
  readonly skeleton: string;
  readonly place: Place;
};

/** Founders, then members by their first attestation, then those who were sponsored, then all others. */
type Place = {
  readonly rank: "founder" | "admitted" | "sponsored" | "heard of";
  /** A partner that changed its name stands behind those of its rank, founders and admitted being one, that did not. */
  readonly hasChanged: boolean;
  readonly fact: Fact | null;
};
const ranks = { founder: 0, admitted: 0, sponsored: 1, "heard of": 2 } as const;

/** By partner, of all whose opened log is inside the cut. */
export function shownNames(
  cut: Pick<Cut, "network" | "charter" | "factsOf" | "membership">,
): ReadonlyMap<PartnerId, string> {
  const bearers = bearersIn(cut);
  const shown = new Map<PartnerId, string>();
  for (const alike of Map.groupBy(bearers, ({ skeleton }) => skeleton).values()) {
    const [first, ...others] = alike.sort(comparePlaces);
    if (first === undefined) continue;
    const withHandle = isDeceptive(first.name) ? [first, ...others] : others;
    if (withHandle === others) shown.set(first.id, first.name);
    const ends = Map.groupBy(alike, ({ id }) => endOf(id));
    for (const { id, name } of withHandle) {
      const end = (ends.get(endOf(id))?.length ?? 0) > 1 ? id : endOf(id);
      shown.set(id, `${name}#${end}`);
    }
  }
  return shown;
}

const endOf = (id: PartnerId): string => id.slice(-6);

function bearersIn({ network, charter, factsOf, membership }: Parameters<typeof shownNames>[0]): Bearer[] {
  const names = new Map<PartnerId, Map<LogId, string>>();
  for (const { by, log, told } of factsOf(network)) {
    if (!told.ok || told.event.type !== "log.opened") continue;
    names.set(by, (names.get(by) ?? new Map()).set(log, told.event.x.name));
  }
  const admissions = [...membership.admissions.values()].sort((a, b) =>
    compareFacts(a.sponsorship, b.sponsorship),
  );
  const sponsored = new Map(admissions.toReversed().map((admission) => [admission.root, admission]));
  return [...names].map(([id, byLog]): Bearer => {
    const name = [...byLog.values()].at(-1) as string;
    const skeleton = skeletonOf(name);
    const attested = membership
      .actsOf(id)
      .find(({ told }) => told.ok && told.event.type === "charter.attested");
    const admission = sponsored.get(id);
    const firstLog = attested?.log ?? admission?.log;
    const firstName = (firstLog === undefined ? undefined : byLog.get(firstLog)) ?? [...byLog.values()][0];
    const rank = charter.founders.includes(id)
      ? "founder"
      : attested !== undefined
        ? "admitted"
        : admission !== undefined
          ? "sponsored"
          : "heard of";
    const fact = rank === "admitted" ? attested : rank === "sponsored" ? admission?.sponsorship : undefined;
    const hasChanged = skeletonOf(firstName as string) !== skeleton;
    return { id, name, skeleton, place: { rank, hasChanged, fact: fact ?? null } };
  });
}

function comparePlaces(a: Bearer, b: Bearer): number {
  const byRank = ranks[a.place.rank] - ranks[b.place.rank];
  if (byRank !== 0) return byRank;
  const byChange = Number(a.place.hasChanged) - Number(b.place.hasChanged);
  if (byChange !== 0) return byChange;
  if (a.place.fact === null || b.place.fact === null)
    return Number(a.place.fact !== null) - Number(b.place.fact !== null) || compareText(a.id, b.id);
  return compareFacts(a.place.fact, b.place.fact);
}
