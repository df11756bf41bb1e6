// Goal: what two partners say without knowing of each other has the outcome that the design states pair by pair, no matter whose
// clock runs ahead. Each row is played twice, with the clocks one way round and the other.
import { describe, expect, it } from "vitest";
import type { Fact } from "../../src/fact.ts";
import { commitmentIn, due, from, idOf, logOf, type Name, pinned, Scene, verdictIn } from "./scene.ts";

const requested = (scene: Scene): Fact =>
  scene.tell("orchard", "commitment.requested", null, from("millrace", "orchard"));
const offeredToTwo = (scene: Scene): Fact =>
  scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard", "ferry"));
const accepts = (scene: Scene, by: Name, subject: Fact, terms = subject): Fact =>
  scene.say(by, "commitment.accepted", subject, { terms: pinned(terms) });
function agreed(scene: Scene): Fact {
  const request = requested(scene);
  accepts(scene, "millrace", request);
  scene.meet();
  return request;
}
function agreedWithTwo(scene: Scene): Fact {
  const offer = offeredToTwo(scene);
  accepts(scene, "orchard", offer);
  accepts(scene, "ferry", offer);
  scene.meet();
  return offer;
}
const counters = (scene: Scene, by: Name, subject: Fact, base: Fact, day: string): Fact =>
  scene.say(by, "commitment.countered", subject, {
    ...from(
      "millrace",
      ...(subject.by === idOf("millrace") ? (["orchard", "ferry"] as const) : (["orchard"] as const)),
    ),
    due: day,
    base: pinned(base),
  });
const revises = (scene: Scene, by: Name, subject: Fact, day: string, base = subject): Fact =>
  scene.say(by, "commitment.revision-proposed", subject, { base: pinned(base), due: day });

const eitherClock = [["millrace"], ["orchard"], ["ferry"]] as const;
const table = (title: string, play: (scene: Scene) => void) =>
  it.each(eitherClock)(`${title} (%s's clock ahead)`, (name) => play(new Scene().setAhead(name, 50)));

