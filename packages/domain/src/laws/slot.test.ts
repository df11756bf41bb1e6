// Goal: one voice for each elector, however many logs it votes in. Method: votes of invented partners.
import { createHistory, inventFoundation } from "@handfast/testkit/histories";
import { expect, it } from "vitest";
import { countElectors, isCarriedBefore, majorityOf } from "./slot.ts";

it("a partner whose two logs vote without knowing of each other has one voice", () => {
  const history = createHistory(inventFoundation(3, 3));
  const [orchard, millrace] = [0, 1] as const;
  const size = history.sizeOf(millrace);
  const later = history.opens(millrace, [{ who: millrace, size }]);
  const [one, other] = [millrace, later].map((who) => history.tells(who, "initiative.proposed"));
  history.meets();
  const knowing = history.tells(orchard, "initiative.proposed");
  const votes = [one, other].flatMap((fact) => (fact === undefined ? [] : [{ fact, yes: true }]));
  expect(votes).toHaveLength(2);
  expect(new Set(votes.map(({ fact }) => fact.by)).size).toBe(1);
  expect(countElectors(votes)).toBe(1);
  const slot = { electorate: history.partners.slice(0, 3).map(({ by }) => by), needed: majorityOf(3), votes };
  expect(isCarriedBefore(slot, knowing)).toBe(false);
  const own = history.tells(orchard, "initiative.proposed");
  const all = [...votes, { fact: knowing, yes: true }];
  expect(isCarriedBefore({ ...slot, votes: all }, own)).toBe(true);
});
