/** What people are told once an act is done: the thing and the entry by their ids, how it stands now, and what a handoff took along. */
import type { Done } from "@handfast/api/views/answers";
import type { ChallengeView } from "@handfast/api/views/challenge";
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { EventView } from "@handfast/api/views/event";
import type { InitiativeView } from "@handfast/api/views/initiative";
import { unpin } from "@handfast/protocol/ids";
import { counted } from "@handfast/service-kit/progress";
import type { NodeApi, Thing } from "./node-api.ts";
import { type Line, type Section, sheet } from "./sheet.ts";
import { titleOf } from "./thing-kind.ts";
import { type Noun, things } from "./things.ts";

/** @param reply What the node answered: the thing as it is now, or its id alone where the node's view of it is not here yet. */
export function actAnswer(noun: Noun, verb: string, reply: Thing, more: readonly Section[] = []): string {
  const { id, ref, refs, readModel, waived } = reply as unknown as Done;
  const made = noun === "challenge" ? commitmentAmong(reply, refs.map(unpin)) : null;
  const others = refs.map(unpin).filter((entry) => entry !== ref && entry !== made);
  const isHere = readModel === "current";
  const title = isHere ? titleOf(reply as unknown as Parameters<typeof titleOf>[0]) : null;
  return sheet(
    `Done: ${verb}${title === null ? "" : ` "${title}"`}`,
    [
      [noun, id],
      ["entry", ref],
      ["commitment", made],
      ["further entries", others.join(", ")],
      ["waived", waived === undefined ? null : `${waived}: it is imported`],
      ...(isHere
        ? [...proposed(noun, ref, reply), ...things[noun].standing(reply)]
        : ([["note", "stored; this node does not show it yet"]] as const)),
    ],
    more,
  );
}

/** The commitment that an acceptance of help made. */
const commitmentAmong = (reply: Thing, entries: readonly string[]): string | null =>
  (reply as Partial<ChallengeView>).offers?.find(({ commitment = "" }) => entries.includes(commitment))
    ?.commitment ?? null;

/** What was said beside the terms that bind: the day, and whose answer it waits for. */
function proposed(noun: Noun, ref: string, reply: Thing): readonly Line[] {
  if (noun !== "commitment") return [];
  const said = (reply as unknown as CommitmentView).terms.find(
    ({ terms, kind }) => kind === "revision" && unpin(terms) === ref,
  );
  if (said === undefined || said.standing === "bound") return [];
  return [
    ["proposed", `due ${said.due}`],
    ["waits for", said.unsigned.map(({ name }) => name).join("; ")],
  ];
}

const openStates: ReadonlySet<CommitmentView["state"]> = new Set(["active", "claimed", "disputed"]);

/** What a lead's handoff may take along: the open pledges its giver made as lead. */
export type Pledges = {
  readonly giver: string;
  readonly position: number;
  readonly open: readonly CommitmentView[];
};

/** To be asked before the acceptance. */
export async function pledgesToCarry(node: NodeApi, initiative: string): Promise<Pledges> {
  const [{ position }, found, all] = await Promise.all([
    node.node(),
    node.read(`/v1/initiatives/${encodeURIComponent(initiative)}`, {}),
    node.list("/v1/commitments", { initiative }),
  ]);
  const { lead, term } = found as unknown as InitiativeView;
  const open = (all as unknown as readonly CommitmentView[]).filter(
    ({ asLeadOf, debtor, state }) =>
      asLeadOf?.initiative === initiative &&
      asLeadOf.term === term &&
      debtor.id === lead?.id &&
      openStates.has(state),
  );
  return { giver: lead?.name ?? "nobody", position, open };
}

/** After the acceptance: which of them were taken over, and which stay with the giver. */
export async function carriedSections(
  node: NodeApi,
  { giver, position, open }: Pledges,
): Promise<readonly Section[]> {
  const { partner } = await node.node();
  const taken = (await node.list("/v1/events", {
    after: String(position),
    type: "commitment.carry-accepted",
    by: partner,
  })) as unknown as readonly EventView[];
  const ids = new Set(taken.map(({ subject }) => subject));
  const line = (view: CommitmentView) =>
    `${view.id}  ${view.state}, due ${view.due}  ${titleOf(view) ?? "(no title)"}`;
  const carried = open.filter(({ id }) => ids.has(id));
  const stayed = open.filter(({ id }) => !ids.has(id));
  return [
    {
      head: `You take over ${counted(carried.length, "commitment")} once ${giver}'s node has passed the lead on`,
      lines: carried.length === 0 ? ["none"] : carried.map(line),
    },
    {
      head: `${counted(stayed.length, "commitment")} made as lead ${stayed.length === 1 ? "stays" : "stay"} with ${giver}`,
      lines: stayed.map(line),
    },
  ];
}
