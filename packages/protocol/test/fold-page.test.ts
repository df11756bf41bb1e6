// Goal: docs/reference/fold.md names the events and reasons there are, each event in the section of its machine, and no other.
// Method: what stands in backticks on the page is held against docs/reference/events.json, as a reader of both would do.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), "utf8");
const { events, machines, reasons } = JSON.parse(read("events.json")) as {
  readonly events: Readonly<
    Record<
      string,
      {
        readonly machine: string;
        readonly x: { readonly properties: object; readonly required?: readonly string[] };
      }
    >
  >;
  readonly machines: Readonly<Record<string, { readonly nouns: readonly string[] }>>;
  readonly reasons: readonly string[];
};
const names = Object.keys(events);
const nouns = new Set(Object.values(machines).flatMap((machine) => machine.nouns));

/** Sections of the page by the number in their heading. */
const sections = new Map(
  read("fold.md")
    .split(/^## (?=\d)/m)
    .slice(1)
    .map((text) => [Number.parseInt(text, 10), text] as const),
);
const sectionOf: Readonly<Record<string, number>> = {
  network: 3,
  initiative: 4,
  challenge: 5,
  commitment: 6,
  conversation: 10,
};
const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, token = ""]) => token);
const rows = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/^\|(.+)\|$/gm)].map(([, row = ""]) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** Rows of the tables whose first columns are `event` and `x`: the event, and the members of its `x` as they are written there. */
const eventRows = (section: string) =>
  section
    .split("\n\n")
    .filter((block) => block.startsWith("| event | `x` |"))
    .flatMap(rows)
    .filter(([first = ""]) => first.startsWith("`"))
    .map(([first = "", x = ""]) => ({ name: quoted(first)[0] ?? "", x }));

describe("the page of the fold", () => {
  it.each(names.filter((name) => events[name]?.machine !== "any" && name !== "log.opened"))(
    "says in its machine's section what %s does",
    (name) => {
      const section = sections.get(sectionOf[events[name]?.machine ?? ""] ?? 0) ?? "";
      const [, rest = ""] = name.split(".");
      const words = quoted(section).map((token) => token.split(/[ {]/)[0] ?? "");
      expect(words.some((word) => [name, `.${rest}`, rest].includes(word))).toBe(true);
    },
  );

  it("names no event that there is not", () => {
    const named = [...sections.values()]
      .flatMap(quoted)
      .map((token) => token.split(/[ {]/)[0] ?? "")
      .filter((word) => nouns.has(word.slice(0, word.indexOf("."))) && /^[a-z]+\.[a-z-]+$/.test(word));
    expect(named.length).toBeGreaterThan(30);
    // `log.seq` is the form of a ref.
    expect([...new Set(named)].filter((name) => !names.includes(name) && name !== "log.seq")).toEqual([]);
  });

  it.each(Object.entries({ ...sectionOf, any: 7 }))("has one row for each event of %s", (machine, number) => {
    const listed = new Set(eventRows(sections.get(number) ?? "").map(({ name }) => name));
    expect([...listed].sort()).toEqual(names.filter((name) => events[name]?.machine === machine).sort());
  });

  const written = [...sections.values()]
    .flatMap(eventRows)
    // What a row has from another one is given there.
    .filter(({ x }) => !/^(?:as|the same)/.test(x));
  it.each(written)("gives $name the members of its x", ({ name, x }) => {
    const members = quoted(x.replaceAll(/\([^)]*\)|= `[^`]*`|\{[^}]*\}/g, "")).map((member) => member.trim());
    const { properties, required = [] } = events[name]?.x ?? { properties: {} };
    const expected = Object.keys(properties).map((member) =>
      required.includes(member) ? member : `${member}?`,
    );
    expect([...members].sort()).toEqual([...expected].sort());
  });

  it("gives the reasons asked of every entry in their order", () => {
    const asked = rows(sections.get(2) ?? "").flatMap(([first = ""]) => quoted(first));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked).toEqual(reasons.slice(0, asked.length));
  });

  it.each(reasons)("says when the reason is %s", (reason) => {
    const judged = [2, ...Object.values(sectionOf)].map((number) => sections.get(number) ?? "").join("\n");
    expect(quoted(judged)).toContain(reason);
  });
});
