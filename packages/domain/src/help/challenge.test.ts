// Goal: how partners ask for help and answer reads as a story; then why an entry does not count; then how taking an
// offer of help opens a commitment.
import type { Command } from "@handfast/api/verbs";
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { beforeEach, describe, expect, it } from "vitest";
import { append } from "../../test/commands.ts";
import { fateOf, viewOf, worldOf } from "../../test/told.ts";
import type { WholeView } from "../whole.ts";
import { decideHelp } from "./decide.ts";

const [orchard, millrace, ferry] = [0, 1, 2] as const;
let history: History;
let shared: Told;
beforeEach(() => {
  history = createHistory(inventFoundation(3, 3));
  shared = history.tells(orchard, "challenge.shared");
});

const idOf = (who: number) => history.partners[who]?.by ?? "";
const tell = (who: number, type: string, x: Told["header"]["x"] = {}) =>
  history.tells(who, type, { subject: shared, x });
const say = (who: number, type: string, x: Told["header"]["x"] = {}) =>
  history.says(who, type, { subject: shared, x });
const offer = (who: number, x: Told["header"]["x"] = {}) => tell(who, "help.offered", x);
const shown = () => worldOf(history).now.challenge(shared.ref);
const offersShown = () => shown()?.offers.map((one) => one.state);

describe("a challenge", () => {
  it("is heard by others, and resolved and reopened by its owner alone", () => {
    expect(shown()).toMatchObject({ state: "open", owner: idOf(orchard), moves: [{ verb: "acknowledge" }] });
    tell(millrace, "challenge.acknowledged");
    expect(shown()).toMatchObject({ state: "acknowledged", acknowledgements: [{ by: idOf(millrace) }] });
    tell(orchard, "challenge.resolved");
    expect(shown()?.state).toBe("resolved");
    tell(orchard, "challenge.reopened");
    expect(shown()?.state).toBe("acknowledged");
  });

  it("has offers of help taken, thanked for, taken back, or kept warm", () => {
    const [taken, thanked, back] = [offer(millrace), offer(millrace), offer(ferry)];
    offer(ferry);
    tell(orchard, "help.accepted", { offer: taken.ref, part: "the first half" });
    tell(orchard, "help.thanked-declined", { offer: thanked.ref });
    tell(ferry, "help.retracted", { offer: back.ref });
    expect(offersShown()).toEqual(["accepted", "declined", "retracted", "offered"]);
    expect(shown()?.offers[0]).toMatchObject({ acceptedPart: "the first half" });
    tell(orchard, "challenge.resolved");
    expect(offersShown()).toEqual(["accepted", "declined", "retracted", "kept-warm"]);
    tell(orchard, "challenge.reopened");
    expect(offersShown()).toEqual(["accepted", "declined", "retracted", "offered"]);
  });

  it.each<[reason: string, saying: () => Told]>([
    ["own-challenge", () => tell(orchard, "challenge.acknowledged")],
    ["own-challenge", () => offer(orchard)],
    ["not-the-owner", () => tell(millrace, "challenge.resolved")],
    ["wrong-state", () => tell(orchard, "challenge.reopened")],
    [
      "wrong-state",
      () => {
        tell(orchard, "challenge.resolved");
        return tell(orchard, "challenge.resolved");
      },
    ],
    [
      "challenge-resolved",
      () => {
        tell(orchard, "challenge.resolved");
        return offer(millrace);
      },
    ],
    ["not-the-offerer", () => tell(ferry, "help.retracted", { offer: offer(millrace).ref })],
    ["not-the-offerer", () => tell(millrace, "help.retracted", { offer: shared.ref })],
    [
      "offer-closed",
      () => {
        const offered = offer(millrace);
        tell(orchard, "help.accepted", { offer: offered.ref });
        return tell(millrace, "help.retracted", { offer: offered.ref });
      },
    ],
    ["not-the-owner", () => tell(ferry, "help.accepted", { offer: offer(millrace).ref })],
    [
      "offer-closed",
      () => {
        const offered = offer(millrace);
        tell(orchard, "help.thanked-declined", { offer: offered.ref });
        return tell(orchard, "help.accepted", { offer: offered.ref });
      },
    ],
    ["offer-closed", () => tell(orchard, "help.accepted", { offer: shared.ref })],
    [
      "offer-retracted",
      () => {
        const offered = offer(millrace);
        tell(millrace, "help.retracted", { offer: offered.ref });
        return tell(orchard, "help.accepted", { offer: offered.ref });
      },
    ],
    ["malformed", () => tell(orchard, "help.accepted")],
  ])("says %s", (reason, saying) => {
    expect(fateOf(history, saying())).toBe(reason);
  });
});

type Asked = Command<Extract<Command["name"], `challenge.${string}`>>;
const ask = (who: number, name: Asked["name"], body: object = {}, view: Partial<WholeView> = {}) =>
  decideHelp({ name, on: shared.ref, body } as Asked, { ...viewOf(history, who), ...view });
