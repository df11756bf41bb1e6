/**
 * Goal: fold.md section 6 as stories: how terms come to bind or do not, what crosses, and what happens under a bond.
 * A partner that is not told to hear does not hear: that is what makes two acts concurrent.
 */
import { describe, expect, it } from "vitest";
import type { Partner, Written, X } from "./bundle-writer.ts";
import { begin, type Story } from "./story.ts";

const due = "2026-06-01";
const later = "2026-07-01";

/** `ann` asks `bob` (and with `both`, together with `cid`). */
function requested({ both = false } = {}) {
  const story = begin("ann", "bob", "cid");
  const beneficiaries = both ? [story.ann.id, story.cid.id] : [story.ann.id];
  const x = { debtor: story.bob.id, beneficiaries, due };
  const request = story.does(story.ann, "commitment.requested", null, x);
  story.hear();
  const state = () => story.tell().commitment(request).state;
  const act = (by: Partner, verb: string, terms?: Written, more: X = {}) =>
    story.does(by, `commitment.${verb}`, request, { ...(terms && { terms: terms.pinned }), ...more });
  return { ...story, request, state, act, x };
}

/** As above, agreed, and everybody knows. */
function agreed() {
  const story = requested();
  story.act(story.bob, "accepted", story.request);
  story.hear();
  return story;
}

describe("terms", () => {
  it("bind when every required signer has signed the same", () => {
    const { ann, bob, cid, request, act, hear, tell, state } = requested({ both: true });
    expect(state()).toBe("requested");
    const own = act(ann, "accepted", request);
    act(bob, "accepted", request);
    const twice = act(bob, "accepted", request);
    expect(state()).toBe("requested");
    hear();
    act(cid, "accepted", request);
    const told = tell();
    expect(told.commitment(request)).toMatchObject({
      state: "active",
      debtor: "bob",
      beneficiaries: ["ann", "cid"],
      due,
    });
    expect(told.verdict(own)).toBe("already-signed");
    expect(told.verdict(twice)).toBe("already-signed");
  });

  it("are stated by parties only, between partners", () => {
    const { ann, bob, cid, does, tell } = begin("ann", "bob", "cid");
    const x = { debtor: bob.id, beneficiaries: [ann.id], due };
    const cases = [
      [does(cid, "commitment.requested", null, x), "not-a-party"],
      [does(ann, "commitment.offered", null, x), "not-a-party"],
      [does(ann, "commitment.pledged", null, x), "not-a-party"],
      [does(bob, "commitment.offered", null, x), "effective"],
      [does(bob, "commitment.offered", null, { ...x, beneficiaries: ["network"] }), "malformed"],
      [does(bob, "commitment.offered", null, { ...x, beneficiaries: [bob.id] }), "malformed"],
      [does(bob, "commitment.pledged", null, { ...x, beneficiaries: ["network"] }), "effective"],
    ] as const;
    const told = tell();
    for (const [entry, verdict] of cases) expect(told.verdict(entry)).toBe(verdict);
    expect(told.rows.map((row) => row.kind === "commitment" && row.state)).toEqual(["offered", "active"]);
  });

  it("are declined by a signer, retracted by who stated them, and then closed", () => {
    const one = requested();
    const stranger = one.act(one.cid, "declined", one.request);
    const other = one.act(one.bob, "retracted", one.request);
    one.act(one.bob, "declined", one.request);
    const late = one.act(one.bob, "accepted", one.request);
    expect(one.state()).toBe("declined");
    expect(one.tell().verdict(stranger)).toBe("not-a-party");
    expect(one.tell().verdict(other)).toBe("not-a-party");
    expect(one.tell().verdict(late)).toBe("terms-closed");
    const two = requested();
    two.act(two.ann, "retracted", two.request);
    expect(two.state()).toBe("retracted");
  });

  it("cannot be pulled back once they are fully signed", () => {
    const { ann, bob, request, act, does, x, tell, state } = agreed();
    const cases = [
      [act(ann, "retracted", request), "already-bound"],
      [act(bob, "declined", request), "already-signed"],
      [
        does(bob, "commitment.countered", request, { ...x, base: request.pinned, due: later }),
        "already-bound",
      ],
      [act(ann, "reaffirmed", request), "not-crossed"],
    ] as const;
    for (const [entry, verdict] of cases) expect(tell().verdict(entry)).toBe(verdict);
    expect(state()).toBe("active");
  });

  it("are countered by another party, keeping the parties", () => {
    const { ann, bob, cid, request, act, does, x, hear, tell } = requested();
    const base = request.pinned;
    const own = does(ann, "commitment.countered", request, { ...x, base });
    const stranger = does(cid, "commitment.countered", request, { ...x, base });
    const changed = does(bob, "commitment.countered", request, { ...x, base, beneficiaries: [cid.id] });
    const counter = does(bob, "commitment.countered", request, { ...x, base, due: later });
    const second = does(bob, "commitment.countered", request, { ...x, base });
    hear();
    expect(tell().commitment(request)).toMatchObject({ state: "offered", due: later });
    act(ann, "accepted", counter);
    const told = tell();
    expect(told.verdict(own)).toBe("own-terms");
    expect(told.verdict(stranger)).toBe("not-a-party");
    expect(told.verdict(changed)).toBe("parties-changed");
    expect(told.verdict(second)).toBe("terms-closed");
    expect(told.commitment(request)).toMatchObject({ state: "active", due: later });
  });
});

