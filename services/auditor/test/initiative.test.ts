/**
 * Goal: fold.md section 4 as stories, one rule or crossing each. Partners act on what they have heard; the auditor
 * reads the bundle and must see the same as they would when they meet.
 */
import { describe, expect, it } from "vitest";
import { begin } from "./story.ts";

function led() {
  const story = begin("ann", "bob", "cid");
  const initiative = story.does(story.ann, "initiative.proposed");
  story.hear();
  return { ...story, initiative };
}

describe("an initiative", () => {
  it("is proposed, adopted, paused, resumed and completed by its lead", () => {
    const { ann, initiative, does, tell } = led();
    expect(tell().initiative(initiative)).toMatchObject({
      status: "proposed",
      lead: "ann",
      term: 1,
      participants: [],
    });
    const early = does(ann, "initiative.paused", initiative, { term: 1 });
    does(ann, "initiative.adopted", initiative, { term: 1 });
    does(ann, "initiative.paused", initiative, { term: 1 });
    const again = does(ann, "initiative.adopted", initiative, { term: 1 });
    does(ann, "initiative.resumed", initiative, { term: 1 });
    does(ann, "initiative.completed", initiative, { term: 1 });
    const told = tell();
    expect(told.verdict(early)).toBe("wrong-state");
    expect(told.verdict(again)).toBe("wrong-state");
    expect(told.initiative(initiative).status).toBe("completed");
  });

  it("takes no lead act from others, nor with another term", () => {
    const { ann, bob, initiative, does, tell } = led();
    const stranger = does(bob, "initiative.adopted", initiative, { term: 1 });
    const early = does(ann, "initiative.adopted", initiative, { term: 2 });
    const told = tell();
    expect(told.verdict(stranger)).toBe("not-the-lead");
    expect(told.verdict(early)).toBe("not-the-lead");
    expect(told.initiative(initiative).status).toBe("proposed");
  });

  it("keeps the last status noted, in any state", () => {
    const { ann, initiative, does, tell } = led();
    does(ann, "initiative.status-noted", initiative, { term: 1, externalStatus: "provisional" });
    does(ann, "initiative.status-noted", initiative, { term: 1, externalStatus: "withdrawn" });
    expect(tell().initiative(initiative).externalStatus).toBe("withdrawn");
  });

  it("lists who joined and did not leave, without its lead", () => {
    const { ann, bob, cid, initiative, does, tell } = led();
    does(ann, "initiative.joined", initiative);
    does(bob, "initiative.joined", initiative);
    const twice = does(bob, "initiative.joined", initiative);
    const never = does(cid, "initiative.left", initiative);
    does(cid, "initiative.joined", initiative);
    does(cid, "initiative.left", initiative);
    const told = tell();
    expect(told.initiative(initiative).participants).toEqual(["bob"]);
    expect(told.verdict(twice)).toBe("already-joined");
    expect(told.verdict(never)).toBe("not-a-participant");
  });

  it("has no lead when its seat was opened, or when its lead left the network", () => {
    const { ann, bob, initiative, does, tell } = led();
    const open = does(ann, "initiative.proposed", null, { seat: "open" });
    const act = does(ann, "initiative.adopted", open, { term: 1 });
    does(bob, "initiative.joined", initiative);
    does(ann, "member.left", ann.entries[1]);
    does(bob, "member.left", bob.entries[1]);
    const told = tell();
    expect(told.initiative(open).lead).toBeNull();
    expect(told.verdict(act)).toBe("not-the-lead");
    expect(told.initiative(initiative)).toMatchObject({ lead: null, participants: [] });
  });

  it("hears who steps up, but not its own lead", () => {
    const { ann, bob, initiative, does, tell } = led();
    const self = does(ann, "lead.stepped-up", initiative, { as: "lead" });
    const other = does(bob, "lead.stepped-up", initiative, { as: "shadow" });
    const told = tell();
    expect(told.verdict(self)).toBe("already-the-lead");
    expect(told.verdict(other)).toBe("effective");
  });
});

function offered() {
  const story = led();
  const offer = story.does(story.ann, "handoff.offered", story.initiative, { to: story.bob.id, term: 1 });
  story.hear();
  return { ...story, offer };
}

