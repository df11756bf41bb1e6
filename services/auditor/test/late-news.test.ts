/**
 * Goal: news never gives an effect to an entry that had none (fold.md section 2), and no subject grows beyond what a
 * fold can hold. Each case is told twice, before and after the news.
 */
import { describe, expect, it } from "vitest";
import type { Partner, Written } from "./bundle-writer.ts";
import { begin, type Story } from "./story.ts";

const due = "2026-05-05";

/** Ann hands the lead to bob; bob takes its acceptance back, which nobody hears of yet. */
function handedOver() {
  const story = begin("ann", "bob", "cid");
  const { ann, bob, cid, does, hear } = story;
  const initiative = does(ann, "initiative.proposed");
  const pledge = does(ann, "commitment.pledged", null, {
    debtor: ann.id,
    beneficiaries: [initiative.ref],
    due,
    seat: { initiative: initiative.ref, term: 1 },
  });
  const offer = does(ann, "handoff.offered", initiative, { to: bob.id, term: 1 });
  const other = does(ann, "handoff.offered", initiative, { to: cid.id, term: 1 });
  hear();
  const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
  const accepted = does(bob, "commitment.carry-accepted", pledge, {
    offer: offer.ref,
    terms: pledge.pinned,
  });
  hear();
  const retract = () => does(bob, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
  const complete = () => {
    const completed = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    does(ann, "commitment.carried", pledge, { completed: completed.ref, accepted: accepted.ref });
    hear(ann, cid);
    return completed;
  };
  return { ...story, initiative, pledge, offer, other, accept, retract, complete };
}

/** The verdict on an entry without, and then with, what `news` writes. */
function verdicts({ tell }: Story, entry: Written, news: () => unknown): (string | undefined)[] {
  const before = tell().verdict(entry);
  news();
  return [before, tell().verdict(entry)];
}

describe("news that crosses a completed handoff", () => {
  it("does not open the term again to those who acted without it", () => {
    const story = handedOver();
    const { cid, initiative, other, complete, retract, does } = story;
    complete();
    const late = does(cid, "handoff.accepted", initiative, { offer: other.ref });
    expect(verdicts(story, late, retract)).toEqual(["handoff-closed", "handoff-closed"]);
  });

  it("does not make the giver of a pledge its debtor again for what it wrote before", () => {
    const story = handedOver();
    const { ann, pledge, complete, retract, does, hear, tell } = story;
    complete();
    const late = does(ann, "commitment.progressed", pledge, { part: 10 });
    expect(verdicts(story, late, retract)).toEqual(["not-the-debtor", "not-the-debtor"]);
    hear();
    const again = does(ann, "commitment.progressed", pledge, { part: 10 });
    expect(tell().verdict(again)).toBe("effective");
    expect(tell().commitment(pledge).debtor).toBe("ann");
  });

  it("leaves what the giver did once it knew, and no more than that", () => {
    const { ann, initiative, complete, retract, does, hear, tell } = handedOver();
    const completed = complete();
    const blind = does(ann, "initiative.adopted", initiative, { term: 1 });
    retract();
    hear();
    const knowing = does(ann, "initiative.adopted", initiative, { term: 1 });
    const told = tell();
    expect([completed, blind, knowing].map(told.verdict)).toEqual(["crossed", "not-the-lead", "effective"]);
    expect(told.initiative(initiative)).toMatchObject({ lead: "ann", term: 1, status: "active" });
  });
});

describe("terms that were let go as rivals", () => {
  it("stay closed when news crosses the others", () => {
    const story = begin("ann", "bob", "cid");
    const { ann, bob, cid, world, does, hear, tell } = story;
    const parties = { debtor: cid.id, beneficiaries: [ann.id, bob.id] };
    const asked = does(ann, "commitment.requested", null, { ...parties, due });
    hear();
    const counter = (by: Partner, day: string) =>
      does(by, "commitment.countered", asked, { ...parties, due: day, base: asked.pinned });
    const [first, second] = [counter(cid, "2026-06-01"), counter(bob, "2026-07-01")];
    hear();
    const named = (by: Partner, verb: string, terms: Written) =>
      does(by, `commitment.${verb}`, asked, { terms: terms.pinned });
    const after = [named(bob, "accepted", first), named(cid, "accepted", second)];
    named(ann, "accepted", first);
    named(ann, "accepted", second);
    expect(tell().commitment(asked).state).toBe("crossed");
    const x = { terms: first.pinned };
    const letGo = world.act(ann, "commitment.let-go", { subject: asked, after, x });
    expect(tell().commitment(asked)).toMatchObject({ state: "active", due: "2026-07-01" });
    named(bob, "retracted", second);
    expect(tell().verdict(letGo)).toBe("effective");
    expect(tell().commitment(asked).state).toBe("crossed");
  });
});

describe("a subject", () => {
  it("holds 4,096 valid entries in a past, and no more", () => {
    const { ann, bob, cid, does, hear, tell } = begin("ann", "bob", "cid");
    const initiative = does(ann, "initiative.proposed");
    hear();
    let last = initiative;
    for (let count = 1; count < 4096; count++) {
      last = does(bob, count % 2 === 1 ? "initiative.joined" : "initiative.left", initiative);
      if (count === 4095 - 1) hear(bob, cid);
    }
    const full = does(bob, "initiative.left", initiative);
    const fullAgain = does(bob, "commitment.pledged", null, {
      debtor: bob.id,
      beneficiaries: [initiative.ref],
      due,
    });
    const deaf = does(ann, "initiative.adopted", initiative, { term: 1 });
    const roomForOne = does(cid, "initiative.joined", initiative);
    const refused = does(cid, "initiative.left", initiative);
    const told = tell();
    expect([last, full, fullAgain, deaf, roomForOne, refused].map(told.verdict)).toEqual([
      "effective",
      "subject-full",
      "effective",
      "effective",
      "effective",
      "subject-full",
    ]);
    expect(told.initiative(initiative)).toMatchObject({ participants: ["bob", "cid"], status: "active" });
  });
});