describe("before it binds", () => {
  table("retract and accept cross, and one word of the one who pulled back clears it", (scene) => {
    const request = requested(scene);
    const retracted = scene.say("orchard", "commitment.retracted", request, { terms: pinned(request) });
    const accepted = accepts(scene, "millrace", request);
    scene.meet();
    expect(commitmentIn(scene, request)).toMatchObject({
      state: "crossed",
      bound: false,
      flags: { crossed: true },
    });
    for (const entry of [retracted, accepted]) expect(verdictIn(scene, request, entry)).toBe("crossed");

    const gone = scene.fork();
    gone.tell("orchard", "commitment.let-go", request, { terms: pinned(request) });
    expect(commitmentIn(gone, request)).toMatchObject({ state: "retracted", bound: false });
    expect(verdictIn(gone, request, accepted)).toBe("crossed");

    const others = scene.tell("millrace", "commitment.reaffirmed", request, { terms: pinned(request) });
    expect(verdictIn(scene, request, others)).toBe("not-crossed");
    scene.tell("orchard", "commitment.reaffirmed", request, { terms: pinned(request) });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "active", bound: true });
    expect(verdictIn(scene, request, accepted)).toBe("effective");
    const again = scene.tell("orchard", "commitment.let-go", request, { terms: pinned(request) });
    expect(verdictIn(scene, request, again)).toBe("not-crossed");
  });

  table("an act that presumes the bond reaffirms it", (scene) => {
    const offer = scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard"));
    scene.say("millrace", "commitment.retracted", offer, { terms: pinned(offer) });
    accepts(scene, "orchard", offer);
    scene.meet();
    const early = scene.tell("millrace", "commitment.progressed", offer);
    expect(verdictIn(scene, offer, early)).toBe("not-active");
    scene.tell("millrace", "commitment.claimed", offer);
    expect(commitmentIn(scene, offer).state).toBe("claimed");
  });

  table(
    "what was done before the crossing was known is crossed with it, and counts again with it",
    (scene) => {
      const request = requested(scene);
      scene.say("orchard", "commitment.retracted", request, { terms: pinned(request) });
      accepts(scene, "millrace", request);
      const claimed = scene.say("millrace", "commitment.claimed", request);
      expect(verdictIn(scene, request, claimed)).toBe("crossed");
      scene.meet();
      scene.tell("orchard", "commitment.confirmed", request, { as: "full" });
      expect(verdictIn(scene, request, claimed)).toBe("effective");
      expect(commitmentIn(scene, request).state).toBe("satisfied");
    },
  );

  table("counter and accept cross on the older terms, and the counter stays open", (scene) => {
    const offer = offeredToTwo(scene);
    accepts(scene, "ferry", offer);
    scene.meet();
    const counter = counters(scene, "ferry", offer, offer, "2026-09-30");
    accepts(scene, "orchard", offer);
    scene.meet();
    const commitment = commitmentIn(scene, offer);
    expect(commitment).toMatchObject({ state: "crossed", bound: false });
    expect(commitment.terms.open.map((one) => one.pinned)).toEqual([pinned(counter)]);
    accepts(scene, "orchard", offer, counter);
    accepts(scene, "millrace", offer, counter);
    scene.meet();
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "active", due: "2026-09-30" });
  });

  table("two counters are both open; both fully signed bind nobody until one is chosen", (scene) => {
    const offer = offeredToTwo(scene);
    const first = counters(scene, "orchard", offer, offer, "2026-08-01");
    const second = counters(scene, "ferry", offer, offer, "2026-09-01");
    scene.meet();
    expect(commitmentIn(scene, offer).terms.open).toHaveLength(2);
    for (const terms of [first, second]) accepts(scene, "millrace", offer, terms);
    scene.meet();
    accepts(scene, "ferry", offer, first);
    accepts(scene, "orchard", offer, second);
    scene.meet();
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "crossed", bound: false });

    const letGo = scene.fork();
    letGo.tell("millrace", "commitment.let-go", offer, { terms: pinned(first) });
    expect(commitmentIn(letGo, offer)).toMatchObject({ state: "active", due: "2026-09-01" });

    const split = scene.fork();
    split.say("orchard", "commitment.reaffirmed", offer, { terms: pinned(first) });
    split.say("ferry", "commitment.reaffirmed", offer, { terms: pinned(second) });
    split.meet();
    expect(commitmentIn(split, offer).state).toBe("crossed");

    scene.tell("orchard", "commitment.reaffirmed", offer, { terms: pinned(first) });
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "active", due: "2026-08-01" });
    const late = scene.tell("ferry", "commitment.reaffirmed", offer, { terms: pinned(second) });
    expect(verdictIn(scene, offer, late)).toBe("not-crossed");
  });

  table("a party that knows which terms bind cannot cross them on purpose", (scene) => {
    const offer = offeredToTwo(scene);
    const first = counters(scene, "orchard", offer, offer, "2026-08-01");
    const second = counters(scene, "ferry", offer, offer, "2026-09-01");
    scene.meet();
    accepts(scene, "millrace", offer, first);
    accepts(scene, "ferry", offer, first);
    accepts(scene, "orchard", offer, second);
    scene.meet();
    const late = accepts(scene, "millrace", offer, second);
    expect(verdictIn(scene, offer, late)).toBe("already-bound");
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "active", due: "2026-08-01" });
  });

  table("decline and another's accept close it", (scene) => {
    const offer = offeredToTwo(scene);
    scene.say("orchard", "commitment.declined", offer, { terms: pinned(offer) });
    accepts(scene, "ferry", offer);
    scene.meet();
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "declined", bound: false });
  });

  table("decline and retract close it", (scene) => {
    const request = requested(scene);
    scene.say("millrace", "commitment.declined", request, { terms: pinned(request) });
    scene.say("orchard", "commitment.retracted", request, { terms: pinned(request) });
    expect(commitmentIn(scene, request).state).toBe("declined");
  });

  table("a counter to terms being taken back sleeps until its author says it still stands", (scene) => {
    const request = requested(scene);
    const counter = counters(scene, "millrace", request, request, "2026-09-30");
    scene.say("orchard", "commitment.retracted", request, { terms: pinned(request) });
    scene.meet();
    expect(commitmentIn(scene, request)).toMatchObject({ state: "retracted", terms: { open: [] } });
    const gone = scene.fork();
    gone.tell("millrace", "commitment.let-go", request, { terms: pinned(counter) });
    expect(commitmentIn(gone, request).state).toBe("retracted");
    scene.tell("millrace", "commitment.reaffirmed", request, { terms: pinned(counter) });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "offered", due: "2026-09-30" });
  });

  table("a counter to terms being declined sleeps too", (scene) => {
    const offer = offeredToTwo(scene);
    counters(scene, "orchard", offer, offer, "2026-09-30");
    scene.say("ferry", "commitment.declined", offer, { terms: pinned(offer) });
    expect(commitmentIn(scene, offer)).toMatchObject({ state: "declined", terms: { open: [] } });
  });

  table("accept and the other's leaving cross", (scene) => {
    const request = requested(scene);
    scene.say("orchard", "member.left", `${logOf("orchard")}.0`);
    const accepted = accepts(scene, "millrace", request);
    expect(commitmentIn(scene, request)).toMatchObject({ state: "crossed", bound: false });
    expect(verdictIn(scene, request, accepted)).toBe("crossed");
  });
});

