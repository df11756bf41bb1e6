// Goal: the world forgets exactly what a new fact makes stale, and cannot be tied into a knot.
import { createHistory, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { fateOf, worldOf } from "../test/told.ts";
import { pinnedRefOf } from "./fact.ts";

const term = { term: 1 };
const begin = () => createHistory(inventFoundation(3, 3));
const idOf = (history: ReturnType<typeof begin>, who: number) => history.partners[who]?.by ?? "";

describe("a world", () => {
  it("takes a fact once, and knows its heads", () => {
    const history = begin();
    const proposed = history.tells(0, "initiative.proposed");
    const world = worldOf(history);
    expect(world.add(proposed)).toBe(false);
    expect(world.size).toBe(history.facts.length);
    const both = [1, 2].map((who) => history.says(who, "initiative.joined", { subject: proposed }));
    for (const one of both) world.add(one);
    expect(world.headsOf(proposed.ref)).toEqual(both.map(pinnedRefOf).sort());
    history.meets();
    const noted = history.says(0, "initiative.adopted", { subject: proposed, x: term });
    world.add(noted);
    expect(world.headsOf(proposed.ref)).toEqual([pinnedRefOf(noted)]);
  });

  it("knows what cites a subject, also when the citing entry came first, and what depends on that again", () => {
    const history = begin();
    const challenge = history.tells(0, "challenge.shared");
    const offer = history.tells(1, "help.offered", { subject: challenge });
    const accepted = history.tells(0, "help.accepted", { subject: challenge, x: { offer: offer.ref } });
    const requested = history.tells(0, "commitment.requested", {
      x: {
        debtor: idOf(history, 1),
        beneficiaries: [idOf(history, 0)],
        due: "2026-03-01",
        origin: accepted.ref,
      },
    });
    for (const facts of [history.facts, [...history.facts].reverse()]) {
      const world = worldOf(history, facts);
      expect(world.now.citing(challenge.ref)).toEqual([requested.ref]);
      expect(world.dependents(challenge.ref)).toEqual([requested.ref]);
    }
  });

  it("sees a late retraction cross an acceptance, and with it the request that came from it", () => {
    const history = begin();
    const challenge = history.tells(0, "challenge.shared");
    const offer = history.tells(1, "help.offered", { subject: challenge, x: { due: "2026-03-01" } });
    const retracted = history.says(1, "help.retracted", { subject: challenge, x: { offer: offer.ref } });
    const accepted = history.says(0, "help.accepted", { subject: challenge, x: { offer: offer.ref } });
    const requested = history.says(0, "commitment.requested", {
      x: {
        debtor: idOf(history, 1),
        beneficiaries: [idOf(history, 0)],
        due: "2026-03-01",
        origin: accepted.ref,
      },
    });
    history.says(0, "commitment.accepted", { subject: requested, x: { terms: pinnedRefOf(offer) } });
    const world = worldOf(
      history,
      history.facts.filter((fact) => fact !== retracted),
    );
    expect(world.now.commitment(requested.ref)?.state).toBe("active");
    world.add(retracted);
    expect(world.now.challenge(challenge.ref)?.offers[0]?.state).toBe("crossed");
    expect(world.now.commitment(requested.ref)?.state).toBe("crossed");
  });

  it("cannot be made to go round in circles by an entry about the wrong thing", () => {
    const history = begin();
    const proposed = history.tells(0, "initiative.proposed");
    const offer = history.tells(0, "handoff.offered", {
      subject: proposed,
      x: { ...term, to: idOf(history, 1) },
    });
    const pledged = history.tells(0, "commitment.pledged", {
      x: {
        debtor: idOf(history, 0),
        beneficiaries: ["network"],
        due: "2026-03-01",
        seat: { initiative: proposed.ref, term: 1 },
      },
    });
    const accept = history.tells(1, "handoff.accepted", { subject: proposed, x: { offer: offer.ref } });
    const carry = history.tells(1, "commitment.carry-accepted", {
      subject: pledged,
      x: { offer: offer.ref, terms: pinnedRefOf(pledged) },
    });
    const knot = history.tells(0, "handoff.completed", { subject: pledged, x: { accept: accept.ref } });
    const carried = history.tells(0, "commitment.carried", {
      subject: pledged,
      x: { completed: knot.ref, accepted: carry.ref },
    });
    expect(fateOf(history, knot)).toBe("wrong-subject");
    expect(fateOf(history, carried)).toBe("handoff-without-effect");
  });

  it("shows the past by when it was recorded, or by when it happened", () => {
    const history = begin();
    const early = Date.UTC(2020, 4, 1);
    const proposed = history.tells(0, "initiative.proposed", { x: { occurredAt: early } });
    const adopted = history.tells(0, "initiative.adopted", {
      subject: proposed,
      x: { ...term, occurredAt: early + 2 },
    });
    const world = worldOf(history);
    const at = (atMs: number, timeline: "recorded" | "occurred") =>
      world.asOf({ atMs, timeline }).initiative(proposed.ref)?.status;
    expect(at(early + 1, "recorded")).toBeUndefined();
    expect(at(early + 1, "occurred")).toBe("proposed");
    expect(at(early + 2, "occurred")).toBe("active");
    expect(at(proposed.at[0], "recorded")).toBe("proposed");
    expect(at(adopted.at[0], "recorded")).toBe("active");
  });

  it("says of what has no subject that could be folded why it has no effect", () => {
    const history = begin();
    const proposed = history.tells(0, "initiative.proposed");
    const offered = history.tells(1, "help.offered", { subject: proposed });
    const nowhere: Told = history.tells(1, "initiative.joined", { subject: offered });
    expect(fateOf(history, offered)).toBe("wrong-subject");
    expect(fateOf(history, nowhere)).toBe("wrong-subject");
  });
});
