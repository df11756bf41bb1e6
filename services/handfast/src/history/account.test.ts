// Goal: a status that was placed and moved nothing is listed with why, now and when it had been placed before; no other node's.
import { expect, it } from "vitest";
import { accountText } from "../cli/account-text.ts";
import { accountOf } from "./account.ts";
import { createNaming } from "./naming.ts";
import { planHistory } from "./plan.ts";
import { readHistory } from "./read-history.ts";

const status = (initiative: string, word: string) =>
  `{"at":"2021-01-02","partner":"a","fact":"initiative.status","initiative":"${initiative}","status":"${word}"}`;
const proposed = (initiative: string) =>
  `{"at":"2021-01-01","partner":"a","fact":"initiative.proposed","initiative":"${initiative}","title":"T"}`;

it("lists statuses that moved nothing", () => {
  const file = [proposed("i"), proposed("j"), status("i", "implemented"), status("j", "Implementable")];
  const lines = readHistory([...file, status("j", "rejected"), status("j", "shelved")].join("\n"));
  const plan = planHistory(lines, { naming: createNaming(["a"]), now: Date.UTC(2022, 0, 1) });
  const none = { notPlaced: [], changed: [] };
  const account = accountOf(plan, [{ placed: [1, 2, 3, 4], alreadyPlaced: [5], ...none }]);
  expect(account.noted).toEqual([
    {
      line: 3,
      status: "implemented",
      why: "the initiative was only proposed; implementable has to come first",
    },
    { line: 5, status: "rejected", why: "only implementable, deferred, implemented move the initiative" },
  ]);
  expect(accountText(account)).toMatch(
    /only noted; .*\n.*\n\s*implemented\s+the initiative was only proposed.* 3/,
  );
});