const act = (who: number, name: Asked["name"], body: object = {}) => {
  const decision = ask(who, name, body);
  if (!decision.ok) throw new Error(decision.refusal);
  const entries = append(decision, history, who);
  history.meets();
  return entries;
};
const typesOf = (entries: readonly Told[]) => entries.map((entry) => entry.header.type);
const commitmentOf = (entries: readonly Told[]) => worldOf(history).now.commitment(entries[1]?.ref ?? "");

describe("taking an offer of help", () => {
  it("whole, with the day it named, binds the helper at once: the offer is its signature", () => {
    const offered = offer(millrace, { due: "2026-03-01" });
    const taken = act(orchard, "challenge.accept-help", { offer: offered.ref });
    expect(typesOf(taken)).toEqual(["help.accepted", "commitment.requested", "commitment.accepted"]);
    expect(commitmentOf(taken)).toMatchObject({
      state: "active",
      debtor: idOf(millrace),
      beneficiaries: [idOf(orchard)],
      due: "2026-03-01",
      origin: taken[0]?.ref,
    });
  });

  it.each([
    ["in part", { part: "the first half" }],
    ["by another day", { due: "2026-04-01" }],
    ["in other words", { title: "Mend the roof, and the barn too" }],
  ])("%s asks the helper to sign", (_how, changes) => {
    const offered = offer(millrace, { due: "2026-03-01" });
    const taken = act(orchard, "challenge.accept-help", { offer: offered.ref, ...changes });
    expect(typesOf(taken)).toEqual(["help.accepted", "commitment.requested"]);
    expect(commitmentOf(taken)?.state).toBe("requested");
  });

  it("meant for others as well is taken as it is, and for the network only as far as the owner can ask", () => {
    const beneficiaries = [idOf(orchard), idOf(ferry)];
    const both = offer(millrace, { due: "2026-03-01", beneficiaries, confirmers: [idOf(ferry)] });
    const taken = act(orchard, "challenge.accept-help", { offer: both.ref });
    expect(commitmentOf(taken)).toMatchObject({
      beneficiaries,
      confirmers: [idOf(ferry)],
      state: "requested",
    });
    // The third partner still has to say yes; the helper's word is given.
    expect(commitmentOf(taken)?.terms.current.signed).toEqual([idOf(millrace), idOf(orchard)]);
    const forAll = offer(millrace, { due: "2026-03-01", beneficiaries: ["network"] });
    const asked = act(orchard, "challenge.accept-help", { offer: forAll.ref });
    expect(typesOf(asked)).toEqual(["help.accepted", "commitment.requested"]);
    expect(commitmentOf(asked)?.beneficiaries).toEqual([idOf(orchard)]);
  });

  it("that is being taken back crosses, and binds nobody", () => {
    const offered = offer(millrace, { due: "2026-03-01" });
    say(millrace, "help.retracted", { offer: offered.ref });
    const decision = ask(orchard, "challenge.accept-help", { offer: offered.ref });
    if (!decision.ok) throw new Error(decision.refusal);
    const taken = append(decision, history, orchard);
    history.meets();
    expect(offersShown()).toEqual(["crossed"]);
    expect(commitmentOf(taken)?.state).toBe("crossed");
  });

  it("is refused where something is missing", () => {
    const offered = offer(millrace);
    const taking = { offer: offered.ref };
    expect(ask(orchard, "challenge.accept-help", taking)).toMatchObject({ refusal: "day-missing" });
    expect(ask(orchard, "challenge.accept-help", { ...taking, due: "2020-01-01" })).toMatchObject({
      refusal: "due-in-the-past",
    });
    expect(
      ask(orchard, "challenge.accept-help", { ...taking, due: "2020-01-01", occurredAt: 1, imported: true }),
    ).toMatchObject({ ok: true });
    expect(ask(orchard, "challenge.accept-help", taking, { holdsPayload: () => false })).toMatchObject({
      refusal: "payload-not-held",
    });
    expect(ask(ferry, "challenge.accept-help", { ...taking, due: "2026-03-01" })).toMatchObject({
      refusal: "not-the-owner",
    });
    expect(ask(orchard, "challenge.accept-help", { offer: shared.ref })).toMatchObject({
      refusal: "not-found",
    });
  });
});

describe("a node, about challenges,", () => {
  it("refuses with the fold's own reasons", () => {
    expect(ask(orchard, "challenge.acknowledge")).toMatchObject({ refusal: "own-challenge" });
    expect(ask(millrace, "challenge.resolve")).toMatchObject({ refusal: "not-the-owner" });
    expect(ask(millrace, "challenge.offer-help", { title: "A day", due: "2020-01-01" })).toMatchObject({
      refusal: "due-in-the-past",
    });
    const offered = offer(millrace);
    expect(ask(ferry, "challenge.retract-help", { offer: offered.ref })).toMatchObject({
      refusal: "not-the-offerer",
    });
    expect(
      ask(orchard, "challenge.thank-and-decline", { offer: offered.ref, text: "Next year" }),
    ).toMatchObject({
      entries: [{ type: "help.thanked-declined", body: { text: "Next year" } }],
    });
  });
});
