// Goal: a line is taken in the forms that files have it in, each change is noted, and what is refused is told in words: the
// member, what was given, what is expected and an example.
import { describe, expect, it } from "vitest";
import { readHistory } from "./read-history.ts";

const base = {
  at: "2021-01-01T00:00:00Z",
  partner: "Orchard",
  fact: "initiative.proposed",
  initiative: "i",
  title: "T",
};
const read = (members: object) => readHistory(JSON.stringify({ ...base, ...members }))[0];
const made = { fact: "commitment.made", commitment: "c", due: "2021-03-01" };

describe("a line of a history", () => {
  it.each<[what: string, members: object, becomes: object, notes: readonly string[]]>([
    ["as it should be", {}, {}, []],
    [
      "with a bare day",
      { at: "2021-01-01" },
      { at: "2021-01-01T00:00:00Z" },
      ["at: a day, taken as its first moment in UTC"],
    ],
    ["with accents apart", { title: "Cafe\u0301" }, { title: "Café" }, ["title: put into Unicode form NFC"]],
    [
      "with blanks around a name",
      { partner: "\u00a0Orchard " },
      { partner: "Orchard" },
      ["partner: blanks around it removed"],
    ],
    [
      "with a line break",
      { title: "Two \r\n lines" },
      { title: "Two lines" },
      ["title: line break or tab replaced by a blank"],
    ],
    [
      "with characters nobody sees",
      { title: "ze\u200bro" },
      { title: "zero" },
      ["title: invisible characters removed"],
    ],
    [
      "with half a surrogate pair",
      { title: "a\ud83d" },
      { title: "a\ufffd" },
      ["title: half a surrogate pair replaced"],
    ],
    ["with a number as id", { initiative: 17 }, { initiative: "17" }, ["initiative: number taken as a text"]],
    [
      "with an instant as day",
      { ...made, due: "2021-03-01T00:00:00Z" },
      { ...made },
      ["due: the day it names is taken, without the time"],
    ],
  ])("%s is taken", (_what, members, becomes, notes) => {
    const line = read(members);
    expect(line).toMatchObject({ fact: { ...base, ...becomes } });
    expect(line && "fact" in line && line.notes.map(({ member, note }) => `${member}: ${note}`)).toEqual(
      notes,
    );
  });

  it("with a title too long for one is taken with its beginning, and the whole is kept", () => {
    const title = `${"L".repeat(198)}🚲${"L".repeat(40)}`;
    const line = read({ title });
    expect(line).toMatchObject({ fact: { title: `${"L".repeat(198)}…` }, wholeTitle: title });
    expect(line && "fact" in line && line.notes).toEqual([
      {
        member: "title",
        note: "shortened from 240 to 200 characters; the whole title is kept with the text",
      },
    ]);
  });

  it("is found behind a byte-order mark, between empty lines and with any line ends", () => {
    const text = `\ufeff${JSON.stringify(base)}\r\n\r\n   \n${JSON.stringify(base)}`;
    const lines = readHistory(text);
    expect(lines.map((line) => line.line)).toEqual([1, 4]);
    expect(lines[0]).toMatchObject({ notes: [{ note: "byte-order mark removed" }] });
    expect(lines[1]).toMatchObject({ fact: base, notes: [] });
  });

  it.each<[what: string, members: object, reasons: readonly string[]]>([
    [
      "a day in another order",
      { ...made, due: "01/31/2021" },
      ['due: got "01/31/2021", expected a day (YYYY-MM-DD), for example 2030-06-01'],
    ],
    [
      "a day that no calendar has",
      { ...made, due: "2021-02-30" },
      ['due: got "2021-02-30", expected a day (YYYY-MM-DD), for example 2030-06-01'],
    ],
    [
      "a missing title and an instant without an offset",
      { at: "2021-01-01T10:00", title: undefined },
      [
        'at: got "2021-01-01T10:00", expected a day or an RFC 3339 instant, for example 2030-06-01 or 2030-06-01T12:00:00Z',
        "title: is missing; expected text of 1 to 200 characters",
      ],
    ],
    [
      "a member it does not take",
      { owner: "x" },
      ["owner: is not known here; known: at, partner, initiative, fact, title"],
    ],
    [
      "an id that lost its last digits where it was read",
      { initiative: 2 ** 60 },
      ["initiative: got 1152921504606847000, expected text of 1 to 200 characters"],
    ],
    [
      "a long id",
      { initiative: "i".repeat(201) },
      ["initiative: got 201 characters, expected text of 1 to 200 characters"],
    ],
    [
      "a long name",
      { partner: "P".repeat(1_001) },
      ["partner: got 1001 characters, expected text of 1 to 1000 characters"],
    ],
    [
      "a title longer than a text",
      { title: "T".repeat(20_001) },
      [
        "title: got 20001 characters, expected text of 1 to 200 characters; a longer title is kept with the text, up to 20000 characters",
      ],
    ],
    [
      "a long status",
      { fact: "initiative.status", title: undefined, status: "s".repeat(201) },
      ["status: got 201 characters, expected text of 1 to 200 characters"],
    ],
    [
      "a long id of a commitment",
      { ...made, commitment: "c".repeat(201) },
      ["commitment: got 201 characters, expected text of 1 to 200 characters"],
    ],
    [
      "a time before 1970",
      { at: "1969-12-31" },
      ['at: got "1969-12-31T00:00:00Z", expected an instant of 1970 or later'],
    ],
  ])("with %s is refused in words", (_what, members, reasons) => {
    expect(read(members)).toMatchObject({ malformed: reasons });
  });

  it("of no known kind is told the kinds, and what is not an object what one looks like", () => {
    expect(read({ fact: "initiative.merged" })).toMatchObject({
      malformed: [
        expect.stringMatching(/^fact: got "initiative.merged", expected one of initiative.proposed, /),
      ],
    });
    expect(readHistory("[1]\nhello")).toMatchObject([
      { malformed: [expect.stringMatching(/^got \[1\], expected a JSON object such as \{/)] },
      { malformed: [expect.stringMatching(/^not JSON; expected one JSON object on one line, such as \{/)] },
    ]);
  });
});