describe("what crosses before the bond", () => {
  it("retract ∥ accept: crossed until who retracted reaffirms, or lets go; the first counts", () => {
    for (const [verb, state, then] of [
      ["reaffirmed", "active", "let-go"],
      ["let-go", "retracted", "reaffirmed"],
    ] as const) {
      const story = requested();
      const { ann, bob, request, act, hear } = story;
      act(ann, "retracted", request);
      act(bob, "accepted", request);
      hear();
      expect(story.state()).toBe("crossed");
      const stranger = act(bob, verb, request);
      act(ann, verb, request);
      act(ann, then, request);
      expect(story.state()).toBe(state);
      expect(story.tell().verdict(stranger)).toBe("not-crossed");
    }
  });

  it("retract ∥ accept: a claim made without knowing stands again when the other confirms it", () => {
    const { ann, bob, request, act, hear, tell, state } = requested();
    act(bob, "accepted", request);
    const claim = act(bob, "claimed");
    act(ann, "retracted", request);
    hear();
    expect(state()).toBe("crossed");
    expect(tell().verdict(claim)).toBe("crossed");
    const confirmed = act(ann, "confirmed", undefined, { as: "full" });
    expect(tell().verdict(confirmed)).toBe("effective");
    expect(tell().verdict(claim)).toBe("effective");
    expect(state()).toBe("satisfied");
  });

  it("retract ∥ accept: a claim by the other side, made knowing it, changes nothing", () => {
    const { ann, bob, request, act, hear, tell, state } = requested();
    act(ann, "retracted", request);
    act(bob, "accepted", request);
    hear();
    const claim = act(bob, "claimed");
    expect(state()).toBe("crossed");
    act(ann, "reaffirmed", request);
    expect(tell().verdict(claim)).toBe("not-active");
    expect(state()).toBe("active");
  });

  it("counter ∥ accept of older terms: crossed on the older, the counter stays open", () => {
    const { ann, bob, cid, request, act, does, x, hear, tell } = requested({ both: true });
    act(cid, "accepted", request);
    hear(ann, cid);
    const counter = does(bob, "commitment.countered", request, { ...x, base: request.pinned, due: later });
    hear();
    expect(tell().commitment(request)).toMatchObject({ state: "offered", due: later });
    act(ann, "accepted", counter);
    act(cid, "accepted", counter);
    expect(tell().commitment(request)).toMatchObject({ state: "active", due: later });
  });

  it("two fully signed counters: crossed, until all who reaffirm name the same", () => {
    const { ann, bob, cid, request, act, does, x, hear, state, tell } = requested({ both: true });
    const one = does(bob, "commitment.countered", request, { ...x, base: request.pinned, due: later });
    const two = does(cid, "commitment.countered", request, { ...x, base: request.pinned, due: "2026-08-01" });
    hear();
    for (const by of [ann, cid]) act(by, "accepted", one);
    for (const by of [ann, bob]) act(by, "accepted", two);
    expect(state()).toBe("crossed");
    hear();
    act(bob, "reaffirmed", two);
    expect(tell().commitment(request)).toMatchObject({ state: "active", due: "2026-08-01" });
    act(cid, "reaffirmed", one);
    expect(state()).toBe("crossed");
  });

  it("counter ∥ retract: closed, and the counter sleeps until its author reaffirms it", () => {
    const { ann, bob, request, act, does, x, hear, state, tell } = requested();
    const counter = does(bob, "commitment.countered", request, { ...x, base: request.pinned, due: later });
    act(ann, "retracted", request);
    hear();
    expect(state()).toBe("retracted");
    act(bob, "reaffirmed", counter);
    expect(tell().commitment(request)).toMatchObject({ state: "offered", due: later });
  });

  it("decline ∥ accept by two signers: closed", () => {
    const { bob, cid, request, act, state } = requested({ both: true });
    act(bob, "declined", request);
    act(cid, "accepted", request);
    expect(state()).toBe("declined");
  });

  it("leave ∥ accept: crossed; an accept that knows of the leaving has no effect", () => {
    const one = requested();
    one.does(one.ann, "member.left", one.ann.entries[1]);
    one.act(one.bob, "accepted", one.request);
    expect(one.state()).toBe("crossed");
    const two = requested();
    two.does(two.ann, "member.left", two.ann.entries[1]);
    two.hear();
    const late = two.act(two.bob, "accepted", two.request);
    expect(two.tell().verdict(late)).toBe("party-left");
  });
});