describe("when it binds", () => {
  table("claim and release: released with the claim noted, and it may still be confirmed", (scene) => {
    const request = agreed(scene);
    scene.say("millrace", "commitment.claimed", request);
    scene.say("orchard", "commitment.released", request);
    scene.meet();
    expect(commitmentIn(scene, request)).toMatchObject({ state: "released", flags: { claimNoted: true } });
    scene.tell("orchard", "commitment.confirmed", request, { as: "full" });
    expect(commitmentIn(scene, request).state).toBe("satisfied");
  });

  table("confirm and release: what was confirmed stands, the rest is released", (scene) => {
    const offer = agreedWithTwo(scene);
    scene.tell("millrace", "commitment.claimed", offer);
    scene.tell("orchard", "commitment.released", offer);
    scene.say("orchard", "commitment.confirmed", offer, { as: "full" });
    scene.say("ferry", "commitment.released", offer);
    expect(commitmentIn(scene, offer)).toMatchObject({
      state: "released",
      flags: { claimNoted: true, partConfirmed: true },
    });
  });

  table("confirm and withdraw: the confirmed part stands, the rest is withdrawn", (scene) => {
    const request = agreed(scene);
    scene.tell("millrace", "commitment.progressed", request, { part: 40 });
    scene.say("orchard", "commitment.confirmed", request, { as: "partial" });
    scene.say("millrace", "commitment.withdrawn", request);
    expect(commitmentIn(scene, request)).toMatchObject({
      state: "withdrawn",
      flags: { partConfirmed: true },
    });
  });

  table("dispute and release: released", (scene) => {
    const x = { ...from("millrace", "orchard"), confirmers: [idOf("ferry")] };
    const request = scene.tell("orchard", "commitment.requested", null, x);
    accepts(scene, "millrace", request);
    scene.tell("millrace", "commitment.claimed", request);
    scene.say("ferry", "commitment.disputed", request);
    scene.say("orchard", "commitment.released", request);
    expect(commitmentIn(scene, request).state).toBe("released");
  });

  table("claim and an accepted revision: claimed against the new terms", (scene) => {
    const request = agreed(scene);
    const revision = revises(scene, "millrace", request, "2026-12-31");
    scene.meet();
    scene.say("millrace", "commitment.claimed", request);
    scene.say("orchard", "commitment.revision-accepted", request, { terms: pinned(revision) });
    expect(commitmentIn(scene, request)).toMatchObject({ state: "claimed", due: "2026-12-31" });
  });

  it.each([
    ["release", "orchard", "released"],
    ["withdraw", "millrace", "withdrawn"],
  ] as const)("an accepted revision and %s: closed", (_word, closer, type) => {
    const scene = new Scene();
    const request = agreed(scene);
    const reviser = closer === "orchard" ? "orchard" : "millrace";
    const revision = revises(scene, reviser, request, "2026-12-31");
    scene.meet();
    scene.say(closer, `commitment.${type}`, request);
    const other = reviser === "orchard" ? "millrace" : "orchard";
    scene.say(other, "commitment.revision-accepted", request, { terms: pinned(revision) });
    expect(commitmentIn(scene, request).state).toBe(type);
  });

  table("confirm and dispute by different partners: each their own, disputed in all", (scene) => {
    const offer = agreedWithTwo(scene);
    scene.tell("millrace", "commitment.claimed", offer);
    scene.say("orchard", "commitment.confirmed", offer, { as: "full" });
    scene.say("ferry", "commitment.disputed", offer);
    const { state, confirmations } = commitmentIn(scene, offer);
    expect(state).toBe("disputed");
    expect(confirmations).toEqual([
      { by: idOf("orchard"), as: "full", disputes: false },
      { by: idOf("ferry"), as: null, disputes: true },
    ]);
  });

  table("release and withdraw: released", (scene) => {
    const request = agreed(scene);
    scene.say("orchard", "commitment.released", request);
    scene.say("millrace", "commitment.withdrawn", request);
    expect(commitmentIn(scene, request).state).toBe("released");
  });

  table("two revisions on one base: the base stands until all reaffirmed the same one", (scene) => {
    const request = agreed(scene);
    const later = revises(scene, "millrace", request, "2026-12-31");
    const sooner = revises(scene, "orchard", request, "2026-05-01");
    scene.meet();
    const signed = scene.say("orchard", "commitment.revision-accepted", request, { terms: pinned(later) });
    scene.say("millrace", "commitment.revision-accepted", request, { terms: pinned(sooner) });
    scene.meet();
    expect(commitmentIn(scene, request)).toMatchObject({ state: "active", due, flags: { crossed: true } });
    expect(verdictIn(scene, request, signed)).toBe("crossed");
    scene.tell("orchard", "commitment.reaffirmed", request, { terms: pinned(later) });
    expect(commitmentIn(scene, request).due).toBe(due);
    scene.tell("millrace", "commitment.reaffirmed", request, { terms: pinned(later) });
    expect(commitmentIn(scene, request)).toMatchObject({ due: "2026-12-31", flags: { crossed: false } });
    expect(verdictIn(scene, request, signed)).toBe("effective");
  });

  table("a party that knows of a revision in force cannot cross it on purpose", (scene) => {
    const request = agreed(scene);
    const later = revises(scene, "millrace", request, "2026-12-31");
    const sooner = revises(scene, "orchard", request, "2026-05-01");
    scene.meet();
    scene.tell("orchard", "commitment.revision-accepted", request, { terms: pinned(later) });
    const x = { terms: pinned(sooner) };
    const late = scene.tell("millrace", "commitment.revision-accepted", request, x);
    expect(verdictIn(scene, request, late)).toBe("stale-base");
    expect(commitmentIn(scene, request).due).toBe("2026-12-31");
  });

  table("a revision taken back while it was accepted crosses, and the base stands", (scene) => {
    const request = agreed(scene);
    const revision = revises(scene, "millrace", request, "2026-12-31");
    scene.meet();
    scene.say("millrace", "commitment.revision-retracted", request, { terms: pinned(revision) });
    scene.say("orchard", "commitment.revision-accepted", request, { terms: pinned(revision) });
    scene.meet();
    expect(commitmentIn(scene, request)).toMatchObject({ state: "active", due, flags: { crossed: true } });
    const gone = scene.fork();
    gone.tell("millrace", "commitment.let-go", request, { terms: pinned(revision) });
    expect(commitmentIn(gone, request)).toMatchObject({ due, flags: { crossed: false } });
    scene.tell("millrace", "commitment.reaffirmed", request, { terms: pinned(revision) });
    expect(commitmentIn(scene, request).due).toBe("2026-12-31");
  });
});

