// Goal: a name means the partner that is spelled so; only where none is, the one that differs in case alone; never a guess.
import { describe, expect, it } from "vitest";
import { isNetworkWord, matchPartner, splitNames } from "./partner-name.ts";

const partner = (name: string, id = `id of ${name}`) => ({ name, id });
const all = [
  partner("Heron"),
  partner("heron"),
  partner("Otter"),
  partner("Grey Heron"),
  partner("Café", "z6Mkcafe"),
];

describe("a partner's name", () => {
  it.each<[wanted: string, found: string, isExact: boolean]>([
    ["heron", "heron", true],
    ["Heron", "Heron", true],
    ["z6Mkcafe", "Café", true],
    ["OTTER", "Otter", false],
    [" otter ", "Otter", false],
    ["Cafe\u0301", "Café", false],
    ["Grey\u00a0Heron", "Grey Heron", false],
    ["grey  heron", "Grey Heron", false],
  ])("%s means %s", (wanted, name, isExact) => {
    expect(matchPartner(wanted, all)).toMatchObject({ found: { name }, isExact });
  });

  it("that fits several is ambiguous, and names them", () => {
    expect(matchPartner("HERON", all)).toEqual({ candidates: [all[0], all[1]] });
    const twins = [partner("Otter", "a"), partner("Otter", "b")];
    expect(matchPartner("Otter", twins)).toEqual({ candidates: twins });
    expect(matchPartner("b", twins)).toMatchObject({ found: twins[1] });
  });

  it("that two partners bear names both, however views tell them apart", () => {
    const twins = [partner("Otter#aaaaaa", "z6Mkaaaaaa"), partner("Otter#bbbbbb", "z6Mkbbbbbb")];
    expect(matchPartner("otter", twins)).toEqual({ candidates: twins });
    expect(matchPartner("Otter#bbbbbb", twins)).toMatchObject({ found: twins[1], isExact: true });
  });

  it("that fits none has no candidates", () => {
    expect(matchPartner("Vole", all)).toEqual({ candidates: [] });
  });
});

it.each([
  ["network", true],
  ["Network", true],
  [" NETWORK ", true],
  ["Network Rail", false],
  ["networks", false],
])("%j means the network: %s", (text, means) => {
  expect(isNetworkWord(text)).toBe(means);
});

describe("a list of names", () => {
  it("takes a name with a comma whole, and splits the rest", () => {
    const isName = (text: string) => text === "Smith, Jones and Co.";
    expect(splitNames(["Smith, Jones and Co.", "Otter, Heron,"], isName)).toEqual([
      "Smith, Jones and Co.",
      "Otter",
      "Heron",
    ]);
    expect(splitNames(["Otter,Smith, Jones and Co.,Heron"], isName)).toEqual([
      "Otter",
      "Smith, Jones and Co.",
      "Heron",
    ]);
  });
});
