/** What an import knows of its node: initiatives and pledges by their external ids, what was said before, and what arrives. */
import type { CommandName } from "@handfast/api/verbs";
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { EventView } from "@handfast/api/views/event";
import type { InitiativeView } from "@handfast/api/views/initiative";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Said, SeenInitiative } from "../history/import-node.ts";

type Known = {
  readonly id: Ref;
  seen: SeenInitiative;
  /** Something was said of its lead since. */
  isStale: boolean;
};
type Waiting = { readonly hears: (isNews: boolean) => void; readonly fails: (cause: unknown) => void };
export type Mirror = ReturnType<typeof createMirror>;

export function createMirror(
  self: { readonly id: PartnerId; readonly name: string },
  externalIds: ReadonlySet<string>,
) {
  const byExternalId = new Map<string, Known>();
  const externalIdOf = new Map<Ref, string>();
  const pledges = new Map<string, Set<Ref>>();
  const initiativeOf = new Map<Ref, Ref>();
  const saidBefore = new Map<string, Said[]>();
  const waiting = new Map<string, Set<Waiting>>();
  /** Initiatives about which something arrived since they were last asked for. */
  const fresh = new Set<string>();
  let lastArrivalAt = performance.now();
  let fault: { readonly cause: unknown } | null = null;

  const tell = (externalId: string): void => {
    fresh.add(externalId);
    for (const one of waiting.get(externalId) ?? []) one.hears(true);
  };
  const add = (externalId: string, seen: SeenInitiative): void => {
    // Where several share the id, the first made is meant.
    if (byExternalId.has(externalId)) return;
    byExternalId.set(externalId, { id: seen.id, seen, isStale: false });
    externalIdOf.set(seen.id, externalId);
    tell(externalId);
  };
  const addPledge = (initiative: Ref, externalId: string, pledge: Ref): void => {
    const key = `${initiative} ${externalId}`;
    const made = pledges.get(key) ?? new Set();
    pledges.set(key, made.add(pledge));
    initiativeOf.set(pledge, initiative);
  };
  /** Initiatives of whose lead, or of what goes along with it, an event says something: a handoff, or the end of a membership. */
  const ledAnew = (type: string, subject: Ref): readonly string[] => {
    if (type === "member.left") return [...externalIdOf.values()];
    const initiative = type === "commitment.carried" ? initiativeOf.get(subject) : subject;
    const isOfLead = type.startsWith("handoff.") || type === "commitment.carried";
    const externalId = isOfLead && initiative !== undefined ? externalIdOf.get(initiative) : undefined;
    return externalId === undefined ? [] : [externalId];
  };

  return {
    self: self.id,
    /** Nothing here bears an id of the file. */
    get isEmpty() {
      return byExternalId.size === 0;
    },
    initiative(externalId: string): Pick<Known, "isStale"> & { id: Ref | null; seen: SeenInitiative | null } {
      fresh.delete(externalId);
      const known = byExternalId.get(externalId);
      if (known === undefined) return { id: null, seen: null, isStale: false };
      const { isStale } = known;
      // The caller asks the node; what arrives while it does makes it stale anew.
      known.isStale = false;
      return { ...known, isStale };
    },
    pledges: (initiative: Ref, externalId: string): readonly Ref[] => [
      ...(pledges.get(`${initiative} ${externalId}`) ?? []),
    ],

    /** As the node shows it now. */
    show(view: InitiativeView): void {
      const { externalId, id } = view;
      if (externalId === undefined || !externalIds.has(externalId)) return;
      const known = byExternalId.get(externalId);
      if (known === undefined) add(externalId, seenIn(view));
      else if (known.id === id) known.seen = seenIn(view);
    },
    showPledge({ id, kind, externalId, initiative }: CommitmentView): void {
      if (kind !== "pledge" || externalId === undefined || initiative === undefined) return;
      if (externalIds.has(externalId)) addPledge(initiative, externalId, id);
    },
    /** An entry of this partner's own, from before the import. */
    said({ type, subject, x, body, effect }: EventView): void {
      const key = saidKey(type, String(x["externalId"]), Number(x["occurredAt"]));
      if (effect === "none" || !externalIds.has(String(x["externalId"]))) return;
      const before = saidBefore.get(key) ?? [];
      before.push({ subject, says: { ...body, ...x } });
      saidBefore.set(key, before);
    },
    takeSaid: (type: string, externalId: string, occurredAt: number): Said | null =>
      saidBefore.get(saidKey(type, externalId, occurredAt))?.shift() ?? null,

    /** What a command of this import has done is known before its event arrives. */
    acted(name: CommandName, id: Ref, body: Readonly<Record<string, unknown>>): void {
      const externalId = String(body["externalId"]);
      if (name === "initiative.propose") add(externalId, { id, term: 1, lead: self.name, offeredTo: [] });
      if (name === "commitment.pledge") {
        const [initiative] = body["beneficiaries"] as readonly Ref[];
        if (initiative !== undefined) addPledge(initiative, externalId, id);
      }
    },
    arrived({ type, subject, x, by, effect }: EventView): void {
      lastArrivalAt = performance.now();
      const externalId = String(x["externalId"]);
      if (type === "initiative.proposed" && effect !== "none" && externalIds.has(externalId))
        add(externalId, { id: subject, term: 1, lead: x["seat"] === "open" ? null : by.name, offeredTo: [] });
      if (type === "commitment.pledged" && effect !== "none" && externalIds.has(externalId)) {
        for (const to of x["beneficiaries"] as readonly string[])
          if (externalIdOf.has(to)) addPledge(to, externalId, subject);
      }
      for (const changed of ledAnew(type, subject)) {
        const known = byExternalId.get(changed);
        if (known !== undefined) known.isStale = true;
        tell(changed);
      }
    },
    failed(cause: unknown): void {
      fault = { cause };
      for (const all of waiting.values()) for (const one of all) one.fails(cause);
    },

    async news(externalId: string, quietMs: number): Promise<boolean> {
      if (fault !== null) throw fault.cause;
      if (fresh.delete(externalId)) return true;
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      const one: Waiting = { hears: resolve, fails: reject };
      const all = waiting.get(externalId) ?? new Set();
      waiting.set(externalId, all.add(one));
      // A slow network is not a silent one: the limit begins anew with everything that arrives.
      let timer: NodeJS.Timeout;
      const look = (): void => {
        const leftMs = lastArrivalAt + quietMs - performance.now();
        if (leftMs <= 0) resolve(false);
        else timer = setTimeout(look, leftMs);
      };
      timer = setTimeout(look, quietMs);
      return promise.finally(() => {
        clearTimeout(timer);
        all.delete(one);
      });
    },
  };
}

export const seenIn = ({ id, term, lead, handoffs }: InitiativeView): SeenInitiative => ({
  id,
  term,
  lead: lead?.name ?? null,
  offeredTo: handoffs.filter((one) => one.term === term && one.state === "offered").map((one) => one.to.name),
});

const saidKey = (type: string, externalId: string, occurredAt: number): string =>
  `${type} ${occurredAt} ${externalId}`;
