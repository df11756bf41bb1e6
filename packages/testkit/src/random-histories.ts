/**
 * Random histories of several partners that get far: every step picks something its author could sensibly answer, now
 * and then something it could not. Who meets whom is random too, so steps cross.
 *
 * A plan is plain numbers, hence shrinkable; playing it on a `History` makes the entries. The same plan can be played
 * with other identities and real hashes.
 */
import fc from "fast-check";
import { createHistory, type Foundation, type History, inventFoundation, type Told } from "./histories.ts";

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

/** What most steps of a history are about, so that its stories go far instead of many ways. */
const themes = {
  network: ["member", "charter", "initiative"],
  handoff: ["initiative", "lead", "handoff"],
  carrying: ["handoff", "commitment.pledged", "commitment.revision", "commitment.carr", "commitment.claimed"],
  help: ["challenge", "help"],
  signature: [
    "help",
    "commitment.requested",
    "commitment.accepted",
    "commitment.reaffirmed",
    "commitment.let-go",
  ],
  terms: [
    ...["countered", "accepted", "declined", "retracted", "reaffirmed", "let-go"].map(
      (verb) => `commitment.${verb}`,
    ),
    ...["commitment.requested", "commitment.offered"],
  ],
  keeping: ["commitment"],
  everything: [""],
} as const;
export type Theme = keyof typeof themes;

export type Plan = {
  readonly theme: Theme;
  readonly partners: number;
  readonly founders: number;
  /** How far ahead each partner's clock is, in milliseconds. */
  readonly ahead: readonly number[];
  readonly steps: readonly Step[];
};

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.nat({ max: 10_000 }),
  pick: fc.nat({ max: 10_000 }),
  choice: fc.nat({ max: 10_000 }),
  who: fc.nat({ max: 10_000 }),
  isStray: fc.nat({ max: 11 }).map((roll) => roll === 11),
  heard: fc.constantFrom("nothing", "nothing", "one", "pair", "pair", "all"),
});

/** Plans for 2 to 4 partners, `maxSteps` acts at most. */
export const plans = ({ maxSteps = 40 }: { readonly maxSteps?: number } = {}): fc.Arbitrary<Plan> =>
  fc.integer({ min: 2, max: 4 }).chain((partners) =>
    fc.record({
      theme: fc.constantFrom(...(Object.keys(themes) as readonly Theme[])),
      partners: fc.constant(partners),
      // Mostly all partners found the network: who is no member yet can say nothing that counts.
      founders: fc.oneof(
        { weight: 3, arbitrary: fc.constant(partners) },
        { weight: 1, arbitrary: fc.integer({ min: Math.min(2, partners), max: partners }) },
      ),
      ahead: fc.array(fc.constantFrom(0, 0, 500, 7_000, 90_000), {
        minLength: partners,
        maxLength: partners,
      }),
      steps: fc.array(step, { minLength: Math.floor(maxSteps / 3), maxLength: maxSteps }),
    }),
  );

/** Histories for property tests of folds. */
export const histories = (options: { readonly maxSteps?: number } = {}): fc.Arbitrary<History> =>
  plans(options).map((plan) => play(plan));

export function play(plan: Plan, foundation?: Foundation): History {
  const history = createHistory(foundation ?? inventFoundation(plan.partners, plan.founders, plan.ahead));
  begin(plan.theme, history);
  const ofTheme = acts.filter((act) => themes[plan.theme].some((start) => act.type.startsWith(start)));
  for (const step of plan.steps) {
    // One in six is about something else.
    take(step, actOf(step.act, step.who % 6 === 0 ? acts : ofTheme), history);
    hear(step, history);
  }
  return history;
}

function hear({ heard, who, choice }: Step, history: History): void {
  const count = history.partners.length;
  const [one, other] = [who % count, choice % count];
  if (heard === "all") history.meets();
  else if (heard === "pair") history.meets(one, other);
  else if (heard === "one") history.hears(one, other);
}

/** An act: of what earlier entries it is, who may do it, and what it says. */
type Act = {
  readonly weight: number;
  readonly type: string;
  /** Types of entries it can be an answer to; none: it begins something. */
  readonly to?: readonly string[];
  /** Who may, by index; `null`: anyone. */
  readonly by?: (answered: Told, history: History, step: Step) => string | null;
  readonly subject?: (answered: Told, history: History) => string | null;
  readonly x?: (answered: Told, history: History, step: Step) => object | null;
};

const member = (fact: Told, name: string): unknown => fact.header.x[name];
const pinned = (fact: Told): string => `${fact.ref}@${fact.hash}`;
const find = (history: History, ref: unknown): Told | undefined =>
  history.facts.find((fact) => fact.ref === String(ref).split("@")[0]);
const days = ["2026-02-01", "2026-03-01", "2026-04-01"];
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
  // Mostly the last to whom it was passed; one in four, whoever had it before.
  const passed = completed.at(step.choice % 4 === 0 ? -2 : -1);
  const accept = passed && find(history, member(passed, "accept"));
  return accept?.by ?? proposed.by;
};
const termX = (proposed: Told, history: History, step: Step) => ({
  term: Math.max(1, termOf(history, proposed.subject) - (step.choice % 4 === 0 ? 1 : 0)),
});
const giverOf = (accepted: Told, history: History): string | null =>
  find(history, member(accepted, "offer"))?.by ?? null;