describe("a commitment that binds", () => {
  it("is progressed and claimed by the debtor, confirmed by the confirmers", () => {
    const { ann, bob, cid, act, hear, tell, state } = agreed();
    const early = act(ann, "confirmed", undefined, { as: "full" });
    const stranger = act(ann, "claimed");
    act(bob, "progressed", undefined, { part: 50 });
    hear();
    const part = act(ann, "confirmed", undefined, { as: "partial" });
    act(bob, "claimed");
    const twice = act(bob, "claimed");
    const withdrawn = act(bob, "withdrawn");
    expect(state()).toBe("claimed");
    hear();
    const other = act(cid, "confirmed", undefined, { as: "full" });
    act(ann, "confirmed", undefined, { as: "full" });
    const again = act(ann, "disputed");
    const told = tell();
    expect(state()).toBe("satisfied");
    const verdicts = [early, stranger, part, twice, withdrawn, other, again].map(told.verdict);
    expect(verdicts).toEqual([
      "not-claimed",
      "not-the-debtor",
      "effective",
      "wrong-state",
      "already-claimed",
      "not-a-confirmer",
      "already-confirmed",
    ]);
  });

  it("is disputed until claimed again or confirmed", () => {
    const { ann, bob, act, hear, tell, state } = agreed();
    const early = act(ann, "disputed");
    act(bob, "claimed");
    hear();
    act(ann, "disputed");
    expect(state()).toBe("disputed");
    hear();
    act(bob, "claimed");
    expect(state()).toBe("claimed");
    hear();
    act(ann, "disputed");
    act(ann, "confirmed", undefined, { as: "full" });
    expect(state()).toBe("satisfied");
    expect(tell().verdict(early)).toBe("not-claimed");
  });

  it("is released by all partner beneficiaries, withdrawn by the debtor; release wins", () => {
    const { ann, bob, cid, act, hear, tell, state } = agreed();
    const stranger = act(cid, "released");
    act(bob, "withdrawn");
    expect(state()).toBe("withdrawn");
    act(ann, "released");
    expect(state()).toBe("released");
    const twice = act(ann, "released");
    hear();
    const claim = act(bob, "claimed");
    const progress = act(bob, "progressed");
    expect([stranger, twice, claim, progress].map(tell().verdict)).toEqual([
      "not-a-party",
      "already-released",
      "wrong-state",
      "closed",
    ]);
  });

  it("claim ∥ release: released", () => {
    const { ann, bob, act, hear, state } = agreed();
    act(bob, "claimed");
    act(ann, "released");
    expect(state()).toBe("released");
    hear();
    act(ann, "confirmed", undefined, { as: "full" });
    expect(state()).toBe("satisfied");
  });

  it("takes no act before its signatures are known", () => {
    const { ann, bob, request, act, hear, tell } = requested();
    const early = act(ann, "released");
    hear();
    act(bob, "accepted", request);
    const blind = act(ann, "released");
    expect([early, blind].map(tell().verdict)).toEqual(["not-active", "not-active"]);
  });

  it("can be finished by a debtor that left the network", () => {
    const { bob, act, does, hear, tell, state } = agreed();
    does(bob, "member.left", bob.entries[1]);
    const asked = act(bob, "revision-proposed", undefined, { base: "none" });
    act(bob, "claimed");
    hear();
    expect(state()).toBe("claimed");
    expect(tell().verdict(asked)).toBe("malformed");
    const next = does(bob, "commitment.pledged", null, { debtor: bob.id, beneficiaries: ["network"], due });
    expect(tell().verdict(next)).toBe("not-a-member");
  });
});