describe("through an offer of help", () => {
  /** Orchard shares a challenge, Millrace offers help with a day. */
  function offered(scene: Scene, x: object = { due }): { readonly offer: Fact; readonly challenge: Fact } {
    const challenge = scene.tell("orchard", "challenge.shared", null);
    return { challenge, offer: scene.tell("millrace", "help.offered", challenge, { ...x }) };
  }
  /** Orchard takes it whole: three entries of one append. */
  function taken(scene: Scene, { offer, challenge }: ReturnType<typeof offered>, x: object = {}) {
    const accepted = scene.say("orchard", "help.accepted", challenge, { offer: offer.ref });
    const request = scene.say("orchard", "commitment.requested", null, {
      ...from("millrace", "orchard"),
      origin: accepted.ref,
      ...x,
    });
    return { request, signed: accepts(scene, "orchard", request, offer) };
  }

  it("taken whole it is active at once, by the helper's own words", () => {
    const scene = new Scene();
    const { request, signed } = taken(scene, offered(scene));
    expect(verdictIn(scene, request, signed)).toBe("effective");
    expect(commitmentIn(scene, request)).toMatchObject({
      state: "active",
      bound: true,
      debtor: idOf("millrace"),
    });
  });

  it.each([
    ["another day", { due: "2026-07-01" }],
    ["another confirmer", { confirmers: [idOf("ferry")] }],
    ["another debtor", { debtor: idOf("ferry") }],
  ])("with %s it is not a signature", (_what, x) => {
    const scene = new Scene();
    const { request, signed } = taken(scene, offered(scene), x);
    expect(verdictIn(scene, request, signed)).toBe("terms-differ");
    expect(commitmentIn(scene, request)).toMatchObject({ state: "requested", bound: false });
  });

  it("signs one request only: the next entry after the acceptance", () => {
    const scene = new Scene();
    const help = offered(scene);
    const { request } = taken(scene, help);
    const { origin } = request.told.ok && "origin" in request.told.event.x ? request.told.event.x : {};
    const again = scene.say("orchard", "commitment.requested", null, {
      ...from("millrace", "orchard"),
      ...(origin === undefined ? {} : { origin }),
    });
    const signed = accepts(scene, "orchard", again, help.offer);
    expect(verdictIn(scene, again, signed)).toBe("terms-differ");
    expect(commitmentIn(scene, again)).toMatchObject({ state: "requested", bound: false });
    expect(commitmentIn(scene, request).state).toBe("active");
  });

  it("without a day it states no terms, and the helper has to sign", () => {
    const scene = new Scene();
    const { request, signed } = taken(scene, offered(scene, {}));
    expect(verdictIn(scene, request, signed)).toBe("terms-differ");
    scene.meet();
    accepts(scene, "millrace", request);
    expect(commitmentIn(scene, request).state).toBe("active");
  });

  table(
    "taken back while it was taken, it is crossed until the helper stands by it or lets it go",
    (scene) => {
      const help = offered(scene);
      scene.say("millrace", "help.retracted", help.challenge, { offer: help.offer.ref });
      const { request } = taken(scene, help);
      scene.meet();
      expect(commitmentIn(scene, request)).toMatchObject({ state: "crossed", bound: false });
      expect(verdictIn(scene, request, request)).toBe("crossed");
      const gone = scene.fork();
      gone.tell("millrace", "commitment.let-go", request, { terms: pinned(request) });
      expect(commitmentIn(gone, request)).toMatchObject({ state: "retracted", bound: false });
      const reaffirmed = scene.fork();
      reaffirmed.tell("millrace", "commitment.reaffirmed", request, { terms: pinned(request) });
      expect(commitmentIn(reaffirmed, request).state).toBe("active");
      const accepted = accepts(scene, "millrace", request);
      expect(verdictIn(scene, request, accepted)).toBe("effective");
      expect(commitmentIn(scene, request).state).toBe("active");
    },
  );

  table("taken back before it was signed: signing it stands by it", (scene) => {
    const help = offered(scene, {});
    scene.say("millrace", "help.retracted", help.challenge, { offer: help.offer.ref });
    const { request } = taken(scene, help);
    scene.meet();
    expect(commitmentIn(scene, request).state).toBe("crossed");
    accepts(scene, "millrace", request);
    expect(commitmentIn(scene, request).state).toBe("active");
  });
});

