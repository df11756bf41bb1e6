/**
 * Performs one partner's part of a planned history at its node: in the file's order, waiting where an earlier line of another
 * node must have arrived first, and reporting every line that could not be placed.
 *
 * Each act has an idempotency key made from its line's text, so that an import that was killed is simply run again.
 */
import type { CommandBody, CommandName } from "@handfast/api/verbs";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Act, Outcome } from "./plan.ts";

/** What an import asks of its node. */
export interface ImportNode {
  /** @throws {ImportRefused} When the node says no. Resolves when the node's own view holds it. */
  command<Name extends CommandName>(
    name: Name,
    on: Ref | null,
    body: CommandBody<Name>,
    key: string,
  ): Promise<Ref>;
  /** The first initiative with that external id, as this node sees it now. */
  initiative(externalId: string): Promise<SeenInitiative | null>;
  /** How many entries this node holds: while it grows, others are still at work. */
  entries(): Promise<number>;
  /** Commitments to an initiative with that external id, in order of making. */
  commitments(initiative: Ref, externalId: string): Promise<readonly Ref[]>;
}
export type SeenInitiative = {
  readonly id: Ref;
  readonly term: number;
  readonly lead: string | null;
  /** Names of partners to whom the lead is on offer in this term. */
  readonly offeredTo: readonly string[];
};