describe("a revision", () => {
  function revised() {
    const story = agreed();
    const propose = (by: Partner, base: Written, day: string) =>
      story.does(by, "commitment.revision-proposed", story.request, { base: base.pinned, due: day });
    const current = () => story.tell().commitment(story.request).due;
    return { ...story, propose, current };
  }

  it("binds when the others accept it, and the next one builds on it", () => {
    const { ann, bob, cid, request, propose, act, hear, current, tell } = revised();
    const stranger = propose(cid, request, later);
    const one = propose(bob, request, later);
    expect(current()).toBe(due);
    hear();
    const own = act(bob, "revision-accepted", one);
    act(ann, "revision-accepted", one);
    expect(current()).toBe(later);
    const stale = propose(ann, request, "2026-09-01");
    const two = propose(ann, one, "2026-10-01");
    hear();
    act(bob, "revision-declined", two);
    const late = act(bob, "revision-accepted", two);
    expect(current()).toBe(later);
    expect([stranger, own, stale, late].map(tell().verdict)).toEqual([
      "not-a-party",
      "already-signed",
      "stale-base",
      "terms-closed",
    ]);
  });

  it("retracted ∥ accepted: crossed, the base stands until it is reaffirmed", () => {
    const { ann, bob, request, propose, act, hear, current } = revised();
    const one = propose(bob, request, later);
    hear();
    act(bob, "revision-retracted", one);
    act(ann, "revision-accepted", one);
    hear();
    expect(current()).toBe(due);
    act(bob, "reaffirmed", one);
    expect(current()).toBe(later);
  });

  it("two on one base: the base stands until all signers reaffirmed the same", () => {
    const { ann, bob, request, propose, act, hear, current } = revised();
    const one = propose(bob, request, later);
    const two = propose(ann, request, "2026-10-01");
    hear();
    act(bob, "revision-accepted", two);
    act(ann, "revision-accepted", one);
    hear();
    expect(current()).toBe(due);
    act(ann, "reaffirmed", two);
    expect(current()).toBe(due);
    act(bob, "reaffirmed", two);
    expect(current()).toBe("2026-10-01");
  });
});

function pledgedTo(story: Story & { ann: Partner; bob: Partner }, more: readonly string[] = []) {
  const initiative = story.does(story.ann, "initiative.proposed", null, { externalId: "item-1" });
  const pledge = story.does(story.ann, "commitment.pledged", null, {
    debtor: story.ann.id,
    beneficiaries: [initiative.ref, ...more],
    due,
    externalId: "milestone-1",
    seat: { initiative: initiative.ref, term: 1 },
  });
  story.hear();
  return { initiative, pledge };
}