describe("with the lead", () => {
  /** Millrace leads and pledged; it offers the lead to Orchard, who accepts it with the pledge. */
  function leading(scene: Scene) {
    const initiative = scene.tell("millrace", "initiative.proposed", null);
    const pledge = scene.tell("millrace", "commitment.pledged", null, {
      ...from("millrace", "ferry"),
      seat: { initiative: initiative.ref, term: 1 },
    });
    const offer = scene.tell("millrace", "handoff.offered", initiative, { to: idOf("orchard"), term: 1 });
    const accept = scene.say("orchard", "handoff.accepted", initiative, { offer: offer.ref });
    const carryAccept = scene.say("orchard", "commitment.carry-accepted", pledge, {
      offer: offer.ref,
      terms: pinned(pledge),
    });
    scene.meet();
    return { initiative, pledge, offer, accept, carryAccept };
  }
  const completes = (
    scene: Scene,
    { initiative, pledge, accept, carryAccept }: ReturnType<typeof leading>,
  ): Fact => {
    const completed = scene.say("millrace", "handoff.completed", initiative, { accept: accept.ref });
    const x = { completed: completed.ref, accepted: carryAccept.ref };
    return scene.say("millrace", "commitment.carried", pledge, x);
  };

  it("a pledge goes along, and its receiver owes it from then on", () => {
    const scene = new Scene();
    const led = leading(scene);
    expect(verdictIn(scene, led.pledge, completes(scene, led))).toBe("effective");
    scene.meet();
    expect(commitmentIn(scene, led.pledge)).toMatchObject({ state: "active", debtor: idOf("orchard") });
    const givers = scene.say("millrace", "commitment.claimed", led.pledge);
    expect(verdictIn(scene, led.pledge, givers)).toBe("not-the-debtor");
    scene.tell("orchard", "commitment.claimed", led.pledge);
    expect(commitmentIn(scene, led.pledge).state).toBe("claimed");
  });

  it("a pledge revised meanwhile does not go along with its old terms", () => {
    const scene = new Scene();
    const led = leading(scene);
    revises(scene, "millrace", led.pledge, "2026-12-31");
    expect(verdictIn(scene, led.pledge, completes(scene, led))).toBe("stale-terms");
    expect(commitmentIn(scene, led.pledge).debtor).toBe(idOf("millrace"));
  });

  it("a pledge that was claimed stays with who claimed it", () => {
    const scene = new Scene();
    const led = leading(scene);
    scene.say("millrace", "commitment.claimed", led.pledge);
    expect(verdictIn(scene, led.pledge, completes(scene, led))).toBe("wrong-state");
  });

  table("carried and released: released, and no duty arises", (scene) => {
    const led = leading(scene);
    completes(scene, led);
    scene.say("ferry", "commitment.released", led.pledge);
    expect(commitmentIn(scene, led.pledge).state).toBe("released");
  });

  table(
    "carried while the receiver took its acceptance back: crossed, and the giver still owes it",
    (scene) => {
      const led = leading(scene);
      scene.say("orchard", "handoff.acceptance-retracted", led.initiative, { accept: led.accept.ref });
      const carried = completes(scene, led);
      expect(verdictIn(scene, led.pledge, carried)).toBe("crossed");
      scene.meet();
      expect(commitmentIn(scene, led.pledge)).toMatchObject({ state: "active", debtor: idOf("millrace") });
      const claimed = scene.tell("millrace", "commitment.claimed", led.pledge);
      expect(verdictIn(scene, led.pledge, claimed)).toBe("effective");
    },
  );

  it("nobody takes over what was not offered to them", () => {
    const scene = new Scene();
    const { pledge, offer } = leading(scene);
    const x = { offer: offer.ref, terms: pinned(pledge) };
    const entry = scene.tell("ferry", "commitment.carry-accepted", pledge, x);
    expect(verdictIn(scene, pledge, entry)).toBe("wrong-offer");
  });
});
