/** Goal: fold.md section 5 as stories. */
import { describe, expect, it } from "vitest";
import { begin } from "./story.ts";

function asked() {
  const story = begin("ann", "bob", "cid");
  const challenge = story.does(story.ann, "challenge.shared", null, { ackBy: "2026-02-01" });
  story.hear();
  return { ...story, challenge };
}

describe("a challenge", () => {
  it("is acknowledged by others, resolved and reopened by its owner, in turn", () => {
    const { ann, bob, challenge, does, hear, tell } = asked();
    const cases = [
      [does(ann, "challenge.acknowledged", challenge), "own-challenge"],
      [does(bob, "challenge.acknowledged", challenge), "effective"],
      [does(ann, "challenge.reopened", challenge), "wrong-state"],
      [does(bob, "challenge.resolved", challenge), "not-the-owner"],
      [does(ann, "challenge.resolved", challenge), "effective"],
      [does(ann, "challenge.resolved", challenge), "wrong-state"],
      [does(bob, "help.offered", challenge), "effective"],
    ] as const;
    hear();
    const late = does(bob, "help.offered", challenge);
    const own = does(ann, "help.offered", challenge);
    does(ann, "challenge.reopened", challenge);
    hear();
    const warm = does(bob, "help.offered", challenge);
    const told = tell();
    for (const [entry, verdict] of cases) expect(told.verdict(entry)).toBe(verdict);
    expect(told.verdict(late)).toBe("challenge-resolved");
    expect(told.verdict(own)).toBe("own-challenge");
    expect(told.verdict(warm)).toBe("effective");
  });
});

describe("an offer of help", () => {
  it("is answered once by the owner, or taken back by who made it", () => {
    const { ann, bob, cid, challenge, does, hear, tell } = asked();
    const one = does(bob, "help.offered", challenge);
    const two = does(cid, "help.offered", challenge);
    const stranger = does(cid, "help.retracted", challenge, { offer: two.ref });
    const again = does(cid, "help.retracted", challenge, { offer: two.ref });
    hear();
    const wrong = does(cid, "help.retracted", challenge, { offer: one.ref });
    const notOwner = does(bob, "help.accepted", challenge, { offer: one.ref });
    const accepted = does(ann, "help.accepted", challenge, { offer: one.ref });
    const twice = does(ann, "help.thanked-declined", challenge, { offer: one.ref });
    const gone = does(ann, "help.accepted", challenge, { offer: two.ref });
    hear();
    const late = does(bob, "help.retracted", challenge, { offer: one.ref });
    const told = tell();
    expect(told.verdict(stranger)).toBe("effective");
    expect(told.verdict(again)).toBe("offer-closed");
    expect(told.verdict(wrong)).toBe("not-the-offerer");
    expect(told.verdict(notOwner)).toBe("not-the-owner");
    expect(told.verdict(accepted)).toBe("effective");
    expect(told.verdict(twice)).toBe("offer-closed");
    expect(told.verdict(gone)).toBe("offer-retracted");
    expect(told.verdict(late)).toBe("offer-closed");
  });

  it("crosses when taken back while it is accepted", () => {
    const { ann, bob, challenge, does, hear, tell } = asked();
    const offer = does(bob, "help.offered", challenge);
    hear();
    const accepted = does(ann, "help.accepted", challenge, { offer: offer.ref });
    does(bob, "help.retracted", challenge, { offer: offer.ref });
    expect(tell().verdict(accepted)).toBe("crossed");
  });
});

describe("help that becomes a commitment", () => {
  function offeredOnTerms(due = "2026-03-01") {
    const story = asked();
    const offer = story.does(story.bob, "help.offered", story.challenge, { due: "2026-03-01" });
    story.hear();
    const { ann, bob, does } = story;
    const take = () => {
      const accepted = does(ann, "help.accepted", story.challenge, { offer: offer.ref });
      const x = { debtor: bob.id, beneficiaries: [ann.id], due, origin: accepted.ref };
      const request = does(ann, "commitment.requested", null, x);
      const signed = does(ann, "commitment.accepted", request, { terms: offer.pinned });
      return { accepted, request, signed };
    };
    return { ...story, offer, take };
  }

  it("binds at once when the request says what the offer said", () => {
    const { take, tell } = offeredOnTerms();
    const { request } = take();
    expect(tell().commitment(request).state).toBe("active");
  });

  it("waits for the debtor when it says something else", () => {
    const { bob, take, tell, hear, does } = offeredOnTerms("2026-04-01");
    const { request, signed } = take();
    expect(tell().verdict(signed)).toBe("terms-differ");
    expect(tell().commitment(request)).toMatchObject({ state: "requested", due: "2026-04-01" });
    hear();
    does(bob, "commitment.accepted", request, { terms: request.pinned });
    expect(tell().commitment(request).state).toBe("active");
  });

  it("signs one request only: the entry right after the acceptance", () => {
    const { ann, bob, offer, take, tell, does } = offeredOnTerms();
    const { accepted, request } = take();
    const x = { debtor: bob.id, beneficiaries: [ann.id], due: "2026-03-01", origin: accepted.ref };
    const again = does(ann, "commitment.requested", null, x);
    const signed = does(ann, "commitment.accepted", again, { terms: offer.pinned });
    expect(tell().verdict(signed)).toBe("terms-differ");
    expect(tell().commitment(again).state).toBe("requested");
    expect(tell().commitment(request).state).toBe("active");
  });

  it("crosses with the offer taken back, until the offerer reaffirms or lets go", () => {
    for (const [verb, state] of [
      ["reaffirmed", "active"],
      ["let-go", "retracted"],
    ]) {
      const { bob, challenge, offer, take, tell, hear, does } = offeredOnTerms();
      does(bob, "help.retracted", challenge, { offer: offer.ref });
      const { accepted, request } = take();
      hear();
      expect(tell().verdict(accepted)).toBe("crossed");
      expect(tell().commitment(request).state).toBe("crossed");
      does(bob, `commitment.${verb}`, request, { terms: request.pinned });
      expect(tell().commitment(request).state).toBe(state);
    }
  });

  it("crosses unsigned, and binds when the offerer accepts all the same", () => {
    const { bob, challenge, offer, take, tell, hear, does } = offeredOnTerms("2026-04-01");
    does(bob, "help.retracted", challenge, { offer: offer.ref });
    const { request } = take();
    hear();
    expect(tell().commitment(request).state).toBe("crossed");
    does(bob, "commitment.accepted", request, { terms: request.pinned });
    expect(tell().commitment(request).state).toBe("active");
  });
});
