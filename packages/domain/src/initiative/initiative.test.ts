// Goal: an initiative's life and the handing over of its lead read as stories; then, line by line, why an entry does not
// count; then what a node decides, and does by itself.
import type { Command } from "@handfast/api/verbs";
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { beforeEach, describe, expect, it } from "vitest";
import { append } from "../../test/commands.ts";
import { fateOf, viewOf, worldOf } from "../../test/told.ts";
import { pinnedRefOf } from "../fact.ts";
import { owedIn } from "../follow-ups.ts";
import type { WholeView } from "../whole.ts";
import { decideInitiative } from "./decide.ts";

const [orchard, millrace, ferry] = [0, 1, 2] as const;
let history: History;
let proposed: Told;
beforeEach(() => {
  history = createHistory(inventFoundation(4, 4));
  proposed = history.tells(orchard, "initiative.proposed");
});

const idOf = (who: number) => history.partners[who]?.by ?? "";
const say = (who: number, type: string, x: Told["header"]["x"] = {}) =>
  history.says(who, type, { subject: proposed, x });
const tell = (who: number, type: string, x: Told["header"]["x"] = {}) =>
  history.tells(who, type, { subject: proposed, x });
const offer = (from: number, to: number, term = 1) => tell(from, "handoff.offered", { to: idOf(to), term });
const accept = (who: number, offered: Told) => tell(who, "handoff.accepted", { offer: offered.ref });
const complete = (who: number, accepted: Told) => tell(who, "handoff.completed", { accept: accepted.ref });
const fate = (fact: Told) => fateOf(history, fact);
const shown = () => worldOf(history).now.initiative(proposed.ref);
const attested = (who: number) =>
  history.facts.find((fact) => fact.header.type === "charter.attested" && fact.by === idOf(who)) ?? null;

describe("an initiative", () => {
  it("is proposed, adopted, paused, resumed and completed by its lead", () => {
    expect(shown()).toMatchObject({ status: "proposed", lead: idOf(orchard), term: 1, participants: [] });
    for (const [type, status] of [
      ["initiative.adopted", "active"],
      ["initiative.paused", "paused"],
      ["initiative.resumed", "active"],
      ["initiative.completed", "completed"],
    ] as const) {
      tell(orchard, type, { term: 1 });
      expect(shown()?.status).toBe(status);
    }
    // Its end closes the course only.
    tell(orchard, "initiative.status-noted", { term: 1, externalStatus: "archived" });
    tell(millrace, "initiative.joined");
    expect(shown()).toMatchObject({ externalStatus: "archived", participants: [idOf(millrace)] });
  });

  it("has no lead where its seat was proposed open, and nobody can act as one", () => {
    const open = history.tells(orchard, "initiative.proposed", { x: { seat: "open" } });
    expect(worldOf(history).now.initiative(open.ref)?.lead).toBeNull();
    const adopted = history.tells(orchard, "initiative.adopted", { subject: open, x: { term: 1 } });
    expect(fate(adopted)).toBe("not-the-lead");
  });

  it("counts as participants who joined, did not leave it or the network, and do not lead", () => {
    for (const who of [orchard, millrace, ferry]) tell(who, "initiative.joined");
    tell(ferry, "initiative.left");
    expect(shown()?.participants).toEqual([idOf(millrace)]);
    history.tells(millrace, "member.left", { subject: attested(millrace) });
    expect(shown()?.participants).toEqual([]);
    complete(orchard, accept(ferry, offer(orchard, ferry)));
    expect(shown()?.participants).toEqual([idOf(orchard)]);
  });

  it("is without a lead once the lead left the network, and stays so if it comes back", () => {
    history.tells(orchard, "member.left", { subject: attested(orchard) });
    expect(shown()).toMatchObject({ lead: null, term: 1 });
    const opening = history.tells(millrace, "member.sponsored", {
      x: { root: idOf(orchard), log: history.partners[orchard]?.log ?? "" },
    });
    for (const who of [millrace, ferry]) {
      history.tells(who, "member.endorsed", { subject: opening, x: { opening: opening.ref, yes: true } });
    }
    history.tells(orchard, "charter.attested", { subject: opening, x: { charter: history.net } });
    expect(fate(tell(orchard, "initiative.adopted", { term: 1 }))).toBe("not-the-lead");
    expect(fate(tell(orchard, "lead.stepped-up", { as: "lead" }))).toBe("effective");
    expect(shown()?.lead).toBeNull();
  });

  it("lists who would lead, co-lead or shadow by their latest word", () => {
    tell(millrace, "lead.stepped-up", { as: "shadow" });
    tell(millrace, "lead.stepped-up", { as: "lead" });
    expect(shown()?.stepUps).toMatchObject([{ by: idOf(millrace), as: "lead" }]);
  });
});

