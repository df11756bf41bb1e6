/**
 * How terms stand: who signed them, who pulled back and what was said to that, and which of all terms bind (laws L1 and
 * L5). What is asked comes first, then what is added.
 *
 * Everything here is kept up to date as entries are added, one set of terms at a time. Entries that know nothing of each
 * other come in any order: where two compete for being first, the fold order decides, not the order of adding.
 */
import type { PartnerId, PinnedRef } from "@handfast/protocol/ids";
import { type Fact, isBefore, isConcurrent } from "../fact.ts";
import {
  type Choice,
  chooseAmong,
  earlier,
  nothingBinds,
  type PullBack as PullBackOf,
  type Reply,
  replyTo,
  type Says,
  type Settled as SettledOf,
  settledAfter,
} from "../laws/crossing.ts";
import type { Terms } from "./terms.ts";

export type Standing = "open" | "dormant" | "bound" | "crossed" | "closed";
export type How = "declined" | "retracted" | "countered" | "help-retracted" | "left";
export type PullBack = PullBackOf<How>;

export type Signature = {
  readonly by: PartnerId;
  /** The entry that is the signature: the statement itself, an acceptance, or an offer of help. */
  readonly fact: Fact;
  /** The entry that makes it count here; another one only where an offer of help is the signature. */
  readonly since: Fact;
};

/** Terms, and what was said of them. */
export type Stated = {
  readonly terms: Terms;
  readonly fact: Fact;
  /** The terms a chain of revisions begins at; of others than revisions, themselves. */
  readonly root: PinnedRef;
  readonly signatures: Signature[];
  /** Signers without a signature. */
  unsigned: number;
  readonly pullBacks: PullBack[];
  readonly replies: (Reply & { readonly by: PartnerId })[];
  readonly choices: Choice[];
  /** A signer who saw them among several that bound let them go. They stay closed. */
  isLetGo: boolean;
};

type Settled = SettledOf<Stated>;
/** From the terms that bind over their revisions to the current ones. */
type Chain = { readonly links: Stated[]; readonly places: Map<PinnedRef, number> };

export type Negotiation = {
  /** What creates the commitment, and every counter. */
  readonly stated: Map<PinnedRef, Stated>;
  readonly revisions: Map<PinnedRef, Stated>;
  /** Of `stated`, those that bind by themselves. */
  readonly binding: Set<Stated>;
  /** Revisions that bind by themselves, by their base. */
  readonly bindingOn: Map<PinnedRef, Set<Stated>>;
  /** Of `stated`, fully signed and pulled back, by who pulled back. */
  readonly pulledBackBy: Map<PartnerId, Set<Stated>>;
  /** Claims and confirmations: their authors stand by what was fully signed. */
  readonly presuming: Fact[];
  readonly departures: Fact[];
  /** What follows from the above, until something of it changes. */
  settled: Settled | null;
  readonly settledOn: Map<PinnedRef, Settled>;
  readonly chains: Map<PinnedRef, Chain>;
};

export const openNegotiation = (): Negotiation => ({
  stated: new Map(),
  revisions: new Map(),
  binding: new Set(),
  bindingOn: new Map(),
  pulledBackBy: new Map(),
  presuming: [],
  departures: [],
  settled: null,
  settledOn: new Map(),
  chains: new Map(),
});

// What is asked

export const findTerms = (state: Negotiation, pinned: PinnedRef): Stated | undefined =>
  state.stated.get(pinned) ?? state.revisions.get(pinned);
export const hasSigned = ({ signatures }: Stated, by: PartnerId): boolean =>
  signatures.some((one) => one.by === by);
export const isFullySigned = ({ unsigned }: Stated): boolean => unsigned === 0;
const isRevision = ({ terms }: Stated): boolean => terms.kind === "revision";

/** Declined, retracted or countered: nobody who knows signs them any more. */
export const isClosed = ({ pullBacks }: Stated): boolean =>
  pullBacks.some(({ how }) => how === "declined" || how === "retracted" || how === "countered");
export const awaitsReplyOf = ({ pullBacks }: Stated, by: PartnerId): boolean =>
  pullBacks.some((one) => one.by === by && one.reply === null);
/** Whether the offer of help it came from was retracted, and the helper has not said what it stands by. */
export const awaitsHelper = ({ pullBacks }: Stated): boolean =>
  pullBacks.some((one) => one.how === "help-retracted" && one.reply === null);

/**
 * How terms stand by themselves.
 *
 * @param presumer Whose claim or confirmation is being judged: with it they stand by what was fully signed.
 */
export function standingAlone(stated: Stated, state: Negotiation, presumer?: PartnerId): Standing {
  const { pullBacks } = stated;
  if (isFullySigned(stated)) return stated.isLetGo ? "closed" : settledAfter(pullBacks, presumer);
  if (pullBacks.length === 0) return untouched(stated, state);
  // A request crossed with its offer of help being retracted waits for the helper; its signature may come with the answer.
  if (pullBacks.some((one) => one.how !== "help-retracted")) return "closed";
  const standing = settledAfter(pullBacks);
  return standing === "bound" ? "open" : standing;
}

