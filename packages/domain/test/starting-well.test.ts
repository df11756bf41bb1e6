// Goal: what a node refuses of its own commands, or answers with what stands already, so that nobody repeats themselves
// into a corner or says what changes nothing. Method: one story each, by the clock of the view.
import type { Command, CommandName } from "@handfast/api/verbs";
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { decideCommitment } from "../src/commitment/decide.ts";
import type { Decision } from "../src/decision.ts";
import { decideHelp } from "../src/help/decide.ts";
import { decideInitiative } from "../src/initiative/decide.ts";
import { append } from "./commands.ts";
import { viewOf } from "./told.ts";

const [orchard, millrace, ferry] = [0, 1, 2] as const;
const noon = Date.UTC(2026, 0, 6, 12);
const begin = () => createHistory(inventFoundation(3, 3));
const idOf = (history: History, who: number) => history.partners[who]?.by ?? "";
/** What Orchard owes Millrace, and by when. */
const promised = (history: History) => ({
  debtor: idOf(history, orchard),
  beneficiaries: [idOf(history, millrace)],
  due: "2026-05-01",
});

function ask(
  history: History,
  who: number,
  name: CommandName,
  on: Told | null,
  body: object = {},
  nowMs = noon,
): Decision {
  const command = { name, on: on?.ref ?? null, body };
  const view = { ...viewOf(history, who), nowMs };
  if (name.startsWith("initiative.")) return decideInitiative(command as Command<"initiative.join">, view);
  if (name.startsWith("challenge.")) return decideHelp(command as Command<"challenge.share">, view);
  return decideCommitment(command as Command<"commitment.accept">, view);
}

/** Decides, appends, and lets everybody hear; the first entry. */
function act(history: History, ...asked: [number, CommandName, Told | null, object?]): Told {
  const decision = ask(history, ...asked);
  if (!decision.ok) throw new Error(`${decision.refusal} ${decision.detail ?? ""}`);
  if (decision.standing !== undefined) throw new Error(`stands: ${decision.standing}`);
  const [first] = append(decision, history, asked[0]);
  history.meets();
  return first as Told;
}

