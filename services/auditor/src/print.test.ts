/** Goal: an answer may have any number of rows, says in words what is shown, and never holds it all as one text. */
import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createHeld } from "./held.ts";
import { writeLines } from "./output.ts";
import { createPaint, printReplay } from "./print.ts";
import type { CommitmentRow, Replay } from "./replay.ts";

const held = createHeld(
  { exportedAt: 0, exportedBy: "", net: "NET", software: "", payloads: 0, logs: [] },
  { name: "A \u202e network", founders: [], headers: 1, patience: { graceDays: 2, confirmWindowDays: 14 } },
);

function row(id: string, more: Partial<CommitmentRow> = {}): CommitmentRow {
  return {
    ...{ kind: "commitment", id, title: null, debtor: "ann", beneficiaries: ["bob"], due: "2026-01-02" },
    ...{ state: "active" },
    ...more,
  } as CommitmentRow;
}

function print(rows: readonly CommitmentRow[], titles: Readonly<Record<string, string>> = {}) {
  const replayed: Replay = {
    rows,
    *verdicts() {},
    titleOf: (ref) => titles[ref],
    nameOf: (ref) => titles[ref],
  };
  const shown = { asOf: 0, timeline: "recorded", subject: undefined, verdicts: false } as const;
  return printReplay(shown, held, rows, replayed, createPaint(false));
}

describe("a replay for people", () => {
  it("says what is shown, names what it refers to, and tells views from states", () => {
    const rows = [
      row("a.1", { initiative: "i.1", view: "overdue", beneficiaries: ["Smith, Jones and Co.", "bob"] }),
    ];
    expect([...print(rows, { "i.1": "A garden" })]).toEqual([
      "network NET A \\u{202e} network",
      "as of 1970-01-01T00:00:00.000Z, recorded (by when it was written)",
      "",
      "commitment  title      debtor  to                         initiative  initiative title  due         state",
      "a.1         (no text)  ann     Smith, Jones and Co.; bob  i.1         A garden          2026-01-02  active (overdue)",
      "",
      "0 initiatives, 1 commitment",
      "overdue and presumed: how it looks at that moment, not part of its state",
    ]);
  });

  it("shows the id and the external id", () => {
    const lines = [...print([row("a.1", { externalId: "kep-617" }), row("a.2")])];
    expect(lines.slice(3, 6)).toEqual([
      "commitment  external id  title      debtor  to   initiative  initiative title  due         state",
      "a.1         kep-617      (no text)  ann     bob                                2026-01-02  active",
      "a.2                      (no text)  ann     bob                                2026-01-02  active",
    ]);
  });

  it("prints two hundred thousand rows to a slow reader, a piece at a time", async () => {
    const rows = Array.from({ length: 200_000 }, (_unused, index) => row(`log.${index}`));
    let lines = 0;
    let longest = 0;
    const slow = new Writable({
      write(piece: Buffer, _encoding, done) {
        lines += piece.toString().split("\n").length - 1;
        longest = Math.max(longest, piece.length);
        setImmediate(done);
      },
    });
    await writeLines(slow, print(rows));
    expect(lines).toBe(200_006);
    expect(longest).toBeLessThan(100_000);
    expect(slow.writableLength).toBeLessThan(200_000);
  });

  it("stops when its reader is gone", async () => {
    const gone = new Writable({ write: (_piece, _encoding, done) => done(new Error("gone")) });
    gone.on("error", () => {});
    const rows = Array.from({ length: 50_000 }, (_unused, index) => row(`log.${index}`));
    await writeLines(gone, print(rows));
    expect(gone.writable).toBe(false);
  });
});
