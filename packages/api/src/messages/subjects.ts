/** The NATS subjects inside a node, built in one place. */

/** Account HOME. */
export const subjects = {
  service: (service: string, verb: string) => `hf.${service}.${verb}`,
  /** Entries are durable: `HeadNotice`, a hint to read. */
  headNotice: "hf.ledger.head",
  /** Texts of entries are held: `TextsNotice`, a hint to ask for them. */
  textsNotice: "hf.ledger.texts",
  /** Own and foreign batches as frames, for federation, once they are durable. */
  batchNotice: "hf.ledger.batch",
  /** An entry about membership has become durable: who is a member, and whose budget is whose, may be others now. */
  standingNotice: "hf.ledger.standing-moved",
  /** The views have moved on: `{ position }`, a hint to look. */
  viewsNotice: "hf.views",
} as const;
