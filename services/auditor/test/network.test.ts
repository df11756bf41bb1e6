/** Goal: fold.md sections 2 and 3 as stories: who is a member where, and which entries say nothing at all. */
import { describe, expect, it } from "vitest";
import type { Partner } from "./bundle-writer.ts";
import { begin, type Story } from "./story.ts";

function sponsor(story: Story, by: Partner, candidate: Partner) {
  return story.does(by, "member.sponsored", null, { root: candidate.id, log: candidate.log });
}

describe("a newcomer", () => {
  it("is sponsored, endorsed by a majority of the electorate, attests, and is a member from then on", () => {
    const story = begin("ann", "bob", "cid");
    const { ann, bob, does, hear, tell, world } = story;
    const dot = story.opens("dot");
    const sponsorship = sponsor(story, ann, dot);
    hear();
    const early = does(dot, "charter.attested", sponsorship, { charter: world.net });
    const before = does(dot, "challenge.shared");
    does(ann, "member.endorsed", sponsorship, { opening: sponsorship.ref, yes: true });
    const second = does(ann, "member.endorsed", sponsorship, { opening: sponsorship.ref, yes: false });
    does(bob, "member.endorsed", sponsorship, { opening: sponsorship.ref, yes: true });
    hear();
    const wrong = does(dot, "charter.attested", sponsorship, { charter: `${"B".repeat(42)}A` });
    const attested = does(dot, "charter.attested", sponsorship, { charter: world.net });
    const again = does(dot, "charter.attested", sponsorship, { charter: world.net });
    const after = does(dot, "challenge.shared");
    const left = does(dot, "member.left", sponsorship);
    const gone = does(dot, "challenge.shared");
    hear();
    const stranger = does(bob, "charter.attested", sponsorship, { charter: world.net });
    const told = tell();
    expect(told.verdict(early)).toBe("not-endorsed");
    expect(told.verdict(before)).toBe("not-a-member");
    expect(told.verdict(second)).toBe("already-voted");
    expect(told.verdict(wrong)).toBe("wrong-charter");
    expect(told.verdict(attested)).toBe("effective");
    expect(told.verdict(again)).toBe("already-a-member");
    expect(told.verdict(after)).toBe("effective");
    expect(told.verdict(left)).toBe("effective");
    expect(told.verdict(gone)).toBe("not-a-member");
    expect(told.verdict(stranger)).toBe("not-the-candidate");
  });

  it("is not sponsored when already a member, nor endorsed by somebody who came later", () => {
    const story = begin("ann");
    const { ann, does, hear, tell, world } = story;
    const dot = story.opens("dot");
    const eve = story.opens("eve");
    const forDot = sponsor(story, ann, dot);
    const forEve = sponsor(story, ann, eve);
    does(ann, "member.endorsed", forDot, { opening: forDot.ref, yes: true });
    const confused = does(ann, "member.endorsed", forEve, { opening: forDot.ref, yes: true });
    hear();
    does(dot, "charter.attested", forDot, { charter: world.net });
    const late = does(dot, "member.endorsed", forEve, { opening: forEve.ref, yes: true });
    hear();
    const again = sponsor(story, ann, dot);
    const told = tell();
    expect(told.verdict(late)).toBe("not-an-elector");
    expect(told.verdict(confused)).toBe("wrong-opening");
    expect(told.verdict(again)).toBe("already-a-member");
  });

  it("can come back after leaving, by a new sponsorship", () => {
    const story = begin("ann", "bob");
    const { ann, bob, does, hear, tell, world } = story;
    const wrong = does(bob, "member.left", ann.entries[1]);
    does(bob, "member.left", bob.entries[1]);
    hear();
    const back = sponsor(story, ann, bob);
    does(ann, "member.endorsed", back, { opening: back.ref, yes: true });
    hear();
    does(bob, "charter.attested", back, { charter: world.net });
    const act = does(bob, "challenge.shared");
    const told = tell();
    expect(told.verdict(wrong)).toBe("wrong-subject");
    expect(told.verdict(act)).toBe("effective");
  });

  it("founds nothing: a charter attested without sponsorship is a founder's only", () => {
    const story = begin("ann", "bob");
    const { ann, bob, does, hear, tell, world } = story;
    const again = does(ann, "charter.attested", null, { charter: world.net });
    const dot = story.opens("dot");
    const claim = does(dot, "charter.attested", null, { charter: world.net });
    const sponsorship = sponsor(story, bob, dot);
    hear();
    const told = tell();
    expect(told.verdict(again)).toBe("already-a-member");
    expect(told.verdict(claim)).toBe("not-a-founder");
    expect(told.verdict(sponsorship)).toBe("effective");
  });
});

describe("an entry without effect", () => {
  it("says why, with the first reason that applies", () => {
    const story = begin("ann", "bob");
    const { ann, bob, does, hear, tell } = story;
    const shared = does(ann, "challenge.shared");
    const cases = [
      [does(ann, "org.example.thing-done"), "opaque"],
      [does(ann, "challenge.shared", null, { must: ["magic"] }), "opaque"],
      [does(ann, "challenge.shared", null, { must: ["ackBy"] }), "opaque"],
      [does(ann, "challenge.shared", null, { must: [] }), "effective"],
      [does(ann, "challenge.shared", null, { must: "magic" }), "malformed"],
      [does(ann, "challenge.shared", null, { externalId: "" }), "malformed"],
      [does(ann, "challenge.shared", null, { externalId: "a\u200bb" }), "malformed"],
      [does(ann, "challenge.shared", null, { ackBy: "2026-02-30" }), "malformed"],
      [does(ann, "challenge.shared", shared), "malformed"],
      [does(ann, "challenge.resolved"), "malformed"],
      [does(ann, "challenge.shared", null, { externalId: "a\u0001b" }), "malformed"],
      [does(bob, "challenge.acknowledged", shared), "ref-not-in-past"],
      [does(ann, "initiative.joined", shared), "wrong-subject"],
      [does(ann, "subject.merged"), "malformed"],
      [does(ann, "subject.merged", shared), "effective"],
    ] as const;
    hear();
    const known = does(bob, "challenge.acknowledged", shared);
    const lost = does(bob, "challenge.shared", null, { must: ["magic"] });
    const about = does(bob, "challenge.resolved", lost);
    const told = tell();
    for (const [entry, verdict] of cases) expect(told.verdict(entry), entry.bytes.toString()).toBe(verdict);
    expect(told.verdict(known)).toBe("effective");
    expect(told.verdict(about)).toBe("wrong-subject");
  });
});
