/**
 * What a node takes from others, and lets them take of it. Standing decides budgets, never truth: a refusal for a budget is this
 * node's own, says until when, is never remembered as wrong, and comparing heads fills the gap later. Source: FEDERATION.md,
 * "Budgets". Rates are per partner or per link as the name says; those of `member` are defaults of settings.
 */
export const budgets = {
  /** Of each partner, whatever its standing: logs in one network, successors included. What a fold costs grows with logs. */
  partner: { logs: 16, logsByLogKey: 8 },
  /**
   * Histories of a partner's logs beside the first of each. So many are taken whatever they are; beyond these only those without
   * which nodes would differ, at a rate: so many at once, and so many an hour.
   */
  branches: { perPartner: 16, neededAtOnce: 64, neededPerHour: 12 },
  /** Of a partner whom no quorum has admitted: in all, until it is. Texts: none, either way. */
  newcomer: { logs: 2, entries: 64, headerBytes: 64 * 1024 },
  /** Of a founder, or a partner admitted at any time. A node that catches up from nothing takes much at once. */
  member: {
    entries: 16_000_000,
    entriesPerHour: 500_000,
    headerMebibytesPerHour: 512,
    /** What may come at once, in hours of these rates. */
    hoursAtOnce: 8,
  },
  /** Of one link, whatever the standing of the peer. */
  link: {
    /** Logs that a peer says it holds and this node does not: remembered and tried so many at a time. */
    unknownLogs: 256,
    /** Live frames: taken at this rate, the rest dropped and compared later. One that is refused counts as twenty. */
    liveFramesPerSecond: 500,
    liveFramesBurst: 2_000,
    liveBytesPerSecond: 8 * 1024 * 1024,
    liveBytesBurst: 64 * 1024 * 1024,
    /** So many dropped in a minute pause the link, and its connection with it. */
    liveDroppedPause: 20_000,
    /** A link that is fetching a log lets another one that waits go on after so long in all, or without anything that moves. */
    runMs: 5_000,
    overtakeMs: 1_000,
    /** How long one range may be put off as `busy`. Then the peer's claim about that log is not believed for a while. */
    busyMs: 5_000,
    doubtMs: 60_000,
  },
  /** An invitation's login is closed so long after the partner who used it was first heard over its link. */
  lobby: { graceMs: 60_000 },
} as const;

/** The rates and sizes of one member, as an operator may set them. */
export type MemberBudget = { readonly [Name in keyof typeof budgets.member]: number };
