/**
 * Histories of one initiative by adversaries: two logs of a giver that hand the same term to two partners, receivers that
 * take back what was completed, acts and further handoffs under a seat that did not come about, leads that leave.
 */
import type { Fact } from "@handfast/domain/fact";
import { Adversaries, oneOf, type Roll, rollFrom, type Saying, stated, type X } from "./adversary.ts";
import type { AdversaryHistory } from "./adversary-commitments.ts";

type Story = { readonly told: Adversaries; readonly subject: Fact; readonly roll: Roll };

/** @param seed Repeats a history. */
export function adversaryInitiative(seed: number): AdversaryHistory {
  const roll = rollFrom(seed);
  const told = new Adversaries(2 + roll(3), 1 + roll(3), roll);
  const subject = told.say(0, "initiative.proposed", null, roll(12) === 0 ? { seat: "open" } : {});
  told.meet();
  const story: Story = { told, subject, roll };
  const steps = 20 + roll(80);
  const meetings = 2 + roll(8);
  for (let step = 0; step < steps; step++) {
    if (roll(5) === 0) handOver(story);
    else {
      const by = roll(told.logs.length);
      if (roll(40) === 0) told.leave(by, roll(4) > 0);
      else sayOne(story, by);
    }
    if (roll(meetings) === 0) told.meet(roll(told.logs.length), roll(told.logs.length));
    if (roll(30) === 0) told.meet();
  }
  return { told, subject };
}

/** One handoff, whose giver and receiver hear of each other now and then only. */
function handOver({ told, subject, roll }: Story): void {
  const giver = roll(told.logs.length);
  const receiver = roll(told.logs.length);
  if (told.partnerOf(giver) === told.partnerOf(receiver)) return;
  const term = termKnownTo(told, giver);
  const say = (who: number, word: string, x: X): Fact | null => {
    const isSaid = told.sayIfCounting(who, `handoff.${word}`, subject, x);
    return isSaid ? (told.facts.at(-1) as Fact) : null;
  };
  const offer = say(giver, "offered", { to: told.partnerOf(receiver), term });
  if (offer === null) return;
  told.hear(receiver, giver);
  const accept = say(receiver, "accepted", { offer: offer.ref });
  if (accept === null) return;
  const takesBack = roll(3) === 0 ? (roll(2) === 0 ? "retracts" : "leaves") : null;
  const other = oneOf(told.logsOf([told.partnerOf(receiver)]), roll) as number;
  told.hear(giver, receiver);
  if (roll(2) === 0) told.hear(other, receiver);
  if (roll(5) === 0) say(giver, "cancelled", { offer: offer.ref });
  if (takesBack === "retracts") say(receiver, "acceptance-retracted", { accept: accept.ref });
  if (takesBack === "leaves") told.leave(receiver, roll(4) > 0);
  const completed = say(giver, "completed", { accept: accept.ref });
  if (completed === null) return;
  // Another log of the receiver acts on what it hears, whatever the first one took back.
  if (roll(2) === 0) told.hear(other, giver);
  if (roll(3) > 0) told.hear(receiver, giver);
  for (let acts = roll(4); acts > 0; acts--) sayOne({ told, subject, roll }, other);
}

/** As far as it could count. */
const termKnownTo = (told: Adversaries, who: number): number =>
  1 + told.known(who, "handoff.completed").length - (told.roll(4) === 0 ? 1 : 0);

function sayOne({ told, subject, roll }: Story, by: number): void {
  const tries = roll(8) > 0 ? 16 : 1;
  for (let left = tries; left > 0; left--) {
    const [type, about, x] = candidate({ told, subject, roll }, by);
    if (left > 1 && !told.counts(told.draft(by, type, about, x))) continue;
    told.say(by, type, about, x);
    return;
  }
}

function candidate({ told, subject, roll }: Story, by: number): Saying {
  const self = told.partnerOf(by);
  const term = Math.max(1, termKnownTo(told, by));
  const of = (type: string, x: X = {}): Saying => [type, subject, x];
  const receiver = oneOf(
    told.partners.filter((one) => one !== self),
    roll,
  ) as string;
  const offers = told.known(by, "handoff.offered");
  const accepts = told.known(by, "handoff.accepted");
  const offer = oneOf(offers.slice(-4), roll);
  const accept = oneOf(accepts.slice(-4), roll);
  const choices: Saying[] = [
    ...["adopted", "paused", "resumed", "completed"].map((word) => of(`initiative.${word}`, { term })),
    of("initiative.status-noted", { term, externalStatus: "alpha" }),
    of("initiative.joined"),
    of("initiative.left"),
    of("lead.stepped-up", { as: "lead" }),
    of("handoff.offered", { to: receiver, term }),
    of("handoff.offered", { to: receiver, term }),
  ];
  if (offer !== undefined) {
    for (const word of ["accepted", "declined", "cancelled"])
      choices.push(of(`handoff.${word}`, { offer: offer.ref }));
    const isMine = stated(offer)["to"] === self;
    if (isMine)
      for (let often = 0; often < 3; often++) choices.push(of("handoff.accepted", { offer: offer.ref }));
  }
  if (accept !== undefined) {
    for (const word of ["acceptance-retracted", "completed", "completed", "reaffirmed"]) {
      choices.push(of(`handoff.${word}`, { accept: accept.ref }));
    }
  }
  return oneOf(choices, roll) as Saying;
}
