/** What an import asks of its node. */
import type { CommandBody, CommandName } from "@handfast/api/verbs";
import type { EventName } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";

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
  /** Pledges to an initiative under that external id, in order of making. */
  pledges(initiative: Ref, externalId: string): readonly Ref[];
  /**
   * Resolves with true when something about the initiative has arrived since it was last asked for, with false when nothing
   * at all has arrived for `quietMs`.
   */
  news(externalId: string, quietMs: number): Promise<boolean>;
  /** What this partner said before of a thing and a time, in an earlier import: each entry once, in order of the log. */
  takeSaid(type: EventName, externalId: string, occurredAt: number): Said | null;
}

export type SeenInitiative = {
  readonly id: Ref;
  readonly term: number;
  readonly lead: string | null;
  /** Names of partners to whom the lead is on offer in this term. */
  readonly offeredTo: readonly string[];
};

export type Said = {
  readonly subject: Ref;
  /** Header and texts of the entry, as far as an import writes them. */
  readonly says: Readonly<Record<string, unknown>>;
};

export class ImportRefused extends Error {
  override readonly name = "ImportRefused";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