/** A counter to terms that were being declined or retracted: open only once its author says that it still stands. */
function untouched({ terms, replies }: Stated, state: Negotiation): Standing {
  const base = terms.kind === "counter" && terms.base !== null ? state.stated.get(terms.base) : undefined;
  const hasEnded = base?.pullBacks.some(({ how }) => how === "declined" || how === "retracted") === true;
  if (!hasEnded) return "open";
  const own = replies.filter((one) => one.by === terms.by);
  const first = own.reduce<Reply | null>(earlier, null);
  return first === null ? "dormant" : first.says === "reaffirmed" ? "open" : "closed";
}

/** How terms stand beside all others. */
export function standingOf(stated: Stated, state: Negotiation): Standing {
  const alone = standingAlone(stated, state);
  if (alone !== "bound") return alone;
  if (isRevision(stated)) return standingOfBindingRevision(stated, state);
  const { chosen, crossed } = settledIn(state);
  return stated === chosen ? "bound" : crossed.has(stated.terms.pinned) ? "crossed" : "closed";
}

function standingOfBindingRevision({ terms }: Stated, state: Negotiation): Standing {
  const { chosen } = settledIn(state);
  const links = chosen === null ? null : chainFrom(chosen, state);
  if (links?.places.has(terms.pinned) === true) return "bound";
  const last = links?.links.at(-1);
  return last !== undefined && rivalsOn(last, state).has(terms.pinned) ? "crossed" : "closed";
}

/** Which terms bind. */
export function settledIn(state: Negotiation, presumer?: PartnerId): Settled {
  const presumed = presumer === undefined ? [] : presumedBy(presumer, state);
  if (presumed.length > 0) return settle([...state.binding, ...presumed]);
  state.settled ??= settle([...state.binding]);
  return state.settled;
}

const presumedBy = (presumer: PartnerId, state: Negotiation): readonly Stated[] =>
  [...(state.pulledBackBy.get(presumer) ?? [])].filter(
    (one) => !state.binding.has(one) && standingAlone(one, state, presumer) === "bound",
  );

const settle = (binding: readonly Stated[]): Settled =>
  chooseAmong(binding, ({ choices }, saw) => choices.some(saw));

/** The same for revisions of one base: all signers have to stand by one and the same. */
function settledOn(base: Stated, state: Negotiation): Settled {
  const { pinned } = base.terms;
  const binding = state.bindingOn.get(pinned);
  if (binding === undefined) return nothingBinds;
  const known = state.settledOn.get(pinned);
  if (known !== undefined) return known;
  const settled = chooseAmong([...binding], ({ terms, choices }, saw) =>
    terms.signers.every((signer) => choices.some((one) => one.by === signer && saw(one))),
  );
  state.settledOn.set(pinned, settled);
  return settled;
}

export const rivalsOn = (current: Stated, state: Negotiation): ReadonlySet<PinnedRef> =>
  settledOn(current, state).crossed;

function chainFrom(bound: Stated, state: Negotiation): Chain {
  const { pinned } = bound.terms;
  const chain = state.chains.get(pinned) ?? { links: [bound], places: new Map([[pinned, 0]]) };
  state.chains.set(pinned, chain);
  for (;;) {
    const { chosen } = settledOn(chain.links.at(-1) as Stated, state);
    if (chosen === null) return chain;
    chain.places.set(chosen.terms.pinned, chain.links.length);
    chain.links.push(chosen);
  }
}

export const currentFrom = (bound: Stated, state: Negotiation): Stated =>
  chainFrom(bound, state).links.at(-1) as Stated;
export const isInForce = (pinned: PinnedRef, bound: Stated, state: Negotiation): boolean =>
  chainFrom(bound, state).places.has(pinned);

/** Whether a signature whose author has seen everything leaves these terms crossed at once. */
export function crossesWhenSigned(stated: Stated, { by, fact }: Signature, state: Negotiation): boolean {
  if (stated.unsigned > (hasSigned(stated, by) ? 0 : 1)) return false;
  const beside = isRevision(stated) ? state.bindingOn.get(stated.terms.base ?? "") : state.binding;
  if (beside !== undefined && [...beside].some((one) => one !== stated)) return true;
  const unanswered = stated.pullBacks.filter(
    (one) => !(one.how === "help-retracted" && one.by === by && isBefore(one.fact, fact)),
  );
  return stated.isLetGo || settledAfter(unanswered) !== "bound";
}

// What is added

/** The author of terms has signed them by stating them. */
export function addTerms(state: Negotiation, terms: Terms, fact: Fact): void {
  const base = terms.base === null ? undefined : findTerms(state, terms.base);
  const stated: Stated = {
    terms,
    fact,
    root: terms.kind === "revision" && base !== undefined ? base.root : terms.pinned,
    signatures: [],
    unsigned: terms.signers.length,
    pullBacks: [],
    replies: [],
    choices: [],
    isLetGo: false,
  };
  (terms.kind === "revision" ? state.revisions : state.stated).set(terms.pinned, stated);
  addSignature(state, terms.pinned, { by: fact.by, fact, since: fact });
}

