/**
 * What a partner can say, as a table: to which earlier entries it is an answer, who may say it, and what it states. Rows
 * are weighted, and what they leave open is drawn, so that most of what is said is sensible: stories get far, and cross
 * on the way.
 */
import { pinnedRefOf } from "@handfast/domain/fact";
import { conversationActs } from "./acts-conversation.ts";
import type { History, Told } from "./histories.ts";

/** What is rolled for one act. */
export type Step = {
  /** Which kind of act. */
  readonly act: number;
  /** Among what it can be about. */
  readonly pick: number;
  /** Whatever else the act has to choose. */
  readonly choice: number;
  /** Who acts, where the act leaves it open, or against the rules. */
  readonly who: number;
  /** One in twelve or so: somebody acts who should not. */
  readonly isStray: boolean;
  /** Who hears of whom afterwards: nobody, one of one, two of each other, all. */
  readonly heard: "nothing" | "one" | "pair" | "all";
};

/** An act: of what earlier entries it is, who may do it, and what it says. */
export type Act = {
  readonly weight: number;
  readonly type: string;
  /** Types of entries it can be an answer to; none: it begins something. */
  readonly to?: readonly string[];
  /** Who may, by index; `null`: anyone. */
  readonly by?: (answered: Told, history: History, step: Step) => string | null;
  readonly subject?: (answered: Told, history: History) => string | null;
  readonly x?: (answered: Told, history: History, step: Step) => object | null;
  /** What its author says in the same breath. */
  readonly andThen?: (said: Told, author: number, history: History, step: Step) => void;
};

const member = (fact: Told, name: string): unknown => fact.header.x[name];
const find = (history: History, ref: unknown): Told | undefined =>
  history.facts.find((fact) => fact.ref === String(ref).split("@")[0]);
/** When things fall due. */
export const days = ["2026-02-01", "2026-03-01", "2026-04-01"];
const day = (step: Step): string => days[step.choice % days.length] as string;
const partnerAt = (history: History, index: number): string =>
  history.partners[index % history.partners.length]?.by as string;
const others = (history: History, self: string): readonly string[] =>
  history.partners.map((one) => one.by).filter((one) => one !== self);

/** The term an initiative is in, as far as `who` could have counted: good enough to be right mostly. */
const termOf = (history: History, initiative: string): number =>
  1 +
  history.facts.filter((fact) => fact.header.type === "handoff.completed" && fact.subject === initiative)
    .length;
const leadOf = (proposed: Told, history: History, step: Step): string => {
  const completed = history.facts.filter(
    (fact) => fact.header.type === "handoff.completed" && fact.subject === proposed.subject,
  );
  // Mostly the last to whom it was passed; one in four, an earlier holder.
  const passed = completed.at(step.choice % 4 === 0 ? -2 : -1);
  const accept = passed && find(history, member(passed, "accept"));
  return accept?.by ?? proposed.by;
};
const termX = (proposed: Told, history: History, step: Step) => ({
  term: Math.max(1, termOf(history, proposed.subject) - (step.choice % 4 === 0 ? 1 : 0)),
});
const giverOf = (accepted: Told, history: History): string | null =>
  find(history, member(accepted, "offer"))?.by ?? null;
const sharerOf = (offered: Told, history: History): string | null =>
  find(history, offered.header.subject)?.by ?? null;

const statements = ["commitment.requested", "commitment.offered", "commitment.countered"];
const creations = ["commitment.requested", "commitment.offered", "commitment.pledged"];
const partiesOf = (fact: Told): readonly string[] => [
  String(member(fact, "debtor")),
  ...((member(fact, "beneficiaries") as string[] | undefined) ?? []).filter((one) => one.startsWith("z6Mk")),
];
const someParty = (fact: Told, _history: History, step: Step): string | null => {
  const parties = partiesOf(fact);
  return parties[step.who % parties.length] ?? null;
};
const someBeneficiary = (fact: Told, _history: History, step: Step): string | null => {
  const [, ...beneficiaries] = partiesOf(fact);
  return beneficiaries[step.who % Math.max(1, beneficiaries.length)] ?? null;
};
const otherParty = (fact: Told, _history: History, step: Step): string | null => {
  const parties = partiesOf(fact).filter((one) => one !== fact.by);
  return parties[step.who % Math.max(1, parties.length)] ?? null;
};
const debtorOf = (fact: Told): string => String(member(fact, "debtor"));
const creationOf = (fact: Told, history: History): Told | undefined => find(history, fact.subject);
const namesTerms = (fact: Told) => ({ terms: pinnedRefOf(fact) });