describe("handing over the lead", () => {
  it("is offered, accepted and completed; until then the giver leads", () => {
    const offered = offer(orchard, millrace);
    expect(shown()?.moves).toMatchObject([{ party: idOf(millrace), verb: "answer" }]);
    const accepted = accept(millrace, offered);
    expect(shown()).toMatchObject({
      lead: idOf(orchard),
      moves: [{ party: idOf(orchard), verb: "complete" }],
    });
    const completed = complete(orchard, accepted);
    expect(shown()).toMatchObject({
      lead: idOf(millrace),
      term: 2,
      since: { ref: completed.ref },
      handoffs: [{ state: "completed", completed: completed.ref }],
      moves: [],
    });
    expect(fate(tell(orchard, "initiative.adopted", { term: 1 }))).toBe("not-the-lead");
    expect(fate(tell(millrace, "initiative.adopted", { term: 2 }))).toBe("effective");
  });

  it("gives the lead to one of two who accepted; the giver's log decides", () => {
    const [one, other] = [offer(orchard, millrace), offer(orchard, ferry)];
    const accepts = [accept(millrace, one), accept(ferry, other)];
    complete(orchard, accepts[1] as Told);
    expect(fate(complete(orchard, accepts[0] as Told))).toBe("not-the-lead");
    expect(shown()).toMatchObject({
      lead: idOf(ferry),
      handoffs: [{ state: "over" }, { state: "completed" }],
    });
  });

  it("whose cancelling crossed with the acceptance waits for the giver's word, and completing is one", () => {
    const offered = offer(orchard, millrace);
    say(orchard, "handoff.cancelled", { offer: offered.ref });
    const accepted = accept(millrace, offered);
    expect(fate(accepted)).toBe("crossed");
    expect(shown()).toMatchObject({
      handoffs: [{ state: "crossed", completed: null }],
      moves: [{ party: idOf(orchard), verb: "settle" }],
    });
    expect(fate(tell(orchard, "handoff.reaffirmed", { accept: accepted.ref }))).toBe("effective");
    expect(fate(accepted)).toBe("effective");
    expect(shown()?.handoffs).toMatchObject([{ state: "accepted" }]);
    expect(fate(complete(orchard, accepted))).toBe("effective");
    expect(shown()?.lead).toBe(idOf(millrace));
  });

  it("that crossed with the receiver's going back leaves the lead, who can hand over anew", () => {
    const accepted = accept(millrace, offer(orchard, millrace));
    const retracted = say(millrace, "handoff.acceptance-retracted", { accept: accepted.ref });
    const completed = say(orchard, "handoff.completed", { accept: accepted.ref });
    expect([fate(retracted), fate(completed)]).toEqual(["effective", "crossed"]);
    // Not having heard, the giver thinks it gave the seat away, and so does everybody of what it says then.
    const unheard = say(orchard, "handoff.offered", { to: idOf(ferry), term: 1 });
    history.meets();
    expect(fate(unheard)).toBe("not-the-lead");
    expect(shown()).toMatchObject({ lead: idOf(orchard), term: 1, handoffs: [{ state: "crossed" }] });
    complete(orchard, accept(ferry, offer(orchard, ferry)));
    expect(shown()).toMatchObject({ lead: idOf(ferry), term: 2 });
  });

  it.each<[reason: string, say: () => Told]>([
    ["not-the-lead", () => offer(millrace, ferry)],
    ["not-the-lead", () => offer(orchard, millrace, 2)],
    ["handoff-to-self", () => offer(orchard, orchard)],
    ["not-the-receiver", () => accept(ferry, offer(orchard, millrace))],
    ["not-the-receiver", () => accept(millrace, proposed)],
    [
      "already-answered",
      () => {
        const offered = offer(orchard, millrace);
        tell(millrace, "handoff.declined", { offer: offered.ref });
        return accept(millrace, offered);
      },
    ],
    [
      "handoff-cancelled",
      () => {
        const offered = offer(orchard, millrace);
        tell(orchard, "handoff.cancelled", { offer: offered.ref });
        return accept(millrace, offered);
      },
    ],
    [
      "handoff-closed",
      () => {
        const [one, other] = [offer(orchard, millrace), offer(orchard, ferry)];
        complete(orchard, accept(ferry, other));
        return accept(millrace, one);
      },
    ],
    ["not-the-giver", () => tell(millrace, "handoff.cancelled", { offer: offer(orchard, millrace).ref })],
    [
      "already-cancelled",
      () => {
        const offered = offer(orchard, millrace);
        tell(orchard, "handoff.cancelled", { offer: offered.ref });
        return tell(orchard, "handoff.cancelled", { offer: offered.ref });
      },
    ],
    [
      "handoff-closed",
      () => {
        const offered = offer(orchard, millrace);
        complete(orchard, accept(millrace, offered));
        return tell(orchard, "handoff.cancelled", { offer: offered.ref });
      },
    ],
    [
      "handoff-cancelled",
      () => {
        const offered = offer(orchard, millrace);
        const accepted = accept(millrace, offered);
        tell(orchard, "handoff.cancelled", { offer: offered.ref });
        return complete(orchard, accepted);
      },
    ],
    [
      "acceptance-retracted",
      () => {
        const accepted = accept(millrace, offer(orchard, millrace));
        tell(millrace, "handoff.acceptance-retracted", { accept: accepted.ref });
        return complete(orchard, accepted);
      },
    ],
    [
      "already-retracted",
      () => {
        const accepted = accept(millrace, offer(orchard, millrace));
        tell(millrace, "handoff.acceptance-retracted", { accept: accepted.ref });
        return tell(millrace, "handoff.acceptance-retracted", { accept: accepted.ref });
      },
    ],
    [
      "handoff-closed",
      () => {
        const accepted = accept(millrace, offer(orchard, millrace));
        complete(orchard, accepted);
        return tell(millrace, "handoff.acceptance-retracted", { accept: accepted.ref });
      },
    ],
    [
      "receiver-not-a-member",
      () => {
        const accepted = accept(millrace, offer(orchard, millrace));
        history.tells(millrace, "member.left", { subject: attested(millrace) });
        return complete(orchard, accepted);
      },
    ],
    ["not-accepted", () => complete(orchard, offer(orchard, millrace))],
    [
      "not-crossed",
      () => {
        const accepted = accept(millrace, offer(orchard, millrace));
        return tell(orchard, "handoff.reaffirmed", { accept: accepted.ref });
      },
    ],
    ["wrong-state", () => tell(orchard, "initiative.paused", { term: 1 })],
    ["already-the-lead", () => tell(orchard, "lead.stepped-up", { as: "lead" })],
    ["not-a-participant", () => tell(millrace, "initiative.left")],
    [
      "already-joined",
      () => {
        tell(millrace, "initiative.joined");
        return tell(millrace, "initiative.joined");
      },
    ],
    ["malformed", () => tell(orchard, "initiative.adopted")],
    ["opaque", () => tell(orchard, "initiative.adopted", { term: 1, must: ["quorum"] })],
  ])("says %s", (reason, saying) => {
    expect(fate(saying())).toBe(reason);
  });
});

