// Goal: the life of a commitment reads as a story, by entries alone. Partners tell each other everything at once, except
// where the story says that they did not meet.
import { describe, expect, it } from "vitest";
import type { Fact } from "../../src/fact.ts";
import { commitmentIn, due, from, idOf, logOf, pinned, Scene, verdictIn } from "./scene.ts";

const requested = (scene: Scene): Fact =>
  scene.tell("orchard", "commitment.requested", null, from("millrace", "orchard"));
/** Orchard asked, Millrace agreed. */
function agreed(scene: Scene): Fact {
  const request = requested(scene);
  scene.tell("millrace", "commitment.accepted", request, { terms: pinned(request) });
  return request;
}

describe("a commitment", () => {
  it("is asked for, agreed, worked on, claimed and confirmed", () => {
    const scene = new Scene();
    const request = requested(scene);
    const state = () => commitmentIn(scene, request).state;
    expect(state()).toBe("requested");
    scene.tell("millrace", "commitment.accepted", request, { terms: pinned(request) });
    expect(state()).toBe("active");
    scene.tell("millrace", "commitment.progressed", request, { part: 50 });
    expect(state()).toBe("active");
    scene.tell("millrace", "commitment.claimed", request);
    expect(state()).toBe("claimed");
    scene.tell("orchard", "commitment.confirmed", request, { as: "full" });
    expect(state()).toBe("satisfied");
  });

  it("binds nobody while it is only asked for or offered", () => {
    const scene = new Scene();
    const offer = scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard", "ferry"));
    scene.tell("orchard", "commitment.accepted", offer, { terms: pinned(offer) });
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "offered", bound: false });
    scene.tell("ferry", "commitment.accepted", offer, { terms: pinned(offer) });
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "active", bound: true });
  });

  it("is negotiated by other terms, and only those that both named bind", () => {
    const scene = new Scene();
    const request = requested(scene);
    const counter = scene.tell("millrace", "commitment.countered", request, {
      ...from("millrace", "orchard"),
      due: "2026-09-30",
      base: pinned(request),
    });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "offered", due: "2026-09-30" });
    const late = scene.tell("millrace", "commitment.accepted", request, { terms: pinned(request) });
    expect(verdictIn(scene, request, late)).toBe("terms-closed");
    scene.tell("orchard", "commitment.accepted", request, { terms: pinned(counter) });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "active", due: "2026-09-30" });
  });

  it("is declined without a reason, or taken back", () => {
    const scene = new Scene();
    const first = requested(scene);
    scene.tell("millrace", "commitment.declined", first, { terms: pinned(first) });
    expect(commitmentIn(scene, first).state).toBe("declined");
    const second = requested(scene);
    scene.tell("orchard", "commitment.retracted", second, { terms: pinned(second) });
    expect(commitmentIn(scene, second).state).toBe("retracted");
  });

  it("pledged to the network binds at once, and its debtor alone moves its day", () => {
    const scene = new Scene();
    const pledge = scene.tell("millrace", "commitment.pledged", null, from("millrace", "network"));
    expect(commitmentIn(scene, pledge)).toMatchObject({ state: "active", bound: true, confirmers: [] });
    const revised = { base: pinned(pledge), due: "2026-08-01" };
    const revision = scene.tell("millrace", "commitment.revision-proposed", pledge, revised);
    expect(commitmentIn(scene, pledge).due).toBe("2026-08-01");
    const foreign = { base: pinned(revision), due: "2027-01-01" };
    const other = scene.tell("orchard", "commitment.revision-proposed", pledge, foreign);
    expect(verdictIn(scene, pledge, other)).toBe("not-a-party");
  });

  it("pledged to partners is over once all of them said that it is not for them", () => {
    const scene = new Scene();
    const pledge = scene.tell("millrace", "commitment.pledged", null, from("millrace", "orchard", "ferry"));
    scene.tell("orchard", "commitment.pledge-declined", pledge);
    expect(commitmentIn(scene, pledge)).toMatchObject({
      state: "active",
      beneficiaries: [idOf("ferry")],
      confirmers: [idOf("ferry")],
    });
    scene.tell("ferry", "commitment.pledge-declined", pledge);
    expect(commitmentIn(scene, pledge).state).toBe("declined");
  });

  it("is kept for good: no beneficiary makes it one that was never wanted", () => {
    const scene = new Scene();
    const pledge = scene.tell("millrace", "commitment.pledged", null, from("millrace", "orchard", "ferry"));
    scene.tell("millrace", "commitment.claimed", pledge);
    scene.tell("orchard", "commitment.confirmed", pledge, { as: "full" });
    const early = scene.tell("orchard", "commitment.pledge-declined", pledge);
    expect(verdictIn(scene, pledge, early)).toBe("already-confirmed");
    scene.tell("ferry", "commitment.confirmed", pledge, { as: "full" });
    const late = scene.tell("ferry", "commitment.pledge-declined", pledge);
    expect(verdictIn(scene, pledge, late)).toBe("already-confirmed");
    expect(commitmentIn(scene, pledge).state).toBe("satisfied");
  });

  it("moves to another day when both sides signed that", () => {
    const scene = new Scene();
    const request = agreed(scene);
    const revision = scene.tell("millrace", "commitment.revision-proposed", request, {
      base: pinned(request),
      due: "2026-12-31",
    });
    expect(commitmentIn(scene, request).due).toBe(due);
    scene.tell("orchard", "commitment.revision-accepted", request, { terms: pinned(revision) });
    expect(commitmentIn(scene, request).due).toBe("2026-12-31");
  });

  it("stays as it is when the revision is declined or taken back", () => {
    const scene = new Scene();
    const request = agreed(scene);
    const propose = (day: string) =>
      scene.tell("millrace", "commitment.revision-proposed", request, { base: pinned(request), due: day });
    const first = propose("2026-12-31");
    scene.tell("orchard", "commitment.revision-declined", request, { terms: pinned(first) });
    const second = propose("2026-11-30");
    scene.tell("millrace", "commitment.revision-retracted", request, { terms: pinned(second) });
    const late = scene.tell("orchard", "commitment.revision-accepted", request, { terms: pinned(second) });
    expect(verdictIn(scene, request, late)).toBe("terms-closed");
    expect(commitmentIn(scene, request)).toMatchObject({
      due,
      revisions: [{ standing: "closed" }, { standing: "closed" }],
    });
  });

  it("is disputed until claimed anew, and confirmed in parts before in full", () => {
    const scene = new Scene();
    const request = agreed(scene);
    scene.tell("millrace", "commitment.claimed", request);
    scene.tell("orchard", "commitment.disputed", request, { criteria: ["c1"] });
    expect(commitmentIn(scene, request).state).toBe("disputed");
    scene.tell("millrace", "commitment.claimed", request);
    expect(commitmentIn(scene, request).state).toBe("claimed");
    scene.tell("orchard", "commitment.confirmed", request, { as: "partial" });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "claimed", flags: { partConfirmed: true } });
    scene.tell("orchard", "commitment.confirmed", request, { as: "full" });
    expect(commitmentIn(scene, request)).toMatchObject({
      state: "satisfied",
      flags: { partConfirmed: false },
    });
  });

  it("is kept only when every confirmer says so", () => {
    const scene = new Scene();
    const offer = scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard", "ferry"));
    for (const by of ["orchard", "ferry"] as const) {
      scene.tell(by, "commitment.accepted", offer, { terms: pinned(offer) });
    }
    scene.tell("millrace", "commitment.claimed", offer);
    scene.tell("orchard", "commitment.confirmed", offer, { as: "full" });
    expect(commitmentIn(scene, offer).state).toBe("claimed");
    scene.tell("ferry", "commitment.disputed", offer);
    expect(commitmentIn(scene, offer).state).toBe("disputed");
    scene.tell("ferry", "commitment.confirmed", offer, { as: "full" });
    expect(commitmentIn(scene, offer).state).toBe("satisfied");
  });

  it("is released by those it was made to, and withdrawn by its debtor", () => {
    const scene = new Scene();
    const released = agreed(scene);
    scene.tell("orchard", "commitment.released", released);
    expect(commitmentIn(scene, released).state).toBe("released");
    const withdrawn = agreed(scene);
    scene.tell("millrace", "commitment.withdrawn", withdrawn);
    expect(commitmentIn(scene, withdrawn).state).toBe("withdrawn");
  });

  it("can still be finished by a partner that left, and by nobody else", () => {
    const scene = new Scene();
    const request = agreed(scene);
    const left = scene.tell("millrace", "member.left", `${logOf("millrace")}.0`);
    expect(left.told.ok).toBe(true);
    const claimed = scene.tell("millrace", "commitment.claimed", request);
    expect(verdictIn(scene, request, claimed)).toBe("effective");
    const asked = scene.tell("millrace", "commitment.revision-proposed", request, {
      base: pinned(request),
      due,
    });
    expect(verdictIn(scene, request, asked)).toBe("not-a-member");
    const fresh = scene.tell("millrace", "commitment.pledged", null, from("millrace", "network"));
    expect(verdictIn(scene, fresh, fresh)).toBe("not-a-member");
  });
});

