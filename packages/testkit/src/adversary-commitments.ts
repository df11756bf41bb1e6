/**
 * Histories of one commitment by adversaries: many rivals, chosen and let go several times over; revisions that cross in
 * the middle of a chain; partners that left and came back between signature and answer; claims that reaffirm; pledges
 * carried by handoffs that did not come about. A test shows that they reach this.
 */
import { type Fact, pinnedRefOf } from "@handfast/domain/fact";
import {
  Adversaries,
  namesTerms,
  oneOf,
  type Roll,
  rollFrom,
  type Saying,
  stated,
  type X,
} from "./adversary.ts";

const days = ["2026-02-01", "2026-03-01", "2026-04-01"];
const creations = ["commitment.requested", "commitment.offered", "commitment.pledged"];
const statements = [...creations, "commitment.countered", "commitment.revision-proposed"];
const naming = ["accepted", "declined", "retracted", "reaffirmed", "let-go"];
const revising = [
  "revision-accepted",
  "revision-accepted",
  "revision-declined",
  "revision-retracted",
  "reaffirmed",
  "let-go",
];
const acts = [
  ...["progressed", "claimed", "claimed", "confirmed", "confirmed"],
  ...["disputed", "released", "withdrawn", "pledge-declined"],
];
const themes = [
  ...(["rivals", "rivals", "revisions", "revisions", "keeping", "carrying", "anything", "leaving"] as const),
];
type Theme = (typeof themes)[number];
type Story = {
  readonly told: Adversaries;
  readonly subject: Fact;
  readonly theme: Theme;
  readonly roll: Roll;
};

export type AdversaryHistory = { readonly told: Adversaries; readonly subject: Fact };

/** @param seed Repeats a history. */
export function adversaryCommitment(seed: number): AdversaryHistory {
  const roll = rollFrom(seed);
  const theme = oneOf(themes, roll) as Theme;
  const told = new Adversaries(2 + roll(3), 1 + roll(3), roll);
  const subject = begin(told, theme, roll);
  const story: Story = { told, subject, theme, roll };
  const { debtor, beneficiaries } = partiesOf(subject);
  const parties = theme === "carrying" ? told.partners : [...new Set([debtor, ...beneficiaries])];
  if (theme === "rivals") for (let round = 1 + roll(2); round > 0; round--) rival(story, parties);
  if (theme === "leaving") comeAndGo(story, parties);
  if (theme === "carrying") for (let times = roll(4); times > 0; times--) handOver(story);

  const steps = 15 + roll(70);
  const meetings = 2 + roll(6);
  for (let step = 0; step < steps; step++) {
    // Mostly somebody who has a say in it.
    const among = roll(8) === 0 ? [] : told.logsOf(parties);
    const by = oneOf(among, roll) ?? roll(told.logs.length);
    if (!told.knows(by, subject))
      told.hear(
        by,
        told.logs.findIndex((one) => one.log === subject.log),
      );
    if (roll(theme === "leaving" ? 8 : 60) === 0) told.leave(by, roll(5) > 0);
    else sayOne(story, by);
    if (roll(meetings) === 0) told.meet(roll(told.logs.length), roll(told.logs.length));
    if (roll(40) === 0) told.meet();
  }
  return { told, subject };
}

function partiesOf(subject: Fact): { readonly debtor: string; readonly beneficiaries: string[] } {
  const { debtor, beneficiaries } = stated(subject);
  return { debtor: String(debtor), beneficiaries: (beneficiaries as string[] | undefined) ?? [] };
}