describe("what stands already", () => {
  it("is that a challenge was heard", () => {
    const history = begin();
    const challenge = history.tells(orchard, "challenge.shared");
    history.meets();
    const heard = act(history, millrace, "challenge.acknowledge", challenge);
    expect(ask(history, millrace, "challenge.acknowledge", challenge)).toEqual({
      ok: true,
      standing: heard.ref,
    });
    expect(ask(history, ferry, "challenge.acknowledge", challenge)).toHaveProperty("entries");
  });

  it("is another party's proposal of the same day, which is to be accepted", () => {
    const history = begin();
    const parties = promised(history);
    const offered = history.tells(orchard, "commitment.offered", { x: parties });
    history.meets();
    act(history, millrace, "commitment.accept", offered);
    const day = { due: "2026-06-01" };
    const first = act(history, orchard, "commitment.propose-revision", offered, day);
    expect(ask(history, millrace, "commitment.propose-revision", offered, day)).toEqual({
      ok: false,
      refusal: "nothing-to-change",
      detail: `another party has proposed 2026-06-01 already: accept that revision, ${first.ref}`,
    });
  });

  it("is the answer to the same offer of the lead, and another one is another offer", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    const offer = { to: idOf(history, millrace), until: "2026-02-01" };
    const first = act(history, orchard, "initiative.offer-handoff", initiative, offer);
    expect(ask(history, orchard, "initiative.offer-handoff", initiative, offer)).toEqual({
      ok: true,
      standing: first.ref,
    });
    const later = { ...offer, until: "2026-03-01" };
    const second = act(history, orchard, "initiative.offer-handoff", initiative, later);
    expect(ask(history, millrace, "initiative.accept-handoff", initiative, { carry: [] })).toEqual({
      ok: false,
      refusal: "several-open",
      detail: `name one as \`offer\`: ${first.ref} (until 2026-02-01), ${second.ref} (until 2026-03-01)`,
    });
    // The first has lapsed: only the second can be meant.
    const afterFirst = Date.UTC(2026, 1, 10);
    expect(
      ask(history, millrace, "initiative.accept-handoff", initiative, { carry: [] }, afterFirst),
    ).toMatchObject({ entries: [{ type: "handoff.accepted", x: { offer: second.ref } }] });
  });

  it("is what a counter says that changes nothing", () => {
    const history = begin();
    const terms = { title: "A", debtor: idOf(history, millrace), due: "2026-05-01" };
    const made = act(history, orchard, "commitment.request", null, terms);
    const counter = (who: number, body: object) => ask(history, who, "commitment.counter", made, body);
    expect(counter(millrace, { due: "2026-05-01" })).toEqual({ ok: true, standing: made.ref });
    const same = { due: "2026-05-01", confirmers: [idOf(history, orchard)] };
    expect(counter(millrace, same)).toEqual({ ok: true, standing: made.ref });
    expect(counter(millrace, { due: "2026-05-02" })).toHaveProperty("entries");
    expect(counter(millrace, { due: "2026-05-01", title: "B" })).toHaveProperty("entries");
    expect(counter(millrace, { due: "2026-05-01", confirmers: [idOf(history, ferry)] })).toHaveProperty(
      "entries",
    );
    // Those who stated them say the same again, and wait as before.
    expect(counter(orchard, { due: "2026-05-01" })).toEqual({ ok: true, standing: made.ref });
    expect(counter(orchard, { due: "2026-05-02" })).toMatchObject({ refusal: "own-terms" });
    const later = act(history, millrace, "commitment.counter", made, { due: "2026-05-02" });
    expect(counter(millrace, { due: "2026-05-02" })).toEqual({ ok: true, standing: later.ref });
    expect(counter(millrace, { due: "2026-05-01" })).toMatchObject({ refusal: "own-terms" });
    act(history, orchard, "commitment.accept", made);
    expect(counter(millrace, { due: "2026-05-02" })).toMatchObject({ ok: false });
  });

  it("is the status elsewhere that is noted already", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    const note = (externalStatus: string, more: object = {}) =>
      ask(history, orchard, "initiative.note-status", initiative, { externalStatus, ...more });
    const noted = act(history, orchard, "initiative.note-status", initiative, { externalStatus: "underway" });
    expect(note("underway")).toEqual({ ok: true, standing: noted.ref });
    expect(note("late")).toHaveProperty("entries");
    expect(note("underway", { text: "As before, and here is why" })).toHaveProperty("entries");
    expect(note("underway", { occurredAt: 1, imported: true })).toHaveProperty("entries");
  });

  it("is the answer to the same revision and the same word about leading", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    const word = act(history, ferry, "initiative.step-up", initiative, { as: "co" });
    const again = ask(history, ferry, "initiative.step-up", initiative, { as: "co" });
    expect(again).toEqual({ ok: true, standing: word.ref });
    expect(ask(history, ferry, "initiative.step-up", initiative, { as: "lead" })).toHaveProperty("entries");

    const terms = { title: "A", debtor: idOf(history, millrace), due: "2026-05-01" };
    const made = act(history, orchard, "commitment.request", null, terms);
    act(history, millrace, "commitment.accept", made);
    const propose = (who: number, due: string) =>
      ask(history, who, "commitment.propose-revision", made, { due });
    expect(propose(orchard, "2026-05-01")).toMatchObject({ refusal: "nothing-to-change" });
    const revision = act(history, orchard, "commitment.propose-revision", made, { due: "2026-06-01" });
    expect(propose(orchard, "2026-06-01")).toEqual({ ok: true, standing: revision.ref });
    // The other side's equal wish would stand beside it, each waiting for the other.
    expect(propose(millrace, "2026-06-01")).toMatchObject({ refusal: "nothing-to-change" });
    const another = act(history, orchard, "commitment.propose-revision", made, { due: "2026-07-01" });
    const unclear = ask(history, millrace, "commitment.accept-revision", made);
    expect(unclear).toMatchObject({ refusal: "several-open" });
    for (const { ref } of [revision, another])
      expect(unclear).toHaveProperty("detail", expect.stringContaining(ref));
    expect(unclear).toHaveProperty("detail", expect.stringMatching(/^name one as `terms`/));
  });
});

describe("when it happened", () => {
  it("waives a guard for imports alone, and lies in the past", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    const adopt = (body: object) => ask(history, orchard, "initiative.adopt", initiative, body);
    const occurredAt = Date.UTC(2020, 0, 1);
    expect(adopt({ occurredAt })).toMatchObject({ refusal: "needs-two-commitments" });
    expect(adopt({ occurredAt, imported: true })).toHaveProperty("entries");
    const ahead = { occurredAt: noon + 600_000, imported: true };
    expect(adopt(ahead)).toMatchObject({ refusal: "occurred-in-the-future" });
    expect(
      ask(history, orchard, "initiative.join", initiative, { occurredAt: noon + 600_000 }),
    ).toMatchObject({
      refusal: "occurred-in-the-future",
    });
  });

  it("takes a day as long as it is that day anywhere", () => {
    const history = begin();
    const pledge = (due: string, nowMs: number) =>
      ask(
        history,
        orchard,
        "commitment.pledge",
        null,
        { title: "A", beneficiaries: ["network"], due },
        nowMs,
      );
    expect(pledge("2026-01-05", noon - 1)).toHaveProperty("entries");
    expect(pledge("2026-01-05", noon)).toEqual({
      ok: false,
      refusal: "due-in-the-past",
      detail: "2026-01-05 is over everywhere: it is 2026-01-06 in UTC and 2026-01-06 at UTC-12",
    });
    expect(pledge("2026-01-04", noon - 1)).toMatchObject({ refusal: "due-in-the-past" });
  });

  it("asks nobody to have answered by a day that is over everywhere", () => {
    const history = begin();
    const share = (body: object, nowMs: number) =>
      ask(history, orchard, "challenge.share", null, { title: "Flood", ackBy: "2026-01-05", ...body }, nowMs);
    expect(share({}, noon - 1)).toHaveProperty("entries");
    expect(share({}, noon)).toMatchObject({ refusal: "due-in-the-past" });
    expect(share({ occurredAt: 1 }, noon)).toMatchObject({ refusal: "due-in-the-past" });
    expect(share({ imported: true }, noon)).toHaveProperty("entries");
  });
});

