// Goal: what is shown of a thing is what is so: nobody is said to have answered who has not, or to have a move that is over.
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { InitiativeView } from "@handfast/api/views/initiative";
import { describe, expect, it } from "vitest";
import { things } from "./things.ts";

const [orchard, millrace] = ["Orchard", "Millrace"].map((name) => ({ id: name, name }));
const commitment = (changed: Partial<CommitmentView>) =>
  ({
    id: "a.1",
    title: "Mend the press",
    text: null,
    state: "active",
    debtor: orchard,
    beneficiaries: [{ kind: "partner", partner: millrace }],
    confirmers: [millrace],
    due: "2030-06-01",
    terms: [],
    confirmations: [{ by: millrace, as: null, disputes: false }],
    releasedBy: [],
    progress: [],
    yourMoves: [],
    recordedAt: "2030-01-01T00:00:00Z",
    ...changed,
  }) as unknown as CommitmentView;
const moverIn = (view: CommitmentView) => things.commitment.row(view)[columnOf("commitment", "whose move")];
const columnOf = (noun: keyof typeof things, head: string) => things[noun].heads.indexOf(head);

describe("a commitment", () => {
  it("has answers to its claim from those who answered alone", () => {
    expect(things.commitment.sheet(commitment({}))).not.toContain("Answers to the claim");
    const answered = commitment({
      state: "claimed",
      confirmations: [
        { by: millrace, as: "partial", disputes: false },
        { by: orchard, as: null, disputes: false },
      ] as CommitmentView["confirmations"],
    });
    expect(things.commitment.sheet(answered)).toMatch(/Answers to the claim\n {2}Millrace: kept in part\s*$/);
  });

  it("parts who signed from what comes behind", () => {
    const terms = [{ kind: "offer", statedBy: orchard, due: "2030-06-01", standing: "bound" }].map((one) => ({
      ...one,
      signed: [orchard, millrace],
      unsigned: [],
      terms: "a.1@b",
    })) as unknown as CommitmentView["terms"];
    expect(things.commitment.sheet(commitment({ terms }))).toContain(
      "offer by Orchard, due 2030-06-01: bound | signed by Orchard; Millrace | terms a.1@b",
    );
  });

  it("shows in which words other terms are put", () => {
    const terms = [{ title: "B", text: "Of\nbeech" }, {}].map((words) => ({
      ...{
        kind: "counter",
        statedBy: orchard,
        due: "2030-06-01",
        standing: "open",
        signed: [],
        unsigned: [],
      },
      ...words,
      terms: "a.1@b",
    })) as unknown as CommitmentView["terms"];
    const shown = things.commitment.sheet(commitment({ terms }));
    expect(shown).toContain('counter by Orchard, due 2030-06-01: open | called "B" | terms a.1@b');
    expect(shown).toMatch(/^Text of the counter by Orchard, due 2030-06-01\n {2}Of\n {2}beech$/m);
    expect(shown.match(/Text of the counter/g)).toHaveLength(1);
  });

  it("waits for the confirmers who have not confirmed the claim in full", () => {
    expect(moverIn(commitment({ state: "claimed" }))).toBe("Millrace");
  });

  it("waits for nobody once it is kept or given up, whatever is open of its terms", () => {
    const terms = [{ standing: "open", unsigned: [orchard] }] as unknown as CommitmentView["terms"];
    for (const state of ["satisfied", "released", "withdrawn", "declined"] as const)
      expect(moverIn(commitment({ state, terms }))).toBe("-");
  });
});

it("shows an offer of the lead that nobody took up in time as lapsed", () => {
  const handoff = { id: "a.2", from: orchard, to: millrace, term: 1, state: "offered", until: "2026-10-01" };
  const initiative = (lapsed: boolean) =>
    ({
      id: "a.1",
      title: "Ferry",
      problem: null,
      benefits: null,
      success: null,
      status: "active",
      lead: orchard,
      term: 1,
      proposedBy: orchard,
      participants: [],
      handoffs: [{ ...handoff, lapsed }],
      stepUps: [],
      waysIn: [],
      recordedAt: "2026-09-01T00:00:00Z",
    }) as unknown as InitiativeView;
  expect(things.initiative.sheet(initiative(false))).toContain("Millrace answers the handoff by 2026-10-01");
  const lapsed = things.initiative.sheet(initiative(true));
  expect(lapsed).toContain("term 1: lapsed; until 2026-10-01");
  expect(lapsed).toContain("Orchard offers anew");
});