function begin(told: Adversaries, theme: Theme, roll: Roll): Fact {
  const [debtor, ...others] = told.partners as [string, ...string[]];
  const first = others[0] as string;
  const owner = told.logs.findIndex((one) => one.by === first);
  const due = days[0] as string;
  const asked = { debtor, beneficiaries: roll(2) === 0 ? [first] : others, due };
  const kinds = ["requested", "offered", "pledged", "helped", "helped"];
  const kind =
    theme === "carrying"
      ? "seated"
      : theme === "rivals" && roll(3) > 0
        ? "requested"
        : (oneOf(kinds, roll) as string);
  const agree = (fact: Fact): Fact => {
    told.meet();
    if (theme === "rivals" || theme === "leaving" || roll(3) === 0) return fact;
    for (const [index, { by }] of told.logs.entries()) {
      const isParty = asked.beneficiaries.includes(by) || by === debtor;
      if (isParty && told.logs[index - 1]?.by !== by && by !== fact.by) {
        told.say(index, "commitment.accepted", fact, namesTerms(fact));
      }
    }
    told.meet();
    return fact;
  };
  switch (kind) {
    case "requested":
      return agree(told.say(owner, "commitment.requested", null, asked));
    case "offered":
      return agree(told.say(0, "commitment.offered", null, asked));
    case "helped":
      return beginWithHelp(told, owner, { debtor, beneficiaries: [first], due }, roll);
    case "seated": {
      const initiative = told.say(0, "initiative.proposed", null);
      const seat = { initiative: initiative.ref, term: 1 };
      const made = told.say(0, "commitment.pledged", null, { ...asked, seat });
      told.meet();
      return made;
    }
    default: {
      const beneficiaries = [...asked.beneficiaries, "network"];
      return told.say(0, "commitment.pledged", null, { ...asked, beneficiaries });
    }
  }
}

function beginWithHelp(
  told: Adversaries,
  owner: number,
  asked: { readonly debtor: string; readonly beneficiaries: string[]; readonly due: string },
  roll: Roll,
): Fact {
  const challenge = told.say(owner, "challenge.shared", null);
  told.meet();
  const offer = told.say(0, "help.offered", challenge, roll(4) === 0 ? {} : { due: asked.due });
  told.meet();
  if (roll(2) === 0) told.say(0, "help.retracted", challenge, { offer: offer.ref });
  const accepted = told.say(owner, "help.accepted", challenge, { offer: offer.ref });
  const made = told.say(owner, "commitment.requested", null, { ...asked, origin: accepted.ref });
  if (roll(3) > 0) told.say(owner, "commitment.accepted", made, namesTerms(offer));
  if (roll(2) === 0) told.meet();
  return made;
}

/** All state terms of their own; all sign what they like, nobody knowing what the others sign; then they choose. */
function rival({ told, subject, roll }: Story, parties: readonly string[]): void {
  const logs = told.logsOf(parties);
  const { debtor, beneficiaries } = partiesOf(subject);
  const termsKnown = (by: number) =>
    told
      .known(by, "commitment.requested", "commitment.offered", "commitment.countered")
      .filter((one) => one.subject === subject.ref);
  const say = (by: number, word: string, what: X) =>
    told.sayIfCounting(by, `commitment.${word}`, subject, what);
  told.meet();
  for (const by of logs) {
    for (const base of termsKnown(by).slice(-4)) {
      const due = oneOf(days, roll) as string;
      if (roll(2) === 0) say(by, "countered", { debtor, beneficiaries, due, base: pinnedRefOf(base) });
    }
  }
  told.meet();
  for (const by of logs) {
    for (const terms of termsKnown(by).slice(-6)) {
      say(by, roll(9) === 0 ? "retracted" : "accepted", namesTerms(terms));
    }
    if (roll(12) === 0) told.leave(by, true);
  }
  const anyone = () => oneOf(logs, roll) as number;
  for (let meetings = roll(5); meetings > 0; meetings--) told.meet(anyone(), anyone());
  if (roll(2) === 0) told.meet();
  for (let answers = roll(8); answers > 0; answers--) {
    const by = anyone();
    const terms = oneOf(termsKnown(by).slice(-6), roll);
    if (terms === undefined) continue;
    if (roll(4) > 0) say(by, roll(3) === 0 ? "let-go" : "reaffirmed", namesTerms(terms));
    else if (roll(2) === 0) say(by, "claimed", {});
    else say(by, "confirmed", { as: "full" });
    if (roll(3) === 0) told.meet(by, anyone());
  }
}

