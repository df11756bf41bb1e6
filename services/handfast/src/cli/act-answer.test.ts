// Goal: an answer names what an act made and what it waits for, each by its own label.
import { expect, it } from "vitest";
import { actAnswer } from "./act-answer.ts";

const log = "RmBVbYlMcVbGdnqJIm2XAQ";
const hash = "A".repeat(43);
const named = (name: string) => ({ id: `z6Mk${name}`, name });
const done = (id: string, ...entries: readonly number[]) => ({
  id,
  ref: `${log}.${entries[0]}`,
  refs: entries.map((seq) => `${log}.${seq}@${hash}`),
  position: 9,
  readModel: "current",
  title: "Benches",
  texts: "here",
});

it("of a proposed revision says the day, and whose answer it waits for", () => {
  const terms = {
    terms: `${log}.7@${hash}`,
    statedBy: named("Orchard"),
    kind: "revision",
    debtor: named("Orchard"),
    beneficiaries: [],
    confirmers: [],
    due: "2027-02-01",
    standing: "open",
    signed: [named("Orchard")],
    unsigned: [named("Smith, Jones and Co.")],
  };
  const view = {
    ...done(`${log}.3`, 7),
    state: "active",
    due: "2027-01-01",
    debtor: named("Orchard"),
    beneficiaries: [],
    confirmers: [],
    confirmations: [],
    yourMoves: [],
    terms: [terms],
  };
  expect(actAnswer("commitment", "propose-revision", view)).toMatch(
    /^ {2}proposed +due 2027-02-01\n {2}waits for +Smith, Jones and Co\.\n {2}state +active\n {2}due +2027-01-01$/m,
  );
  const bound = { ...view, terms: [{ ...terms, standing: "bound", unsigned: [] }] };
  expect(actAnswer("commitment", "propose-revision", bound)).not.toContain("proposed");
});

it("of an acceptance of help labels the commitment that it makes", () => {
  const view = {
    ...done(`${log}.3`, 7, 8, 9),
    state: "acknowledged",
    owner: named("Orchard"),
    acknowledgedBy: [],
    offers: [{ state: "accepted", commitment: `${log}.8` }, { state: "declined" }],
  };
  expect(actAnswer("challenge", "accept-help", view)).toMatch(
    new RegExp(
      `^ {2}challenge +${log}\\.3\n {2}entry +${log}\\.7\n {2}commitment +${log}\\.8\n {2}further entries +${log}\\.9$`,
      "m",
    ),
  );
});