describe("a pledge", () => {
  it("binds at once and is revised by its debtor alone, until it claims", () => {
    const story = begin("ann", "bob");
    const { ann, bob, does, tell } = story;
    const { initiative, pledge } = pledgedTo(story);
    const revision = does(ann, "commitment.revision-proposed", pledge, { base: pledge.pinned, due: later });
    const stranger = does(bob, "commitment.revision-proposed", pledge, { base: pledge.pinned, due });
    does(ann, "commitment.claimed", pledge);
    const late = does(ann, "commitment.revision-proposed", pledge, { base: revision.pinned, due });
    const told = tell();
    expect(told.commitment(pledge)).toEqual({
      kind: "commitment",
      id: pledge.ref,
      externalId: "milestone-1",
      initiative: initiative.ref,
      title: null,
      debtor: "ann",
      beneficiaries: [],
      due: later,
      state: "claimed",
      // Nobody answered it by the moment the replay shows.
      view: "presumed",
    });
    expect(told.verdict(stranger)).toBe("not-a-party");
    expect(told.verdict(late)).toBe("wrong-state");
  });

  it("can be declined by a beneficiary; when none is left it is declined", () => {
    const { ann, bob, cid, does, hear, tell } = begin("ann", "bob", "cid");
    const x = { debtor: ann.id, beneficiaries: [bob.id, cid.id], due };
    const pledge = does(ann, "commitment.pledged", null, x);
    hear();
    does(bob, "commitment.pledge-declined", pledge);
    const twice = does(bob, "commitment.pledge-declined", pledge);
    const stranger = does(ann, "commitment.pledge-declined", pledge);
    expect(tell().commitment(pledge)).toMatchObject({ state: "active", beneficiaries: ["cid"] });
    does(cid, "commitment.pledge-declined", pledge);
    expect(tell().commitment(pledge).state).toBe("declined");
    expect([twice, stranger].map(tell().verdict)).toEqual(["already-declined", "not-a-party"]);
  });

  it("is declined by nobody whom it was kept for, nor by who confirmed it", () => {
    const { ann, bob, cid, does, hear, tell } = begin("ann", "bob", "cid");
    const pledge = does(ann, "commitment.pledged", null, {
      debtor: ann.id,
      beneficiaries: [bob.id],
      confirmers: [cid.id],
      due,
    });
    does(ann, "commitment.claimed", pledge);
    hear();
    does(cid, "commitment.confirmed", pledge, { as: "full" });
    hear();
    const kept = does(bob, "commitment.pledge-declined", pledge);
    expect(tell().verdict(kept)).toBe("closed");
    expect(tell().commitment(pledge).state).toBe("satisfied");
  });

  function carrying() {
    const story = begin("ann", "bob", "cid");
    const { ann, bob, does, hear } = story;
    const { initiative, pledge } = pledgedTo(story);
    const offer = does(ann, "handoff.offered", initiative, { to: bob.id, term: 1 });
    hear();
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    const x = { offer: offer.ref, terms: pledge.pinned };
    const carry = does(bob, "commitment.carry-accepted", pledge, x);
    const complete = () => {
      const completed = does(ann, "handoff.completed", initiative, { accept: accept.ref });
      const carried = does(ann, "commitment.carried", pledge, {
        completed: completed.ref,
        accepted: carry.ref,
      });
      return { completed, carried };
    };
    return { ...story, initiative, pledge, offer, accept, carry, complete };
  }

  it("goes along when the lead is handed over", () => {
    const { ann, bob, pledge, hear, complete, does, tell } = carrying();
    const early = does(bob, "commitment.claimed", pledge);
    hear();
    complete();
    const old = does(ann, "commitment.claimed", pledge);
    hear();
    does(bob, "commitment.revision-proposed", pledge, { base: pledge.pinned, due: later });
    does(bob, "commitment.claimed", pledge);
    const told = tell();
    expect(told.commitment(pledge)).toMatchObject({ debtor: "bob", due: later, state: "claimed" });
    expect([early, old].map(told.verdict)).toEqual(["not-the-debtor", "not-the-debtor"]);
  });

  it("stays with the giver when it was revised or claimed before", () => {
    for (const [verb, reason] of [
      ["revision-proposed", "stale-terms"],
      ["claimed", "wrong-state"],
    ]) {
      const { ann, pledge, hear, complete, does, tell } = carrying();
      hear();
      does(ann, `commitment.${verb}`, pledge, verb === "claimed" ? {} : { base: pledge.pinned, due: later });
      const { carried } = complete();
      expect(tell().verdict(carried)).toBe(reason);
      expect(tell().commitment(pledge).debtor).toBe("ann");
    }
  });

  it("crosses with its handoff", () => {
    const { bob, initiative, pledge, accept, hear, complete, does, tell } = carrying();
    hear();
    const { completed, carried } = complete();
    does(bob, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
    expect([completed, carried].map(tell().verdict)).toEqual(["crossed", "crossed"]);
    expect(tell().commitment(pledge).debtor).toBe("ann");
  });

  it("is carried by the receiver of a handoff of its own initiative only", () => {
    const { ann, cid, pledge, offer, carry, initiative, does, hear, tell, complete } = carrying();
    const stranger = does(cid, "commitment.carry-accepted", pledge, {
      offer: offer.ref,
      terms: pledge.pinned,
    });
    hear();
    const early = does(ann, "commitment.carried", pledge, { completed: initiative.ref, accepted: carry.ref });
    const { carried } = complete();
    expect([stranger, early, carried].map(tell().verdict)).toEqual([
      "wrong-offer",
      "wrong-offer",
      "effective",
    ]);
  });
});