/** Somebody signs or pulls back, leaves, comes back and answers; some logs hear nothing of it, and sign or pull back. */
function comeAndGo({ told, subject, roll }: Story, parties: readonly string[]): void {
  told.meet();
  const logs = told.logsOf(parties);
  const deaf = logs.filter(() => roll(3) === 0);
  const awake = logs.filter((index) => !deaf.includes(index));
  const leaver = oneOf(awake, roll);
  if (leaver === undefined) return;
  const say = (by: number, word: string, x: X) => told.sayIfCounting(by, `commitment.${word}`, subject, x);
  const terms = namesTerms(subject);
  for (const by of awake) say(by, roll(3) === 0 ? "declined" : "accepted", terms);
  told.meet(...awake);
  told.leave(leaver, true);
  const answers = { claimed: {}, confirmed: { as: "full" }, reaffirmed: terms, "let-go": terms };
  for (const [word, x] of Object.entries(answers)) if (roll(2) === 0) say(leaver, word, x);
  for (const by of deaf) say(by, roll(4) === 0 ? "declined" : "accepted", terms);
  told.meet();
}

/** The lead passes on, and the pledge with it; sometimes the receiver takes its word back without knowing of that. */
function handOver({ told, subject, roll }: Story): void {
  const { seat } = stated(subject) as { readonly seat?: { readonly initiative: string } };
  const initiative = told.facts.find((one) => one.ref === seat?.initiative);
  const lead = initiative === undefined ? null : told.world.now.initiative(initiative.ref);
  if (initiative === undefined || lead === null) return;
  const giver = told.logs.findIndex((one) => one.by === lead.lead);
  const receivers = [...told.logs.keys()].filter((index) => told.partnerOf(index) !== lead.lead);
  const receiver = oneOf(receivers, roll);
  if (giver < 0 || receiver === undefined) return;
  const offer = told.say(giver, "handoff.offered", initiative, {
    to: told.partnerOf(receiver),
    term: lead.term,
  });
  told.meet();
  const terms = told.world.now.commitment(subject.ref)?.terms.current.pinned ?? pinnedRefOf(subject);
  const accept = told.say(receiver, "handoff.accepted", initiative, { offer: offer.ref });
  const taken = told.say(receiver, "commitment.carry-accepted", subject, { offer: offer.ref, terms });
  told.meet();
  if (roll(4) === 0) told.say(receiver, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
  const completed = told.say(giver, "handoff.completed", initiative, { accept: accept.ref });
  const carried = { completed: completed.ref, accepted: taken.ref };
  if (roll(6) > 0) told.say(giver, "commitment.carried", subject, carried);
  if (roll(3) > 0) told.meet();
}

function sayOne(story: Story, by: number): void {
  const { told, subject, roll } = story;
  const tries = roll(8) > 0 ? 16 : 1;
  for (let left = tries; left > 0; left--) {
    const saying = candidate(story, by);
    if (saying === null) continue;
    const [type, about, x] = saying;
    if (left === 1 || about !== subject || told.counts(told.draft(by, type, about, x))) {
      told.say(by, type, about, x);
      return;
    }
  }
}

/** Which group of acts a theme is mostly about: 0 counters, 1 answers, 2 performance, 3 revisions. */
function pick(theme: Theme, roll: Roll): number {
  switch (theme) {
    case "anything":
      return roll(4);
    case "leaving":
      return roll(6) === 0 ? 2 : 1;
    case "rivals":
      return roll(5) === 0 ? 2 : roll(2);
    case "revisions":
      return roll(4) === 0 ? roll(3) : 3;
    case "keeping":
    case "carrying":
      return roll(6) === 0 ? roll(4) : 2;
  }
}

function candidate(story: Story, by: number): Saying | null {
  const { told, subject, theme, roll } = story;
  const known = told.known(by, ...statements).filter((fact) => fact.subject === subject.ref);
  const terms = roll(2) === 0 ? oneOf(known.slice(-4), roll) : oneOf(known, roll);
  if (terms === undefined) return null;
  const pinned = pinnedRefOf(terms);
  const due = oneOf(days, roll) as string;
  const of = (word: string, x: X): Saying => [`commitment.${word}`, subject, x];
  if (theme === "carrying" && roll(2) === 0) return carrying(story, by, pinned);
  switch (pick(theme, roll)) {
    case 0: {
      const { debtor, beneficiaries } = partiesOf(subject);
      return of("countered", { debtor, beneficiaries, due, base: pinned });
    }
    case 1: {
      const help = roll(8) === 0 ? oneOf(told.known(by, "help.offered"), roll) : undefined;
      if (help !== undefined) return of("accepted", namesTerms(help));
      return of(oneOf(naming, roll) as string, { terms: pinned });
    }
    case 2: {
      const word = theme === "carrying" && roll(8) > 0 ? "progressed" : (oneOf(acts, roll) as string);
      return of(word, word === "confirmed" ? { as: roll(3) === 0 ? "partial" : "full" } : {});
    }
    default:
      return roll(2) === 0
        ? of("revision-proposed", { base: pinned, due })
        : of(oneOf(revising, roll) as string, { terms: pinned });
  }
}

/** What could be said of a handoff that its pledge goes along with. */
function carrying({ told, subject, roll }: Story, by: number, terms: string): Saying | null {
  const [initiative] = told.known(by, "initiative.proposed");
  if (initiative === undefined) return null;
  const self = told.partnerOf(by);
  const named = (fact: Fact | undefined, member: string): Fact | undefined =>
    fact && told.facts.find((one) => one.ref === stated(fact)[member]);
  const accepts = told.known(by, "handoff.accepted");
  const completions = told.known(by, "handoff.completed");
  const term = 1 + completions.length;
  const choices: Saying[] = [];
  const add = (type: string, about: Fact, x: X) => choices.push([type, about, x]);
  const receiver = oneOf(
    told.partners.filter((one) => one !== self),
    roll,
  ) as string;
  add("handoff.offered", initiative, { to: receiver, term: Math.max(1, term - (roll(4) === 0 ? 1 : 0)) });
  const toSelf = told.known(by, "handoff.offered").filter((one) => stated(one)["to"] === self);
  for (const offer of toSelf.slice(-2)) {
    add("handoff.accepted", initiative, { offer: offer.ref });
    for (let twice = 0; twice < 2; twice++)
      add("commitment.carry-accepted", subject, { offer: offer.ref, terms });
  }
  for (const accept of accepts.filter((one) => one.by === self).slice(-1)) {
    if (roll(3) === 0) add("handoff.acceptance-retracted", initiative, { accept: accept.ref });
  }
  for (const accept of accepts.filter((one) => named(one, "offer")?.by === self).slice(-2)) {
    for (let twice = 0; twice < 2; twice++) add("handoff.completed", initiative, { accept: accept.ref });
    if (roll(4) === 0) add("handoff.cancelled", initiative, { offer: String(stated(accept)["offer"]) });
  }
  for (const completed of completions.filter((one) => one.by === self)) {
    const offer = stated(named(completed, "accept") ?? completed)["offer"];
    const taken = told.known(by, "commitment.carry-accepted").filter((one) => stated(one)["offer"] === offer);
    for (const one of taken) {
      const x = { completed: completed.ref, accepted: one.ref };
      for (let often = 0; often < 3; often++) add("commitment.carried", subject, x);
    }
  }
  return oneOf(choices, roll) ?? null;
}