export function addSignature(state: Negotiation, pinned: PinnedRef, signature: Signature): void {
  const stated = findTerms(state, pinned);
  if (stated === undefined) return;
  if (!hasSigned(stated, signature.by)) stated.unsigned--;
  stated.signatures.push(signature);
  // A helper who retracted its help and then signs the request stands by it.
  const standsByHelp = { by: signature.by, fact: signature.fact, says: "reaffirmed" as const };
  replyTo(stated.pullBacks, standsByHelp, ({ how }) => how === "help-retracted");
  for (const left of state.departures) crossWithLeaving(stated, left, state);
  refresh(stated, state);
}

export function addPullBack(state: Negotiation, pinned: PinnedRef, how: How, fact: Fact): void {
  const stated = findTerms(state, pinned);
  if (stated === undefined) return;
  stated.pullBacks.push({ by: fact.by, fact, how, reply: null });
  refresh(stated, state);
}

/** @param among The terms that bound at once as the author saw it, where it chose among them. */
export function addReply(
  state: Negotiation,
  pinned: PinnedRef,
  fact: Fact,
  says: Says,
  among: ReadonlySet<PinnedRef> | null,
): void {
  const stated = findTerms(state, pinned);
  if (stated === undefined) return;
  stated.replies.push({ by: fact.by, fact, says });
  replyTo(stated.pullBacks, { by: fact.by, fact, says });
  if (among !== null && says === "let-go") stated.isLetGo = true;
  if (among !== null && says === "reaffirmed") stated.choices.push({ by: fact.by, among });
  if (among !== null) forgetSettled(stated, state);
  refresh(stated, state);
}

/** A claim or a confirmation stands by what its past held fully signed. */
export function addPresuming(state: Negotiation, fact: Fact): void {
  state.presuming.push(fact);
  for (const stated of [...(state.pulledBackBy.get(fact.by) ?? [])]) {
    if (!wasFullySigned(stated, fact)) continue;
    replyTo(stated.pullBacks, { by: fact.by, fact, says: "reaffirmed" });
    refresh(stated, state);
  }
}

/** A signer left the network: that pulls back from all terms which another one signed without knowing of it. */
export function addDeparture(state: Negotiation, left: Fact): void {
  state.departures.push(left);
  for (const stated of state.stated.values()) {
    if (crossWithLeaving(stated, left, state)) refresh(stated, state);
  }
}

function crossWithLeaving(stated: Stated, left: Fact, state: Negotiation): boolean {
  const { terms, signatures, pullBacks, replies } = stated;
  const crosses =
    !isRevision(stated) &&
    terms.signers.includes(left.by) &&
    signatures.some((one) => one.by !== left.by && isConcurrent(one.fact, left)) &&
    !pullBacks.some((one) => one.fact === left);
  if (!crosses) return false;
  // The signature may become known later than what the party said since it came back.
  const said = replies.filter((one) => one.by === left.by && isBefore(left, one.fact));
  const presumed = state.presuming
    .filter((fact) => fact.by === left.by && isBefore(left, fact) && wasFullySigned(stated, fact))
    .map((fact): Reply => ({ fact, says: "reaffirmed" }));
  const reply = [...said, ...presumed].reduce<Reply | null>(earlier, null);
  pullBacks.push({ by: left.by, fact: left, how: "left", reply });
  return true;
}

const wasFullySigned = ({ terms, signatures }: Stated, fact: Fact): boolean =>
  terms.signers.every((signer) => signatures.some((one) => one.by === signer && isBefore(one.since, fact)));

/** Sorts terms anew after something was said of them. */
function refresh(stated: Stated, state: Negotiation): void {
  const binds = isFullySigned(stated) && standingAlone(stated, state) === "bound";
  if (isRevision(stated)) {
    const base = stated.terms.base as PinnedRef;
    const beside = state.bindingOn.get(base) ?? new Set();
    if (binds === beside.has(stated)) return;
    if (binds) state.bindingOn.set(base, beside.add(stated));
    else beside.delete(stated);
    if (beside.size === 0) state.bindingOn.delete(base);
    forgetSettled(stated, state);
    return;
  }
  if (isFullySigned(stated)) {
    for (const { by } of stated.pullBacks) {
      state.pulledBackBy.set(by, (state.pulledBackBy.get(by) ?? new Set()).add(stated));
    }
  }
  if (binds === state.binding.has(stated)) return;
  if (binds) state.binding.add(stated);
  else state.binding.delete(stated);
  forgetSettled(stated, state);
}

/** What was settled among these terms and others beside them is open again; a chain is cut where it went over them. */
function forgetSettled(stated: Stated, state: Negotiation): void {
  if (!isRevision(stated)) {
    state.settled = null;
    return;
  }
  const base = stated.terms.base as PinnedRef;
  state.settledOn.delete(base);
  const chain = state.chains.get(stated.root);
  const place = chain?.places.get(base);
  if (chain === undefined || place === undefined) return;
  for (const link of chain.links.splice(place + 1)) chain.places.delete(link.terms.pinned);
}