export class ImportRefused extends Error {
  override readonly name = "ImportRefused";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type ImportOptions = {
  /** The partner whose acts are performed, by its name in the file. */
  readonly partner: string;
  readonly partnerIds: ReadonlyMap<string, PartnerId>;
  /** How long to wait for another node's act while nothing arrives at all, before naming it missing. */
  readonly waitMs: number;
  readonly now: () => number;
  readonly pause: () => Promise<void>;
  readonly progress?: (done: number, of: number) => void;
};

export type ImportReport = {
  readonly partner: string;
  /** Lines performed at this node (an accepted handoff counts for its receiver too). */
  readonly placed: number;
  readonly notPlaced: readonly { readonly line: number; readonly reason: string; readonly detail?: string }[];
};

export async function importHistory(
  node: ImportNode,
  plan: readonly Outcome[],
  options: ImportOptions,
): Promise<ImportReport> {
  const own = plan.flatMap((outcome) =>
    "act" in outcome && concerns(outcome.act, options.partner) ? [outcome.act] : [],
  );
  const importer = createImporter(node, options);
  const notPlaced: { line: number; reason: string; detail?: string }[] = [];
  for (const [index, act] of own.entries()) {
    try {
      await importer.perform(act);
    } catch (err) {
      // An expected no is a line of the report; anything else is the machine's and ends the import.
      if (!(err instanceof ImportRefused)) throw err;
      notPlaced.push({ line: act.line, reason: err.code, detail: err.message });
    }
    options.progress?.(index + 1, own.length);
  }
  return { partner: options.partner, placed: own.length - notPlaced.length, notPlaced };
}

const concerns = (act: Act, partner: string): boolean =>
  act.fact.partner === partner || (act.fact.fact === "lead.changed" && act.fact.to === partner);

function createImporter(node: ImportNode, options: ImportOptions) {
  const initiatives = new Map<string, SeenInitiative>();
  const pledges = new Map<string, Ref>();
  /** Initiatives for which another node's act never came: what follows would wait for nothing. */
  const missing = new Map<string, number>();
  const pledgeKey = (act: Act) =>
    JSON.stringify([act.fact.initiative, "commitment" in act.fact ? act.fact.commitment : "", act.making]);
  const keyOf = (act: Act, verb: string) => `import.${verb}.${act.key}`;
  const provenance = (act: Act, externalId: string) => ({ occurredAt: act.occurredAt, externalId });

  /** Waits until this node's view of the initiative satisfies the act, at most `waitMs`. */
  async function until(
    act: Act,
    what: string,
    isReady: (seen: SeenInitiative) => boolean,
  ): Promise<SeenInitiative> {
    const { initiative } = act.fact;
    const known = initiatives.get(initiative);
    if (known !== undefined && isReady(known)) return known;
    const gaveUpAt = missing.get(initiative);
    if (gaveUpAt !== undefined)
      throw new ImportRefused("waited-too-long", `${what}; given up at line ${gaveUpAt}`);
    let held = -1;
    for (let deadline = 0; ; await options.pause()) {
      const seen = await node.initiative(initiative);
      if (seen !== null) initiatives.set(initiative, seen);
      if (seen !== null && isReady(seen)) return seen;
      const now = await node.entries();
      // A slow network is no silent one: the limit begins anew with everything that arrives.
      if (now !== held) deadline = options.now() + options.waitMs;
      held = now;
      if (options.now() > deadline) break;
    }
    missing.set(initiative, act.line);
    throw new ImportRefused(
      "waited-too-long",
      `${what} did not come, and nothing else did for ${options.waitMs} ms`,
    );
  }

  const seat = (act: Act) =>
    until(
      act,
      `term ${act.term} of ${act.fact.initiative} under ${act.lead}`,
      (seen) => seen.term > act.term || (seen.term === act.term && seen.lead === act.lead),
    );

  async function pledgeOf(act: Act, initiative: Ref): Promise<Ref> {
    const known = pledges.get(pledgeKey(act));
    if (known !== undefined) return known;
    const found = await pledgeNamed(
      initiative,
      "commitment" in act.fact ? act.fact.commitment : "",
      act.making ?? 0,
    );
    pledges.set(pledgeKey(act), found);
    return found;
  }

  async function pledgeNamed(initiative: Ref, externalId: string, making: number): Promise<Ref> {
    const found = (await node.commitments(initiative, externalId))[making];
    if (found === undefined) throw new ImportRefused("commitment-not-made", `no pledge ${externalId} here`);
    return found;
  }

  async function perform(act: Act): Promise<void> {
    const { fact } = act;
    const about = provenance(act, fact.initiative);
    switch (fact.fact) {
      case "initiative.proposed": {
        const id = await node.command(
          "initiative.propose",
          null,
          { ...about, act: "propose", title: fact.title },
          keyOf(act, "propose"),
        );
        initiatives.set(fact.initiative, { id, term: 1, lead: fact.partner, offeredTo: [] });
        return;
      }
      case "partner.joined":
      case "partner.left": {
        const { id } = await until(act, `the proposal of ${fact.initiative}`, () => true);
        const verb = fact.fact === "partner.joined" ? "join" : "leave";
        await node.command(`initiative.${verb}`, id, about, keyOf(act, verb));
        return;
      }
      case "lead.changed":
        return fact.to === options.partner ? takeOver(act) : handOver(act, fact.to);
      case "initiative.status": {
        const { id } = await seat(act);
        await node.command(
          "initiative.note-status",
          id,
          { ...about, externalStatus: fact.status },
          keyOf(act, "note-status"),
        );
        if (act.transition === undefined) return;
        await node.command(
          `initiative.${act.transition}`,
          id,
          { ...about, externalStatus: fact.status },
          keyOf(act, act.transition),
        );
        return;
      }
      case "commitment.made": {
        const { id } = await (act.asLead === true
          ? seat(act)
          : until(act, `the proposal of ${fact.initiative}`, () => true));
        const body = {
          ...provenance(act, fact.commitment),
          act: "pledge" as const,
          title: fact.title,
          due: fact.due,
          beneficiaries: [id],
        };
        const pledge = await node.command(
          "commitment.pledge",
          null,
          { ...body, ...(act.asLead === true ? { asLeadOf: id } : {}) },
          keyOf(act, "pledge"),
        );
        pledges.set(pledgeKey(act), pledge);
        return;
      }
      case "commitment.rescheduled":
      case "commitment.withdrawn":
      case "commitment.fulfilled":
        return actOnPledge(act, fact);
    }
  }

  async function actOnPledge(act: Act, fact: Extract<Act["fact"], { commitment: string }>): Promise<void> {
    // A pledge that came with the seat is ours once the handoff is complete here.
    const { id } = await seat(act);
    const pledge = await pledgeOf(act, id);
    const about = provenance(act, fact.commitment);
    if (fact.fact === "commitment.rescheduled") {
      const title = fact.title === undefined ? {} : { title: fact.title };
      await node.command(
        "commitment.propose-revision",
        pledge,
        { ...about, ...title, due: fact.due },
        keyOf(act, "propose-revision"),
      );
    } else {
      const verb = fact.fact === "commitment.withdrawn" ? "withdraw" : "claim";
      await node.command(`commitment.${verb}`, pledge, about, keyOf(act, verb));
    }
  }

  async function handOver(act: Act, to: string): Promise<void> {
    const { id } = await seat(act);
    const receiver = options.partnerIds.get(to);
    if (receiver === undefined) throw new ImportRefused("needs-partner-without-node", to);
    await node.command(
      "initiative.offer-handoff",
      id,
      { ...provenance(act, act.fact.initiative), to: receiver },
      keyOf(act, "offer-handoff"),
    );
    // The node completes it by itself; what we know of the seat is out of date from here.
    initiatives.delete(act.fact.initiative);
  }

  async function takeOver(act: Act): Promise<void> {
    const seen = await until(
      act,
      `the offer of the lead of ${act.fact.initiative}`,
      (now) => now.term > act.term || now.offeredTo.includes(options.partner),
    );
    if (seen.term === act.term) {
      // Occurs when the cause did: the node copies `occurredAt` from the offer, which carries the same line's time.
      const carry = await Promise.all(
        (act.carries ?? []).map(({ id, making }) => pledgeNamed(seen.id, id, making)),
      );
      const body = { ...provenance(act, act.fact.initiative), carry };
      await onceWordsAreHere(() =>
        node.command("initiative.accept-handoff", seen.id, body, keyOf(act, "accept-handoff")),
      );
    }
    initiatives.delete(act.fact.initiative);
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

  return { perform };
}