describe("what is over", () => {
  it("is not accepted after its last day", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    const offer = { to: idOf(history, millrace), until: "2026-01-07" };
    act(history, orchard, "initiative.offer-handoff", initiative, offer);
    const accept = (nowMs: number) =>
      ask(history, millrace, "initiative.accept-handoff", initiative, { carry: [] }, nowMs);
    expect(accept(Date.UTC(2026, 0, 8, 11))).toHaveProperty("entries");
    expect(accept(Date.UTC(2026, 0, 8, 13))).toMatchObject({ refusal: "handoff-lapsed" });
  });

  it("is joined, led on and promised to no more once it is completed", () => {
    const history = begin();
    const initiative = history.tells(orchard, "initiative.proposed");
    history.tells(orchard, "initiative.adopted", { subject: initiative, x: { term: 1 } });
    history.tells(orchard, "initiative.completed", { subject: initiative, x: { term: 1 } });
    const refusals = [
      ask(history, ferry, "initiative.join", initiative),
      ask(history, ferry, "initiative.step-up", initiative, { as: "lead" }),
      ask(history, orchard, "initiative.offer-handoff", initiative, { to: idOf(history, millrace) }),
      ask(history, ferry, "commitment.pledge", null, {
        title: "A",
        beneficiaries: [initiative.ref],
        due: "2026-05-01",
      }),
      ask(history, orchard, "commitment.pledge", null, {
        title: "A",
        beneficiaries: ["network"],
        due: "2026-05-01",
        asLeadOf: initiative.ref,
      }),
    ];
    for (const refusal of refusals) expect(refusal).toMatchObject({ refusal: "initiative-completed" });
    expect(ask(history, ferry, "initiative.join", initiative, { imported: true })).toHaveProperty("entries");
  });

  it("is due by another day no more, once it is kept or given up", () => {
    const history = begin();
    const parties = promised(history);
    const offered = history.tells(orchard, "commitment.offered", { x: parties });
    history.meets();
    act(history, millrace, "commitment.accept", offered);
    act(history, orchard, "commitment.propose-revision", offered, { due: "2026-06-01" });
    act(history, millrace, "commitment.release", offered);
    const closed = { refusal: "closed", detail: expect.stringContaining("released already") };
    for (const name of ["accept-revision", "decline-revision"] as const)
      expect(ask(history, millrace, `commitment.${name}`, offered)).toMatchObject(closed);
    expect(ask(history, orchard, "commitment.retract-revision", offered)).toMatchObject(closed);
    const later = { due: "2026-07-01" };
    expect(ask(history, orchard, "commitment.propose-revision", offered, later)).toMatchObject(closed);
    const recorded = { ...later, imported: true };
    expect(ask(history, orchard, "commitment.propose-revision", offered, recorded)).toHaveProperty("entries");

    const pledge = history.tells(orchard, "commitment.pledged", { x: parties });
    history.tells(orchard, "commitment.withdrawn", { subject: pledge });
    expect(ask(history, orchard, "commitment.propose-revision", pledge, later)).toMatchObject({
      refusal: "closed",
    });
    history.meets();
    expect(ask(history, millrace, "commitment.decline-pledge", pledge)).toMatchObject({ refusal: "closed" });
  });

  it("is released by its beneficiaries: its debtor is told to withdraw", () => {
    const history = begin();
    const parties = promised(history);
    const pledge = history.tells(orchard, "commitment.pledged", { x: parties });
    expect(ask(history, orchard, "commitment.release", pledge)).toMatchObject({
      refusal: "not-a-party",
      detail: expect.stringContaining("withdraw"),
    });
  });

  it("is neither released nor withdrawn nor claimed, where that would change nothing", () => {
    const history = begin();
    const parties = promised(history);
    const pledge = () => history.tells(orchard, "commitment.pledged", { x: parties });
    const closed = { refusal: "closed", detail: expect.stringContaining("already") };

    const kept = pledge();
    history.tells(orchard, "commitment.claimed", { subject: kept });
    history.tells(millrace, "commitment.confirmed", { subject: kept, x: { as: "full" } });
    expect(ask(history, millrace, "commitment.release", kept)).toMatchObject(closed);
    expect(ask(history, orchard, "commitment.withdraw", kept)).toMatchObject(closed);

    const declined = pledge();
    history.tells(millrace, "commitment.pledge-declined", { subject: declined });
    expect(ask(history, orchard, "commitment.withdraw", declined)).toMatchObject(closed);
    expect(ask(history, orchard, "commitment.claim", declined)).toMatchObject(closed);

    const withdrawn = pledge();
    history.tells(orchard, "commitment.withdrawn", { subject: withdrawn });
    expect(ask(history, orchard, "commitment.withdraw", withdrawn)).toMatchObject(closed);
    // To release what was withdrawn says something: nobody holds it against its debtor.
    expect(ask(history, millrace, "commitment.release", withdrawn)).toHaveProperty("entries");
  });
});
