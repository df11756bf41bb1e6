// Goal: one more entry costs the same, however many its subject has, so that nobody can stop a node by writing to one subject.
// Method: rows that statements read and write for one more entry, on real files, after few entries and after many.
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { openTestStore, type RowCount } from "../test/open-store.ts";

const sizes = [50, 500, 4_000] as const;
const pageEntries = 500;

type Writes = (history: History, subject: Told, index: number) => Told;

/** Rows that one more entry costs once its subject has so many. */
function rowsForOneMore(size: number, opens: (history: History) => Told, writes: Writes): RowCount {
  const history = createHistory(inventFoundation(3, 3));
  const subject = opens(history);
  const rows: RowCount = { read: 0, written: 0 };
  using store = openTestStore(history, () => 0, { rows });
  store.take(history.facts);
  const next = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => writes(history, subject, from + index));
  for (let taken = 0; taken < size; taken += pageEntries)
    store.take(next(Math.min(pageEntries, size - taken), taken));
  Object.assign(rows, { read: 0, written: 0 });
  store.take(next(1, size));
  return rows;
}

const proposes = (history: History): Told => history.tells(0, "initiative.proposed");
const cases: { readonly [name: string]: readonly [(history: History) => Told, Writes] } = {
  "joining and leaving": [
    proposes,
    (history, subject, index) =>
      history.tells(1, index % 2 === 0 ? "initiative.joined" : "initiative.left", { subject }),
  ],
  "joining without effect, by somebody who takes part": [
    (history) => {
      const subject = proposes(history);
      history.tells(1, "initiative.joined", { subject });
      return subject;
    },
    (history, subject) => history.tells(1, "initiative.joined", { subject }),
  ],
  "an entry about nothing": [
    proposes,
    (history) => history.tells(1, "initiative.joined", { subject: `${history.partners[0]?.log}.999999` }),
  ],
  "an endorsement without effect, at network level": [
    proposes,
    (history) => {
      const opening = history.facts[0]?.ref as string;
      return history.tells(1, "member.endorsed", { subject: opening, x: { opening, yes: true } });
    },
  ],
};

/** Rows that an entry costs whose subject has to be folded anew, after so many without effect. */
function rowsForFoldingAnew(size: number): RowCount {
  const history = createHistory(inventFoundation(3, 3));
  const [subject, other] = [proposes(history), proposes(history)];
  history.tells(1, "initiative.joined", { subject });
  const rows: RowCount = { read: 0, written: 0 };
  using store = openTestStore(history, () => 0, { rows, keptEntries: 1 });
  store.take(history.facts);
  const joins = Array.from({ length: size }, () => history.tells(1, "initiative.joined", { subject }));
  for (let from = 0; from < size; from += pageEntries) store.take(joins.slice(from, from + pageEntries));
  store.take([history.tells(2, "initiative.joined", { subject: other })]);
  Object.assign(rows, { read: 0, written: 0 });
  store.take([history.tells(1, "initiative.joined", { subject })]);
  return rows;
}

describe("one more entry", { timeout: 480_000 }, () => {
  it.each(Object.entries(cases))("reads and writes as little after many: %s", (_, [opens, writes]) => {
    const [few, more, many] = sizes.map((size) => rowsForOneMore(size, opens, writes));
    expect(more).toEqual(few);
    expect(many).toEqual(few);
  });

  it("reads no entry without effect again when its subject is folded anew", () => {
    const [few, more, many] = sizes.map(rowsForFoldingAnew);
    expect(more).toEqual(few);
    expect(many).toEqual(few);
  });
});
