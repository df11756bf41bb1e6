/**
 * Performs one act of a plan: waits for what it presumes, says it, unless an earlier import did. Each act has an idempotency
 * key made from its fact, so that an import that was killed is simply run again.
 */
import { type CommandBody, type CommandName, maxCarried } from "@handfast/api/verbs";
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { ImportOptions } from "./import.ts";
import { type ImportNode, ImportRefused, type SeenInitiative } from "./import-node.ts";
import type { Act } from "./plan.ts";
import type { Slots } from "./slots.ts";

export type Performed = {
  /** Something was said that had not been said before. */
  readonly isNew: boolean;
  /** How what is recorded differs from what the file says, in words. */
  readonly differences: readonly string[];
};

type Tally = { isNew: boolean; readonly differences: string[] };

/** The entry that each command of an import writes. */
const entries = {
  "initiative.propose": "initiative.proposed",
  "initiative.join": "initiative.joined",
  "initiative.leave": "initiative.left",
  "initiative.note-status": "initiative.status-noted",
  "initiative.adopt": "initiative.adopted",
  "initiative.pause": "initiative.paused",
  "initiative.resume": "initiative.resumed",
  "initiative.complete": "initiative.completed",
  "initiative.offer-handoff": "handoff.offered",
  "initiative.accept-handoff": "handoff.accepted",
  "commitment.pledge": "commitment.pledged",
  "commitment.propose-revision": "commitment.revision-proposed",
  "commitment.withdraw": "commitment.withdrawn",
  "commitment.claim": "commitment.claimed",
} as const satisfies Partial<Record<CommandName, EventName>>;
type ImportCommand = keyof typeof entries;

/** What the node says of a pledge that another partner still owes. */
const notOurs: ReadonlySet<string> = new Set(["not-a-party", "not-the-debtor"]);

/** Members in which a fact may differ from what an earlier import wrote of it. */
const comparable = ["title", "due", "externalStatus", "to"];

