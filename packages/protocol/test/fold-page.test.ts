// Goal: docs/reference/fold.md names the events and reasons there are, each event in the section of its machine, and no other.
// Method: what stands in backticks on the page is held against docs/reference/events.json, as a reader of both would do.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), "utf8");
const { events, machines, reasons } = JSON.parse(read("events.json")) as {
  readonly events: Readonly<Record<string, { readonly machine: string }>>;
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
};
const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, token = ""]) => token);
const rows = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/^\|(.+)\|$/gm)].map(([, row = ""]) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** Names as a table writes them: whole, `.left` after another of its noun, `-accepted` after another of its stem. */
function expanded(tokens: readonly string[]): readonly string[] {
  let last = "";
  return tokens.map((token) => {
    const [word = ""] = token.split(/[ {]/);
    if (word.startsWith(".")) return `${last.slice(0, last.indexOf("."))}${word}`;
    if (word.startsWith("-")) return `${last.slice(0, last.lastIndexOf("-"))}${word}`;
    last = word;
    return word;
  });
}

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

  it("lists every type once in the table of section 7", () => {
    const listed = rows(sections.get(7) ?? "").flatMap(([first = ""]) => expanded(quoted(first)));
    expect([...listed].sort()).toEqual([...names].sort());
  });

  it("has in its tables of events only those of the section's machine", () => {
    for (const [machine, number] of Object.entries(sectionOf)) {
      const tables = (sections.get(number) ?? "")
        .split(/\n\n/)
        .filter((block) => /^\| *(?:event|type)s? *\|/i.test(block));
      const listed = tables
        .flatMap((table) => rows(table))
        .flatMap(([first = ""]) => expanded(quoted(first)));
      const ours = names.filter((name) => events[name]?.machine === machine);
      expect(
        listed.filter((name) => !ours.includes(name) && !ours.some((own) => own.endsWith(`.${name}`))),
      ).toEqual([]);
    }
  });

  it("gives the reasons asked of every entry in their order", () => {
    const asked = rows(sections.get(2) ?? "").flatMap(([first = ""]) => quoted(first));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked).toEqual(reasons.slice(0, asked.length));
  });

  it.each(reasons)("says when the reason is %s", (reason) => {
    const judged = [2, 3, 4, 5, 6].map((number) => sections.get(number) ?? "").join("\n");
    expect(quoted(judged)).toContain(reason);
  });
});