const ownerOf = (offered: Told, history: History): string | null =>
  find(history, offered.header.subject)?.by ?? null;
const ofSubject = (fact: Told): string => fact.subject;

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
const namesTerms = (fact: Told) => ({ terms: pinned(fact) });

const acts: readonly Act[] = [
  // The network
  {
    weight: 2,
    type: "member.sponsored",
    to: ["log.opened"],
    by: () => null,
    subject: () => null,
    x: (opened, history, step) => {
      // Mostly someone who is no founder, or left: whoever is a member cannot be sponsored.
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
    by: ownerOf,
    x: (offered, _, step) => ({ offer: offered.ref, ...(step.choice % 5 === 0 ? { part: "half" } : {}) }),
  },
  {
    weight: 2,
    type: "help.thanked-declined",
    to: ["help.offered"],
    by: ownerOf,
    x: (offered) => ({ offer: offered.ref }),
  },
  // Commitments: beginning
  {
    weight: 7,
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
    weight: 7,
    type: "commitment.accepted",
    to: ["commitment.requested"],
    by: (requested) => requested.by,
    x: (requested, history) => {
      const accepted = find(history, member(requested, "origin"));
      const offer = accepted && find(history, member(accepted, "offer"));
      return offer === undefined ? null : { terms: pinned(offer) };
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
      base: pinned(stated),
    }),
  },
  { weight: 14, type: "commitment.accepted", to: statements, by: otherParty, x: namesTerms },
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
  { weight: 1, type: "commitment.pledge-declined", to: ["commitment.pledged"], by: someBeneficiary },
  {
    weight: 6,
    type: "commitment.revision-proposed",
    to: [...creations, "commitment.countered", "commitment.revision-proposed"],
    by: (stated, history, step) => {
      const creation = creationOf(stated, history);
      return creation === undefined ? null : someParty(creation, history, step);
    },
    x: (stated, _, step) => ({ base: pinned(stated), due: day(step) }),
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
      return offer === undefined ? null : { offer: offer.ref, terms: pinned(stated) };
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
  {
    weight: 1,
    type: "subject.merged",
    to: ["initiative.proposed", "challenge.shared", ...creations],
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

function actOf(roll: number, among: readonly Act[]): Act {
  let left = roll % among.reduce((sum, act) => sum + act.weight, 0);
  for (const act of among) {
    left -= act.weight;
    if (left < 0) return act;
  }
  return acts[0] as Act;
}

/** The first of what a theme is about, which everybody knows of. */
function begin(theme: Theme, history: History): void {
  const [one, other] = history.partners;
  const terms = { debtor: other?.by ?? "", beneficiaries: [one?.by ?? ""], due: days[0] as string };
  if (theme === "handoff") history.tells(0, "initiative.proposed");
  if (theme === "help" || theme === "signature") history.tells(0, "challenge.shared");
  if (theme === "terms" || theme === "keeping") {
    const requested = history.tells(0, "commitment.requested", { x: terms });
    if (theme === "keeping") {
      history.tells(1, "commitment.accepted", { subject: requested, x: { terms: pinned(requested) } });
    }
  }
  if (theme === "carrying") {
    const proposed = history.tells(0, "initiative.proposed");
    history.tells(0, "commitment.pledged", {
      x: {
        debtor: one?.by ?? "",
        beneficiaries: ["network"],
        due: days[0] as string,
        seat: { initiative: proposed.ref, term: 1 },
      },
    });
    history.tells(0, "handoff.offered", { subject: proposed, x: { to: other?.by ?? "", term: 1 } });
  }
}

/** Newest first in two of three, so that stories go on rather than begin again. */
function choose<T>(among: readonly T[], pick: number): T | undefined {
  const recent = among.slice(-3);
  return pick % 3 === 0 ? among[pick % Math.max(1, among.length)] : recent[pick % Math.max(1, recent.length)];
}

function take(step: Step, act: Act, history: History): void {
  const { partners } = history;
  const anyone = step.who % partners.length;
  if (act.to === undefined) {
    const x = act.x === undefined ? {} : act.x(history.facts[0] as Told, history, step);
    history.says(anyone, act.type, { x: x as Told["header"]["x"] });
    return;
  }
  const { to } = act;
  const answered = choose(
    history.facts.filter((fact) => to.includes(fact.header.type)),
    step.pick,
  );
  if (answered === undefined) return;
  const by = act.by?.(answered, history, step);
  const x = act.x === undefined ? {} : act.x(answered, history, step);
  if (x === null) return;
  const index = partners.findIndex((one) => one.by === by);
  const author = step.isStray || index < 0 ? anyone : index;
  // Mostly nobody speaks of what they did not hear; to hear of it is to hear of its author.
  const teller = partners.findIndex((one) => one.by === answered.by);
  if (!history.knows(author, answered) && step.choice % 10 !== 0) history.hears(author, teller);
  const subject = (act.subject ?? ofSubject)(answered, history);
  history.says(author, act.type, { subject, x: x as Told["header"]["x"] });
}