/** Everything there is to say, sorted by what it is about. */
export const acts: readonly Act[] = [
  // The network
  {
    weight: 2,
    type: "member.sponsored",
    to: ["log.opened"],
    by: () => null,
    subject: () => null,
    x: (opened, history, step) => {
      // Mostly a partner that is not a founder, or that left: a member cannot be sponsored.
      const left = history.facts.filter((fact) => fact.header.type === "member.left").map((fact) => fact.by);
      const outside = history.partners.filter(
        (one) => !history.charter.founders.includes(one.by) || left.includes(one.by),
      );
      const candidate = outside[step.pick % Math.max(1, outside.length)] ?? opened;
      return { root: candidate.by, log: candidate.log };
    },
  },
  {
    weight: 5,
    type: "member.endorsed",
    to: ["member.sponsored"],
    by: () => null,
    subject: (sponsored) => sponsored.ref,
    x: (sponsored, _, step) => ({ opening: sponsored.ref, yes: step.choice % 5 !== 0 }),
  },
  {
    weight: 4,
    type: "charter.attested",
    to: ["member.sponsored"],
    by: (sponsored) => String(member(sponsored, "root")),
    subject: (sponsored) => sponsored.ref,
    x: (_, history) => ({ charter: history.net }),
  },
  {
    weight: 2,
    type: "member.left",
    to: ["charter.attested"],
    by: (attested) => attested.by,
    subject: (attested) => attested.header.subject ?? attested.ref,
    x: () => ({}),
  },
  // Initiatives
  {
    weight: 3,
    type: "initiative.proposed",
    x: (_, __, step) => (step.choice % 9 === 0 ? { seat: "open" } : {}),
  },
  ...["adopted", "paused", "resumed", "completed"].map((verb) => ({
    weight: 2,
    type: `initiative.${verb}`,
    to: ["initiative.proposed"],
    by: leadOf,
    x: termX,
  })),
  {
    weight: 2,
    type: "initiative.status-noted",
    to: ["initiative.proposed"],
    by: leadOf,
    x: (proposed, history, step) => ({
      ...termX(proposed, history, step),
      externalStatus: step.pick % 2 === 0 ? "alpha" : "beta",
    }),
  },
  { weight: 3, type: "initiative.joined", to: ["initiative.proposed"], by: () => null },
  { weight: 2, type: "initiative.left", to: ["initiative.joined"], by: (joined) => joined.by },
  {
    weight: 2,
    type: "lead.stepped-up",
    to: ["initiative.proposed"],
    by: () => null,
    x: (_, __, step) => ({ as: ["lead", "co", "shadow"][step.choice % 3] }),
  },
  // Handing over
  {
    weight: 12,
    type: "handoff.offered",
    to: ["initiative.proposed", "initiative.proposed", "handoff.completed"],
    by: (about, history, step) => {
      const proposed = find(history, about.subject);
      return proposed === undefined ? null : leadOf(proposed, history, step);
    },
    x: (about, history, step) => {
      const proposed = find(history, about.subject);
      const lead = proposed === undefined ? "" : leadOf(proposed, history, step);
      const receivers = others(history, lead);
      const to = receivers[step.who % receivers.length];
      return proposed === undefined ? null : { ...termX(proposed, history, step), to };
    },
  },
  ...(["accepted", "accepted", "accepted", "declined"] as const).map((verb) => ({
    weight: 3,
    type: `handoff.${verb}`,
    to: ["handoff.offered"],
    by: (offered: Told) => String(member(offered, "to")),
    x: (offered: Told) => ({ offer: offered.ref }),
  })),
  {
    weight: 3,
    type: "handoff.cancelled",
    to: ["handoff.offered"],
    by: (offered) => offered.by,
    x: (offered) => ({ offer: offered.ref }),
  },
  {
    weight: 3,
    type: "handoff.acceptance-retracted",
    to: ["handoff.accepted"],
    by: (accepted) => accepted.by,
    x: (accepted) => ({ accept: accepted.ref }),
  },
  ...(["completed", "completed", "completed", "reaffirmed"] as const).map((verb) => ({
    weight: 3,
    type: `handoff.${verb}`,
    to: ["handoff.accepted"],
    by: giverOf,
    x: (accepted: Told) => ({ accept: accepted.ref }),
  })),
  // Challenges and help
  { weight: 2, type: "challenge.shared" },
  { weight: 2, type: "challenge.acknowledged", to: ["challenge.shared"], by: () => null },
  { weight: 2, type: "challenge.resolved", to: ["challenge.shared"], by: (shared) => shared.by },
  { weight: 2, type: "challenge.reopened", to: ["challenge.resolved"], by: (resolved) => resolved.by },
  {
    weight: 8,
    type: "help.offered",
    to: ["challenge.shared"],
    by: (shared, history, step) =>
      others(history, shared.by)[step.who % (history.partners.length - 1)] ?? null,
    x: (_, __, step) => (step.choice % 3 === 0 ? {} : { due: day(step) }),
  },
  {
    weight: 4,
    type: "help.retracted",
    to: ["help.offered"],
    by: (offered) => offered.by,
    x: (offered) => ({ offer: offered.ref }),
  },
  {
    weight: 7,
    type: "help.accepted",
    to: ["help.offered"],
    by: sharerOf,
    x: (offered, _, step) => ({ offer: offered.ref, ...(step.choice % 5 === 0 ? { part: "half" } : {}) }),
    andThen: (accepted, author, history, step) => {
      if (step.choice % 4 !== 0) request(accepted, author, history, step);
    },
  },
  {
    weight: 2,
    type: "help.thanked-declined",
    to: ["help.offered"],
    by: sharerOf,
    x: (offered) => ({ offer: offered.ref }),
  },
  // Commitments: beginning
  {
    weight: 1,
    type: "commitment.requested",
    to: ["help.accepted"],
    subject: () => null,
    by: (accepted) => accepted.by,
    x: (accepted, history, step) => {
      const offer = find(history, member(accepted, "offer"));
      if (offer === undefined) return null;
      return {
        debtor: offer.by,
        beneficiaries: [accepted.by],
        due: member(offer, "due") ?? day(step),
        origin: accepted.ref,
      };
    },
  },
  {
    weight: 2,
    type: "commitment.accepted",
    to: ["commitment.requested"],
    by: (requested) => requested.by,
    x: (requested, history) => {
      const accepted = find(history, member(requested, "origin"));
      const offer = accepted && find(history, member(accepted, "offer"));
      return offer === undefined ? null : { terms: pinnedRefOf(offer) };
    },
  },
  {
    weight: 2,
    type: "commitment.requested",
    x: (_, history, step) => {
      const self = partnerAt(history, step.who);
      const debtors = others(history, self);
      const debtor = debtors[step.choice % debtors.length];
      return { debtor, beneficiaries: [self], due: day(step) };
    },
  },
  {
    weight: 3,
    type: "commitment.offered",
    x: (_, history, step) => {
      const self = partnerAt(history, step.who);
      const all = others(history, self);
      const beneficiaries = step.choice % 3 === 0 ? all : [all[step.pick % all.length]];
      return { debtor: self, beneficiaries, due: day(step) };
    },
  },
  {
    weight: 6,
    type: "commitment.pledged",
    to: ["initiative.proposed"],
    subject: () => null,
    by: leadOf,
    x: (proposed, history, step) => {
      const lead = leadOf(proposed, history, step);
      const seat =
        step.choice % 4 === 3
          ? {}
          : { seat: { initiative: proposed.ref, ...termX(proposed, history, step) } };
      const beneficiaries = step.pick % 2 === 0 ? [proposed.ref] : others(history, lead);
      return { debtor: lead, beneficiaries, due: day(step), ...seat };
    },
  },
  // Until it binds
  {
    weight: 4,
    type: "commitment.countered",
    to: statements,
    by: otherParty,
    x: (stated, _, step) => ({
      debtor: member(stated, "debtor"),
      beneficiaries: member(stated, "beneficiaries"),
      due: day(step),
      base: pinnedRefOf(stated),
    }),
  },
  {
    weight: 14,
    type: "commitment.accepted",
    to: statements,
    by: otherParty,
    x: namesTerms,
    andThen: ({ subject }, author, history, step) => {
      const creation = find(history, subject);
      const owes = creation !== undefined && debtorOf(creation) === history.partners[author]?.by;
      if (owes && step.choice % 3 === 0) history.says(author, "commitment.claimed", { subject });
    },
  },
  { weight: 3, type: "commitment.declined", to: statements, by: otherParty, x: namesTerms },
  { weight: 3, type: "commitment.retracted", to: statements, by: (stated) => stated.by, x: namesTerms },
  {
    weight: 6,
    type: "commitment.reaffirmed",
    to: [...statements, "commitment.revision-proposed"],
    by: someParty,
    x: namesTerms,
  },
  {
    weight: 2,
    type: "commitment.let-go",
    to: [...statements, "commitment.revision-proposed"],
    by: someParty,
    x: namesTerms,
  },
  // When it binds
  { weight: 3, type: "commitment.progressed", to: creations, by: debtorOf, x: () => ({ part: 50 }) },
  { weight: 7, type: "commitment.claimed", to: creations, by: debtorOf },
  {
    weight: 7,
    type: "commitment.confirmed",
    to: ["commitment.claimed", "commitment.progressed"],
    by: (claimed, history, step) => {
      const creation = creationOf(claimed, history);
      return creation === undefined ? null : someBeneficiary(creation, history, step);
    },
    x: (_, __, step) => ({ as: step.choice % 3 === 0 ? "partial" : "full" }),
  },
  {
    weight: 3,
    type: "commitment.disputed",
    to: ["commitment.claimed"],
    by: (claimed, history, step) => {
      const creation = creationOf(claimed, history);
      return creation === undefined ? null : someBeneficiary(creation, history, step);
    },
  },
  { weight: 3, type: "commitment.released", to: creations, by: someBeneficiary },
  { weight: 2, type: "commitment.withdrawn", to: creations, by: debtorOf },
  { weight: 4, type: "commitment.pledge-declined", to: ["commitment.pledged"], by: someBeneficiary },
  {
    weight: 6,
    type: "commitment.revision-proposed",
    to: [...creations, "commitment.countered", "commitment.revision-proposed"],
    by: (stated, history, step) => {
      const creation = creationOf(stated, history);
      return creation === undefined ? null : someParty(creation, history, step);
    },
    x: (stated, _, step) => ({ base: pinnedRefOf(stated), due: day(step) }),
  },
  ...(["accepted", "accepted", "declined", "retracted"] as const).map((verb) => ({
    weight: 2,
    type: `commitment.revision-${verb}`,
    to: ["commitment.revision-proposed"],
    by: (proposed: Told, history: History, step: Step) => {
      const creation = creationOf(proposed, history);
      if (creation === undefined || verb === "retracted") return proposed.by;
      const parties = partiesOf(creation).filter((one) => one !== proposed.by);
      return parties[step.who % Math.max(1, parties.length)] ?? null;
    },
    x: namesTerms,
  })),
  // Carrying
  {
    weight: 6,
    type: "commitment.carry-accepted",
    to: ["commitment.pledged", "commitment.pledged", "commitment.revision-proposed"],
    by: (pledged, history, step) => {
      const offer = offerFor(pledged, history, step);
      return offer === undefined ? null : String(member(offer, "to"));
    },
    x: (stated, history, step) => {
      const offer = offerFor(stated, history, step);
      return offer === undefined ? null : { offer: offer.ref, terms: pinnedRefOf(stated) };
    },
  },
  {
    weight: 8,
    type: "commitment.carried",
    to: ["commitment.carry-accepted"],
    by: (accepted, history) => giverOf(accepted, history),
    x: (accepted, history) => {
      const completed = history.facts.find((fact) => {
        const accept = fact.header.type === "handoff.completed" && find(history, member(fact, "accept"));
        return accept && member(accept, "offer") === member(accepted, "offer");
      });
      return completed === undefined ? null : { completed: completed.ref, accepted: accepted.ref };
    },
  },
  ...conversationActs,
  {
    weight: 1,
    type: "subject.merged",
    to: ["initiative.proposed", "challenge.shared", "post.published", ...creations],
    by: () => null,
  },
  { weight: 1, type: "com.example.noted", to: ["initiative.proposed", "challenge.shared"], by: () => null },
];

function offerFor(stated: Told, history: History, step: Step): Told | undefined {
  const seat = creationOf(stated, history)?.header.x["seat"] as { readonly initiative?: string } | undefined;
  const offers = history.facts.filter(
    (fact) => fact.header.type === "handoff.offered" && fact.subject === seat?.initiative,
  );
  return offers.at(-1 - (step.choice % Math.max(1, Math.min(2, offers.length))));
}

/** Help that was accepted becomes a request, and the offer its helper's signature, as one append makes it. */
function request(accepted: Told, author: number, history: History, step: Step): void {
  const offer = find(history, member(accepted, "offer"));
  if (offer === undefined) return;
  const x = {
    debtor: offer.by,
    beneficiaries: [accepted.by],
    due: String(member(offer, "due") ?? day(step)),
    origin: accepted.ref,
  };
  const requested = history.says(author, "commitment.requested", { x });
  history.says(author, "commitment.accepted", { subject: requested, x: { terms: pinnedRefOf(offer) } });
}