export function createPerformer(node: ImportNode, options: ImportOptions, slots: Slots) {
  /** Initiatives for which another node's act never came, with the line it was given up at: what follows would wait in vain. */
  const missing = new Map<string, number>();

  /** Waits until this node's view of the initiative satisfies the act, as long as anything arrives at all. */
  async function until(
    act: Act,
    what: string,
    isReady: (seen: SeenInitiative) => boolean,
  ): Promise<SeenInitiative> {
    const { initiative } = act.fact;
    for (;;) {
      const seen = await node.initiative(initiative);
      if (seen !== null && isReady(seen)) return seen;
      const gaveUpAt = missing.get(initiative);
      if (gaveUpAt !== undefined)
        throw new ImportRefused("waited-too-long", `${what} did not come: see line ${gaveUpAt}`);
      if (await node.news(initiative, options.waitMs)) continue;
      missing.set(initiative, act.line);
      throw new ImportRefused(
        "waited-too-long",
        `${what} did not come, and nothing else did for ${options.waitMs / 1_000} s`,
      );
    }
  }

  const proposal = (act: Act) => until(act, `the proposal of ${act.fact.initiative}`, () => true);
  const seat = (act: Act) =>
    until(
      act,
      `the lead of ${act.fact.initiative} by ${act.lead} (its term ${act.term})`,
      (seen) => seen.term > act.term || (seen.term === act.term && seen.lead === act.lead),
    );

  /** Says it, unless it was said before. */
  async function say<Name extends ImportCommand>(
    act: Act,
    name: Name,
    on: Ref | null,
    body: CommandBody<Name>,
    tally: Tally,
  ): Promise<Ref> {
    const { externalId = "", occurredAt = 0 } = body;
    const before = node.takeSaid(entries[name], externalId, occurredAt);
    if (before !== null) {
      const now: Readonly<Record<string, unknown>> = body;
      for (const member of comparable) {
        const [there, here] = [now[member], before.says[member]];
        if (there !== undefined && here !== undefined && there !== here)
          tally.differences.push(
            `${member} is recorded as "${String(here)}", the file says "${String(there)}"`,
          );
      }
      return before.subject;
    }
    tally.isNew = true;
    const verb = name.slice(name.indexOf(".") + 1);
    return slots.run(act.line, () => node.command(name, on, body, `import.${verb}.${act.key}`));
  }

  async function step(act: Act, tally: Tally): Promise<void> {
    const { fact, occurredAt } = act;
    const about = { occurredAt, externalId: fact.initiative };
    switch (fact.fact) {
      case "initiative.proposed": {
        const problem = act.wholeTitle === undefined ? {} : { problem: act.wholeTitle };
        const body = { ...about, act: "propose" as const, title: fact.title, ...problem };
        await say(act, "initiative.propose", null, body, tally).catch(orGiveUp(act));
        return;
      }
      case "partner.joined": {
        const { id } = await proposal(act);
        await say(act, "initiative.join", id, about, tally);
        return;
      }
      case "partner.left": {
        const { id } = await proposal(act);
        await say(act, "initiative.leave", id, about, tally);
        return;
      }
      case "lead.changed":
        await (fact.to === options.partner ? takeOver(act, tally) : handOver(act, fact.to, tally)).catch(
          orGiveUp(act),
        );
        return;
      case "initiative.status": {
        const { id } = await seat(act);
        const body = { ...about, externalStatus: fact.status };
        await say(act, "initiative.note-status", id, body, tally);
        if (act.transition !== undefined) await say(act, `initiative.${act.transition}`, id, body, tally);
        return;
      }
      case "commitment.made": {
        const { id } = await (act.asLead === true ? seat(act) : proposal(act));
        const body = {
          occurredAt,
          externalId: fact.commitment,
          act: "pledge" as const,
          title: fact.title,
          due: fact.due,
          beneficiaries: [id],
          ...(act.asLead === true ? { asLeadOf: id } : {}),
          ...(act.wholeTitle === undefined ? {} : { text: act.wholeTitle }),
        };
        await say(act, "commitment.pledge", null, body, tally);
        return;
      }
      case "commitment.rescheduled":
      case "commitment.withdrawn":
      case "commitment.fulfilled":
        await actOnPledge(act, fact, tally);
    }
  }

  /** What follows from this act would be waited for in vain. */
  const orGiveUp = (act: Act) => (err: unknown) => {
    if (err instanceof ImportRefused) missing.set(act.fact.initiative, act.line);
    throw err;
  };

  async function actOnPledge(
    act: Act,
    fact: Extract<Act["fact"], { commitment: string }>,
    tally: Tally,
  ): Promise<void> {
    // A pledge that came with the seat is ours once the handoff is complete here.
    const { id } = await seat(act);
    const pledge = pledgeNamed(id, fact.commitment, act.making ?? 0);
    const about = { occurredAt: act.occurredAt, externalId: fact.commitment };
    await onceCarried(act, () => {
      if (fact.fact === "commitment.withdrawn") return say(act, "commitment.withdraw", pledge, about, tally);
      if (fact.fact !== "commitment.rescheduled") return say(act, "commitment.claim", pledge, about, tally);
      const title = fact.title === undefined ? {} : { title: fact.title };
      const reason = act.wholeTitle === undefined ? {} : { reason: act.wholeTitle };
      const body = { ...about, ...title, ...reason, due: fact.due };
      return say(act, "commitment.propose-revision", pledge, body, tally);
    });
  }

  /** Where many pledges go along with the seat, some come after it. */
  async function onceCarried(act: Act, attempt: () => Promise<Ref>): Promise<void> {
    for (;;) {
      try {
        await attempt();
        return;
      } catch (err) {
        const isEarly = err instanceof ImportRefused && act.term > 1 && notOurs.has(err.code);
        if (!isEarly || !(await node.news(act.fact.initiative, options.waitMs))) throw err;
      }
    }
  }

  function pledgeNamed(initiative: Ref, externalId: string, making: number): Ref {
    const found = node.pledges(initiative, externalId)[making];
    if (found === undefined)
      throw new ImportRefused("commitment-not-made", `this node holds no pledge ${externalId}`);
    return found;
  }

  async function handOver(act: Act, to: string, tally: Tally): Promise<void> {
    const { id } = await seat(act);
    const receiver = options.partnerIds.get(to);
    if (receiver === undefined) throw new ImportRefused("needs-partner-without-node", to);
    // The node completes it by itself once it is accepted.
    const body = { occurredAt: act.occurredAt, externalId: act.fact.initiative, to: receiver };
    await say(act, "initiative.offer-handoff", id, body, tally);
  }

  async function takeOver(act: Act, tally: Tally): Promise<void> {
    const { initiative } = act.fact;
    // It may be accepted and not completed yet: then there is no offer to wait for.
    if (node.takeSaid("handoff.accepted", initiative, act.occurredAt) !== null) return;
    const seen = await until(
      act,
      `the offer of the lead of ${initiative}`,
      (now) => now.term > act.term || now.offeredTo.includes(options.partner),
    );
    const carries = act.carries ?? [];
    const named =
      seen.term > act.term ? [] : carries.map(({ id, making }) => pledgeNamed(seen.id, id, making));
    // Occurs when the cause did: the node copies `occurredAt` from the offer, which carries the same line's time.
    const body = {
      occurredAt: act.occurredAt,
      externalId: initiative,
      // More than one request can name are all that its giver has.
      carry: named.length > maxCarried ? ("all" as const) : named,
    };
    if (seen.term === act.term)
      await onceWordsAreHere(() => say(act, "initiative.accept-handoff", seen.id, body, tally));
  }

  /** Nobody accepts terms whose words have not arrived; they come by themselves, after the entries. */
  async function onceWordsAreHere(accept: () => Promise<Ref>): Promise<Ref> {
    const deadline = options.now() + options.waitMs;
    for (;;) {
      try {
        return await accept();
      } catch (err) {
        const isEarly = err instanceof ImportRefused && err.code === "payload-not-held";
        if (!isEarly || options.now() > deadline) throw err;
        await options.pause();
      }
    }
  }

  return {
    /** @throws {ImportRefused} When it cannot be placed. */
    async perform(act: Act): Promise<Performed> {
      const tally: Tally = { isNew: false, differences: [] };
      await step(act, tally);
      return tally;
    },
  };
}
