/** Goal: what a replay shows: rows, names, texts, and the cut by either time line; the order of a file says nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWorld, type Partner } from "./bundle-writer.ts";
import { begin, beginWith, tell } from "./story.ts";

const day = 86_400_000;

describe("a replay", () => {
  it("shows texts where the bundle has them, and null where it has not", () => {
    const world = createWorld("ann");
    const ann = world.founder("ann");
    const initiative = world.act(ann, "initiative.proposed", { body: { title: "A garden", why: "we eat" } });
    const untitled = world.act(ann, "initiative.proposed", { body: { text: "no title" } });
    expect(tell(world).initiative(initiative).title).toBe("A garden");
    expect(tell(world).initiative(untitled).title).toBeNull();
    expect(tell(world, {}, { withhold: () => "withheld" }).initiative(initiative).title).toBeNull();
  });

  it("tells what was asked for in the words of an offer of help in those words", () => {
    const world = createWorld("ann", "bob");
    const [ann, bob] = [world.founder("ann"), world.founder("bob")];
    const challenge = world.act(ann, "challenge.shared", { body: { title: "A leak" } });
    const offer = world.act(bob, "help.offered", {
      subject: challenge,
      after: [challenge],
      body: { title: "We mend it" },
      x: { due: "2026-05-05" },
    });
    const accepted = world.act(ann, "help.accepted", {
      subject: challenge,
      after: [offer],
      x: { offer: offer.ref },
    });
    const asked = world.act(ann, "commitment.requested", {
      x: { debtor: bob.id, beneficiaries: [ann.id], due: "2026-05-05", origin: accepted.ref },
    });
    expect(tell(world).commitment(asked).title).toBe("We mend it");
    expect(tell(world, {}, { withhold: () => "withheld" }).commitment(asked).title).toBeNull();
  });

  it("lists initiatives before commitments, each in fold order, without those that have no effect", () => {
    const { ann, bob, does, tell } = begin("ann", "bob");
    const x = { debtor: ann.id, beneficiaries: ["network"], due: "2026-05-05" };
    const one = does(ann, "commitment.pledged", null, x);
    does(bob, "commitment.pledged", null, x);
    const two = does(bob, "initiative.proposed");
    const three = does(ann, "commitment.pledged", null, x);
    expect(tell().rows.map(({ id }) => id)).toEqual([two.ref, one.ref, three.ref]);
    expect(tell().commitment(one).beneficiaries).toEqual(["network"]);
  });

  it("leaves the name with the one that bore it first, and tells another by the end of its id", () => {
    const world = createWorld("ann", "bob", "cid");
    const ann = world.founder("ann");
    const bob = world.founder("bob", "ann");
    const cid = world.founder("cid");
    const initiative = world.act(bob, "initiative.proposed");
    for (const by of [ann, cid]) {
      world.act(by, "initiative.joined", { subject: initiative, after: [initiative] });
    }
    const shown = ({ id }: { readonly id: string }) =>
      id === [ann.id, bob.id].sort()[0] ? "ann" : `ann#${id.slice(-6)}`;
    expect(tell(world).initiative(initiative)).toMatchObject({
      lead: shown(bob),
      participants: [shown(ann), "cid"],
    });
  });

  it("as of a recorded moment knows what was written until then", () => {
    const world = createWorld("ann");
    const ann = world.founder("ann");
    const initiative = world.act(ann, "initiative.proposed");
    const adopted = world.act(ann, "initiative.adopted", { subject: initiative, x: { term: 1 } });
    const at = (asOf: number) => tell(world, { asOf });
    expect(at(initiative.at - 1).rows).toEqual([]);
    expect(at(adopted.at - 1).initiative(initiative).status).toBe("proposed");
    expect(at(adopted.at).initiative(initiative).status).toBe("active");
  });

  it("as of an occurred moment knows what had happened, whenever it was written", () => {
    const world = createWorld("ann");
    const ann = world.founder("ann");
    const happened = (days: number) => ({ occurredAt: days * day });
    const pledge = world.act(ann, "commitment.pledged", {
      x: { debtor: ann.id, beneficiaries: ["network"], due: "2020-03-01", ...happened(100) },
    });
    const revision = world.act(ann, "commitment.revision-proposed", {
      subject: pledge,
      x: { base: pledge.pinned, due: "2020-06-01", ...happened(200) },
    });
    const again = world.act(ann, "commitment.revision-proposed", {
      subject: pledge,
      x: { base: revision.pinned, due: "2020-09-01", ...happened(150) },
    });
    const at = (days: number) => tell(world, { asOf: days * day, timeline: "occurred" });
    expect(at(99).rows).toEqual([]);
    expect(at(100).commitment(pledge)).toMatchObject({ state: "active", due: "2020-03-01" });
    // The second revision names a base that is not inside the cut yet.
    expect(at(150).verdict(again)).toBe("ref-not-in-past");
    expect(at(150).commitment(pledge).due).toBe("2020-03-01");
    expect(at(200).commitment(pledge).due).toBe("2020-09-01");
  });
});

describe("views at a moment", () => {
  const due = "2026-03-10";
  const at = (moment: string) => ({ asOf: Date.parse(moment) });

  it("show an active commitment as overdue when its day and the grace are over", () => {
    const { ann, does, tell } = begin("ann", "bob");
    const x = { debtor: ann.id, beneficiaries: ["network"], due };
    const pledge = does(ann, "commitment.pledged", null, x);
    expect(tell(at("2026-03-12T23:59:59.999Z")).commitment(pledge)).not.toHaveProperty("view");
    expect(tell(at("2026-03-13T00:00:00Z")).commitment(pledge)).toMatchObject({
      state: "active",
      view: "overdue",
    });
    does(ann, "commitment.withdrawn", pledge);
    expect(tell(at("2026-03-13T00:00:00Z")).commitment(pledge)).not.toHaveProperty("view");
  });

  it("show a claim as presumed when nobody answered it in time", () => {
    const { ann, bob, does, hear, tell } = begin("ann", "bob");
    const x = { debtor: ann.id, beneficiaries: [bob.id], due };
    const pledge = does(ann, "commitment.pledged", null, x);
    const claim = does(ann, "commitment.claimed", pledge);
    const end = claim.at + 14 * day;
    expect(tell({ asOf: end - 1 }).commitment(pledge)).not.toHaveProperty("view");
    expect(tell({ asOf: end }).commitment(pledge)).toMatchObject({ state: "claimed", view: "presumed" });
    hear();
    does(bob, "commitment.disputed", pledge);
    expect(tell({ asOf: end }).commitment(pledge)).not.toHaveProperty("view");
  });
});

describe("the law of the fold", () => {
  const step = fc.record({ who: fc.nat(2), what: fc.nat(9), hears: fc.nat(3) });
  type Step = { who: number; what: number; hears: number };

  /** The state and all verdicts after the same acts by the same people under other keys. */
  function play(seed: string, steps: readonly Step[]): unknown {
    const story = beginWith(seed, "ann", "bob", "cid");
    const people = [story.ann, story.bob, story.cid];
    const beneficiaries = [story.ann.id, story.cid.id];
    const x = { debtor: story.bob.id, beneficiaries, due: "2026-06-01" };
    const request = story.does(story.ann, "commitment.requested", null, x);
    story.hear();
    const written = steps.map(({ who, what, hears }, index) => {
      const by = people[who] as Partner;
      const stated = index % 3 === 0 ? request : (story.world.partners[who]?.entries.at(-1) ?? request);
      const terms = { terms: (stated.partner === by ? request : stated).pinned };
      const acts = [
        ["accepted", terms],
        ["declined", terms],
        ["retracted", terms],
        ["reaffirmed", terms],
        ["let-go", terms],
        ["claimed", {}],
        ["confirmed", { as: "full" }],
        ["disputed", {}],
        ["released", {}],
        ["countered", { ...x, base: request.pinned }],
      ] as const;
      const [verb, act] = acts[what] as (typeof acts)[number];
      const entry = story.does(by, `commitment.${verb}`, request, act);
      if (hears === 0) story.hear();
      else if (hears < 3) story.hear(by, people[(who + hears) % 3] as Partner);
      return entry;
    });
    const told = story.tell();
    const { state, due } = told.commitment(request);
    return { state, due, verdicts: written.map(told.verdict) };
  }

  it("the order in which logs stand in the bundle says nothing", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), fc.nat(1000), (steps, seed) => {
        expect(play(`${seed} `, steps)).toEqual(play("", steps));
      }),
      { numRuns: 40 },
    );
  });
});