describe("a handoff", () => {
  it("is offered, accepted and completed; then the receiver leads the next term", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    const early = does(bob, "initiative.adopted", initiative, { term: 2 });
    hear();
    expect(tell().initiative(initiative)).toMatchObject({ lead: "ann", term: 1 });
    does(ann, "handoff.completed", initiative, { accept: accept.ref });
    const late = does(ann, "initiative.adopted", initiative, { term: 1 });
    const twice = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    hear();
    does(bob, "initiative.adopted", initiative, { term: 2 });
    const told = tell();
    expect(told.initiative(initiative)).toMatchObject({ lead: "bob", term: 2, status: "active" });
    expect(told.verdict(early)).toBe("not-the-lead");
    expect(told.verdict(late)).toBe("not-the-lead");
    expect(told.verdict(twice)).toBe("not-the-lead");
  });

  it("is offered by the lead, to another", () => {
    const { ann, bob, cid, initiative, does, tell } = led();
    const self = does(ann, "handoff.offered", initiative, { to: ann.id, term: 1 });
    const stranger = does(bob, "handoff.offered", initiative, { to: cid.id, term: 1 });
    const told = tell();
    expect(told.verdict(self)).toBe("handoff-to-self");
    expect(told.verdict(stranger)).toBe("not-the-lead");
  });

  it("is answered once, by the receiver, while it stands", () => {
    const { ann, bob, cid, initiative, offer, does, hear, tell } = offered();
    const stranger = does(cid, "handoff.accepted", initiative, { offer: offer.ref });
    does(bob, "handoff.declined", initiative, { offer: offer.ref });
    const again = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    const other = does(ann, "handoff.offered", initiative, { to: cid.id, term: 1 });
    does(ann, "handoff.cancelled", initiative, { offer: other.ref });
    hear();
    const late = does(cid, "handoff.accepted", initiative, { offer: other.ref });
    hear();
    const unanswered = does(ann, "handoff.completed", initiative, { accept: late.ref });
    const told = tell();
    expect(told.verdict(stranger)).toBe("not-the-receiver");
    expect(told.verdict(again)).toBe("already-answered");
    expect(told.verdict(late)).toBe("handoff-cancelled");
    expect(told.verdict(unanswered)).toBe("not-accepted");
  });

  it("is cancelled once, by its giver, before it is completed", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    const stranger = does(bob, "handoff.cancelled", initiative, { offer: offer.ref });
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    hear();
    does(ann, "handoff.completed", initiative, { accept: accept.ref });
    const late = does(ann, "handoff.cancelled", initiative, { offer: offer.ref });
    hear();
    const retracted = does(bob, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
    const told = tell();
    expect(told.verdict(stranger)).toBe("not-the-giver");
    expect(told.verdict(late)).toBe("handoff-closed");
    expect(told.verdict(retracted)).toBe("handoff-closed");
  });

  it("crosses when cancelled while it is accepted, and revives when the giver reaffirms and completes", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    const early = does(ann, "handoff.cancelled", initiative, { offer: offer.ref });
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    hear();
    let told = tell();
    expect(told.verdict(accept)).toBe("crossed");
    expect(told.verdict(early)).toBe("effective");
    expect(told.initiative(initiative).lead).toBe("ann");
    does(ann, "handoff.reaffirmed", initiative, { accept: accept.ref });
    told = tell();
    expect(told.verdict(accept)).toBe("effective");
    does(ann, "handoff.completed", initiative, { accept: accept.ref });
    expect(tell().initiative(initiative).lead).toBe("bob");
  });

  it("is reaffirmed by completing alone, and by nobody where nothing crossed", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    does(ann, "handoff.cancelled", initiative, { offer: offer.ref });
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    const stranger = does(bob, "handoff.reaffirmed", initiative, { accept: accept.ref });
    hear();
    const completed = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    const told = tell();
    expect(told.verdict(stranger)).toBe("not-crossed");
    expect(told.verdict(completed)).toBe("effective");
    expect(told.verdict(accept)).toBe("effective");
  });

  it("crosses when the receiver takes its accept back meanwhile: the giver goes on leading once it knows", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    hear();
    const completed = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    const blind = does(ann, "initiative.adopted", initiative, { term: 1 });
    does(bob, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
    const twice = does(bob, "handoff.acceptance-retracted", initiative, { accept: accept.ref });
    const taken = does(bob, "initiative.adopted", initiative, { term: 2 });
    hear();
    const again = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    does(ann, "initiative.adopted", initiative, { term: 1 });
    const told = tell();
    expect(told.verdict(completed)).toBe("crossed");
    expect(told.verdict(blind)).toBe("not-the-lead");
    expect(told.verdict(twice)).toBe("already-retracted");
    expect(told.verdict(taken)).toBe("not-the-lead");
    expect(told.verdict(again)).toBe("acceptance-retracted");
    expect(told.initiative(initiative)).toMatchObject({ lead: "ann", term: 1, status: "active" });
  });

  it("crosses when the receiver leaves the network meanwhile", () => {
    const { ann, bob, initiative, offer, does, hear, tell } = offered();
    const accept = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    hear();
    const completed = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    does(bob, "member.left", bob.entries[1]);
    hear();
    const again = does(ann, "handoff.completed", initiative, { accept: accept.ref });
    does(ann, "initiative.adopted", initiative, { term: 1 });
    const told = tell();
    expect(told.verdict(completed)).toBe("crossed");
    expect(told.verdict(again)).toBe("receiver-not-a-member");
    expect(told.initiative(initiative)).toMatchObject({ lead: "ann", status: "active" });
  });

  it("goes to one of two who accepted; the other is told", () => {
    const { ann, bob, cid, initiative, offer, does, hear, tell } = offered();
    const other = does(ann, "handoff.offered", initiative, { to: cid.id, term: 1 });
    hear();
    const one = does(bob, "handoff.accepted", initiative, { offer: offer.ref });
    const two = does(cid, "handoff.accepted", initiative, { offer: other.ref });
    hear();
    does(ann, "handoff.completed", initiative, { accept: two.ref });
    const second = does(ann, "handoff.completed", initiative, { accept: one.ref });
    const told = tell();
    expect(told.initiative(initiative)).toMatchObject({ lead: "cid", term: 2 });
    expect(told.verdict(second)).toBe("not-the-lead");
  });
});