describe("an entry has no effect when", () => {
  type Case = readonly [
    why: string,
    reason: string,
    tell: (scene: Scene) => readonly [subject: Fact, entry: Fact],
  ];
  const cases: readonly Case[] = [
    [
      "someone else promises in a partner's name",
      "not-a-party",
      (scene) => {
        const entry = scene.tell("orchard", "commitment.offered", null, from("millrace", "orchard"));
        return [entry, entry];
      },
    ],
    [
      "a partner asks for what is not for it",
      "not-a-party",
      (scene) => {
        const entry = scene.tell("ferry", "commitment.requested", null, from("millrace", "orchard"));
        return [entry, entry];
      },
    ],
    [
      "the network is asked to sign",
      "malformed",
      (scene) => {
        const entry = scene.tell("millrace", "commitment.offered", null, from("millrace", "network"));
        return [entry, entry];
      },
    ],
    [
      "a partner promises itself something",
      "malformed",
      (scene) => {
        const entry = scene.tell("millrace", "commitment.offered", null, from("millrace", "millrace"));
        return [entry, entry];
      },
    ],
    [
      "a third partner accepts",
      "not-a-party",
      (scene) => {
        const request = requested(scene);
        return [request, scene.tell("ferry", "commitment.accepted", request, { terms: pinned(request) })];
      },
    ],
    [
      "the one who asked accepts",
      "already-signed",
      (scene) => {
        const request = requested(scene);
        return [request, scene.tell("orchard", "commitment.accepted", request, { terms: pinned(request) })];
      },
    ],
    [
      "the terms are named with another hash",
      "ref-not-in-past",
      (scene) => {
        const request = requested(scene);
        const terms = `${request.ref}@${"A".repeat(43)}`;
        return [request, scene.tell("millrace", "commitment.accepted", request, { terms })];
      },
    ],
    [
      "its author did not know of the terms",
      "ref-not-in-past",
      (scene) => {
        const request = scene.say("orchard", "commitment.requested", null, from("millrace", "orchard"));
        return [request, scene.say("millrace", "commitment.accepted", request, { terms: pinned(request) })];
      },
    ],
    [
      "it speaks of something else",
      "wrong-subject",
      (scene) => {
        const request = requested(scene);
        return [request, scene.tell("millrace", "initiative.joined", request)];
      },
    ],
    [
      "the commitment itself has none",
      "wrong-subject",
      (scene) => {
        const entry = scene.tell("orchard", "commitment.offered", null, from("millrace", "orchard"));
        return [entry, scene.tell("millrace", "commitment.claimed", entry)];
      },
    ],
    [
      "its type is not known",
      "opaque",
      (scene) => {
        const request = requested(scene);
        return [request, scene.tell("millrace", "org.example.blessed", request)];
      },
    ],
    [
      "one counters their own terms",
      "own-terms",
      (scene) => {
        const request = requested(scene);
        const x = { ...from("millrace", "orchard"), base: pinned(request) };
        return [request, scene.tell("orchard", "commitment.countered", request, x)];
      },
    ],
    [
      "a counter changes who owes whom",
      "parties-changed",
      (scene) => {
        const request = requested(scene);
        const x = { ...from("millrace", "orchard", "ferry"), base: pinned(request) };
        return [request, scene.tell("millrace", "commitment.countered", request, x)];
      },
    ],
    [
      "terms that bind are countered",
      "already-bound",
      (scene) => {
        const offer = scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard"));
        scene.tell("orchard", "commitment.accepted", offer, { terms: pinned(offer) });
        const x = { ...from("millrace", "orchard"), base: pinned(offer) };
        return [offer, scene.tell("orchard", "commitment.countered", offer, x)];
      },
    ],
    [
      "terms that bind are declined",
      "already-signed",
      (scene) => {
        const request = agreed(scene);
        return [request, scene.tell("millrace", "commitment.declined", request, { terms: pinned(request) })];
      },
    ],
    [
      "terms that bind are retracted",
      "already-bound",
      (scene) => {
        const request = agreed(scene);
        return [request, scene.tell("orchard", "commitment.retracted", request, { terms: pinned(request) })];
      },
    ],
    [
      "a party had left before it was accepted",
      "party-left",
      (scene) => {
        const request = requested(scene);
        scene.tell("orchard", "member.left", `${logOf("orchard")}.0`);
        return [request, scene.tell("millrace", "commitment.accepted", request, { terms: pinned(request) })];
      },
    ],
    [
      "nothing crossed and one reaffirms",
      "not-crossed",
      (scene) => {
        const request = agreed(scene);
        return [request, scene.tell("orchard", "commitment.reaffirmed", request, { terms: pinned(request) })];
      },
    ],
    [
      "it is claimed before it binds",
      "not-active",
      (scene) => onRequest(scene, "millrace", "commitment.claimed"),
    ],
    [
      "the beneficiary claims it",
      "not-the-debtor",
      (scene) => onAgreed(scene, "orchard", "commitment.claimed"),
    ],
    [
      "the debtor confirms it",
      "not-a-confirmer",
      (scene) => onAgreed(scene, "millrace", "commitment.confirmed", { as: "full" }),
    ],
    [
      "it is confirmed before it is claimed",
      "not-claimed",
      (scene) => onAgreed(scene, "orchard", "commitment.confirmed", { as: "full" }),
    ],
    [
      "it is disputed before it is claimed",
      "not-claimed",
      (scene) => onAgreed(scene, "orchard", "commitment.disputed"),
    ],
    [
      "a third partner releases it",
      "not-a-party",
      (scene) => onAgreed(scene, "ferry", "commitment.released"),
    ],
    [
      "what is not a pledge is declined as one",
      "not-a-party",
      (scene) => onAgreed(scene, "orchard", "commitment.pledge-declined"),
    ],
    [
      "it is claimed twice",
      "wrong-state",
      (scene) => following(scene, ["millrace", "commitment.claimed"], ["millrace", "commitment.claimed"]),
    ],
    [
      "it is claimed after it was released",
      "closed",
      (scene) => following(scene, ["orchard", "commitment.released"], ["millrace", "commitment.claimed"]),
    ],
    [
      "it is claimed after it was withdrawn",
      "wrong-state",
      (scene) => following(scene, ["millrace", "commitment.withdrawn"], ["millrace", "commitment.claimed"]),
    ],
    [
      "it is withdrawn after it was claimed",
      "already-claimed",
      (scene) => following(scene, ["millrace", "commitment.claimed"], ["millrace", "commitment.withdrawn"]),
    ],
    [
      "it is withdrawn twice",
      "closed",
      (scene) => following(scene, ["millrace", "commitment.withdrawn"], ["millrace", "commitment.withdrawn"]),
    ],
    [
      "it is released twice",
      "already-released",
      (scene) => following(scene, ["orchard", "commitment.released"], ["orchard", "commitment.released"]),
    ],
    [
      "progress is told of what is over",
      "closed",
      (scene) => following(scene, ["orchard", "commitment.released"], ["millrace", "commitment.progressed"]),
    ],
  ];
  type Line = readonly [by: "orchard" | "millrace" | "ferry", type: string, x?: object];
  function following(scene: Scene, ...lines: readonly Line[]): readonly [Fact, Fact] {
    const request = agreed(scene);
    const told = lines.map(([by, type, x]) => scene.tell(by, type, request, { ...x }));
    return [request, told.at(-1) ?? request];
  }
  const onAgreed = (scene: Scene, ...line: Line) => following(scene, line);
  const onRequest = (scene: Scene, by: "millrace", type: string): readonly [Fact, Fact] => {
    const request = requested(scene);
    return [request, scene.tell(by, type, request)];
  };

  it.each(cases)("%s: %s", (_why, reason, tell) => {
    const scene = new Scene();
    const [subject, entry] = tell(scene);
    expect(verdictIn(scene, subject, entry)).toBe(reason);
  });
});