type Asked = Command<Extract<Command["name"], `initiative.${string}`>>;
const ask = (who: number, name: Asked["name"], body: object = {}, view: Partial<WholeView> = {}) =>
  decideInitiative({ name, on: proposed.ref, body } as Asked, { ...viewOf(history, who), ...view });
const act = (who: number, name: Asked["name"], body: object = {}) => {
  const decision = ask(who, name, body);
  if (!decision.ok) throw new Error(decision.refusal);
  const entries = append(decision, history, who);
  history.meets();
  return entries;
};
const pledge = (who: number, x: Told["header"]["x"] = {}) =>
  history.tells(who, "commitment.pledged", {
    x: {
      debtor: idOf(who),
      beneficiaries: [proposed.ref],
      due: "2026-03-01",
      seat: { initiative: proposed.ref, term: 1 },
      ...x,
    },
  });
const followUp = (who: number) => {
  const view = viewOf(history, who);
  const decisions = owedIn(view, null).map(({ decide }) => decide(view));
  for (const decision of decisions) if (decision.ok) append(decision, history, who);
  history.meets();
  return decisions.flatMap((decision) =>
    "entries" in decision ? decision.entries.map((entry) => entry.type) : [],
  );
};

describe("a node, about initiatives,", () => {
  it("adopts only with two partners' commitments, but takes the past as it was", () => {
    expect(ask(orchard, "initiative.adopt")).toMatchObject({ refusal: "needs-two-commitments" });
    expect(ask(orchard, "initiative.adopt", { occurredAt: 1, imported: true })).toMatchObject({ ok: true });
    pledge(orchard);
    pledge(orchard);
    expect(ask(orchard, "initiative.adopt")).toMatchObject({ refusal: "needs-two-commitments" });
    history.tells(millrace, "commitment.pledged", {
      x: { debtor: idOf(millrace), beneficiaries: [proposed.ref], due: "2026-03-01" },
    });
    expect(ask(orchard, "initiative.adopt")).toMatchObject({ ok: true });
  });

  it("hands over, with the pledges made as lead, in two steps for people", () => {
    const [kept, claimed] = [pledge(orchard), pledge(orchard)];
    act(orchard, "initiative.offer-handoff", { to: idOf(millrace), pack: "all you need to know" });
    const accepted = act(millrace, "initiative.accept-handoff", { carry: "all" });
    expect(accepted.map((entry) => entry.header.type)).toEqual([
      "handoff.accepted",
      "commitment.carry-accepted",
      "commitment.carry-accepted",
    ]);
    // What is claimed before the handoff is completed stays with the giver.
    history.tells(orchard, "commitment.claimed", { subject: claimed });
    expect(followUp(orchard)).toEqual(["handoff.completed", "commitment.carried"]);
    expect(followUp(orchard)).toEqual([]);
    const { now } = worldOf(history);
    expect(now.initiative(proposed.ref)).toMatchObject({ lead: idOf(millrace), term: 2 });
    expect(now.commitment(kept.ref)?.debtor).toBe(idOf(millrace));
    expect(now.commitment(claimed.ref)?.debtor).toBe(idOf(orchard));
  });

  it("hands over more pledges than one append holds, in parts that each stand alone", () => {
    const pledges = Array.from({ length: 140 }, () => pledge(orchard));
    act(orchard, "initiative.offer-handoff", { to: idOf(millrace) });
    const parts: number[] = [];
    for (let isWhole = false; !isWhole; ) {
      const decision = ask(millrace, "initiative.accept-handoff", { carry: pledges.map((one) => one.ref) });
      if (!decision.ok) throw new Error(decision.refusal);
      parts.push(append(decision, history, millrace).length);
      history.meets();
      isWhole = !("continues" in decision);
    }
    expect(parts).toEqual([60, 60, 21]);
    expect(followUp(orchard)).toHaveLength(61);
    const debtorOf = (one: (typeof pledges)[number]) => worldOf(history).now.commitment(one.ref)?.debtor;
    // One of the rest is claimed before its turn comes: it stays, and is not asked about again.
    const claimed = pledges.find((one) => debtorOf(one) === idOf(orchard));
    if (claimed === undefined) throw new Error("all went along in one append");
    history.tells(orchard, "commitment.claimed", { subject: claimed });
    expect(followUp(orchard)).toHaveLength(79);
    expect(followUp(orchard)).toEqual([]);
    expect(shown()).toMatchObject({ lead: idOf(millrace), term: 2 });
    expect(pledges.filter((one) => debtorOf(one) !== idOf(millrace))).toEqual([claimed]);
  });

  it("does not carry a pledge whose terms moved on since they were taken over", () => {
    const made = pledge(orchard);
    act(orchard, "initiative.offer-handoff", { to: idOf(millrace) });
    act(millrace, "initiative.accept-handoff", { carry: [pinnedRefOf(made)] });
    history.tells(orchard, "commitment.revision-proposed", {
      subject: made,
      x: { base: pinnedRefOf(made), due: "2026-04-01" },
    });
    expect(followUp(orchard)).toEqual(["handoff.completed"]);
    expect(worldOf(history).now.commitment(made.ref)?.debtor).toBe(idOf(orchard));
  });

  it("takes over nothing whose words it does not hold", () => {
    const made = pledge(orchard);
    act(orchard, "initiative.offer-handoff", { to: idOf(millrace) });
    const blind = { holdsPayload: (ref: string) => ref !== made.ref };
    expect(ask(millrace, "initiative.accept-handoff", {}, { holdsPayload: () => false })).toMatchObject({
      refusal: "payload-not-held",
    });
    expect(ask(millrace, "initiative.accept-handoff", { carry: [made.ref] }, blind)).toMatchObject({
      refusal: "payload-not-held",
    });
    expect(ask(millrace, "initiative.accept-handoff", { carry: "all" }, blind)).toMatchObject({
      entries: [{ type: "handoff.accepted" }],
    });
    const unknown = { carry: [proposed.ref] };
    expect(ask(millrace, "initiative.accept-handoff", unknown)).toMatchObject({ refusal: "not-found" });
  });

  it("completes by itself neither what was cancelled, unless reaffirmed, nor what was accepted too late", () => {
    const offered = offer(orchard, millrace);
    say(orchard, "handoff.cancelled", { offer: offered.ref });
    const accepted = accept(millrace, offered);
    expect(followUp(orchard)).toEqual([]);
    act(orchard, "initiative.reaffirm-handoff", { accept: accepted.ref });
    expect(followUp(orchard)).toEqual(["handoff.completed"]);
    const late = tell(millrace, "handoff.offered", { to: idOf(ferry), term: 2, until: "2026-01-01" });
    accept(ferry, late);
    expect(followUp(millrace)).toEqual([]);
    expect(act(millrace, "initiative.complete-handoff")).toHaveLength(1);
    expect(shown()).toMatchObject({ lead: idOf(ferry), term: 3 });
  });

  it("understands which handoff is meant where only one waits", () => {
    expect(ask(millrace, "initiative.accept-handoff", { carry: "all" })).toMatchObject({
      refusal: "nothing-to-accept",
    });
    const one = offer(orchard, millrace);
    expect(ask(millrace, "initiative.decline-handoff")).toMatchObject({
      entries: [{ x: { offer: one.ref } }],
    });
    offer(orchard, millrace);
    expect(ask(millrace, "initiative.decline-handoff")).toMatchObject({ refusal: "several-open" });
    expect(ask(millrace, "initiative.decline-handoff", { offer: proposed.ref })).toMatchObject({
      refusal: "not-found",
    });
  });

  it("refuses with the fold's own reasons, and guards of its own", () => {
    expect(ask(millrace, "initiative.pause")).toMatchObject({ refusal: "not-the-lead" });
    expect(ask(orchard, "initiative.pause")).toMatchObject({
      refusal: "wrong-state",
      detail: "It is proposed; its lead can adopt it.",
    });
    expect(ask(orchard, "initiative.offer-handoff", { to: idOf(orchard) })).toMatchObject({
      refusal: "handoff-to-self",
    });
    expect(ask(orchard, "initiative.offer-handoff", { to: "z6Mkstranger" })).toMatchObject({
      refusal: "unknown-partner",
    });
    const until = { to: idOf(millrace), until: "2025-01-01" };
    expect(ask(orchard, "initiative.offer-handoff", until)).toMatchObject({ refusal: "due-in-the-past" });
    const nothing = { name: "initiative.join", on: attested(orchard)?.ref ?? "", body: {} } as Asked;
    expect(decideInitiative(nothing, viewOf(history, orchard))).toMatchObject({ refusal: "not-found" });
  });

  it("puts people's words into the payload, and what a state follows from into the header", () => {
    const decision = decideInitiative(
      {
        name: "initiative.propose",
        on: null,
        body: { act: "propose", title: "Seed library", problem: "lost varieties", externalId: "KEP-1" },
      },
      viewOf(history, ferry),
    );
    expect(decision).toEqual({
      ok: true,
      reads: [],
      entries: [
        {
          type: "initiative.proposed",
          subject: null,
          x: { externalId: "KEP-1" },
          body: { title: "Seed library", problem: "lost varieties" },
        },
      ],
    });
  });
});
