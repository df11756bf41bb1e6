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

  it("means the partner that is shown with it, and the other one by its handle", () => {
    const first = { ...partner("Otter", "z6Mkaaaaaa"), state: "active" as const };
    const later = { ...partner("Otter#bbbbbb", "z6Mkbbbbbb"), state: "active" as const };
    const both = [later, first];
    expect(matchPartner("Otter", both)).toEqual({ found: first, isExact: true });
    expect(matchPartner("Otter#aaaaaa", both)).toEqual({ found: first, isExact: true });
    expect(matchPartner("Otter#bbbbbb", both)).toEqual({ found: later, isExact: true });
    expect(matchPartner("otter", both), "not by a guess").toEqual({ candidates: both });
    expect(matchPartner("otter#BBBBBB", both)).toEqual({ found: later, isExact: false });
    const whole = partner("Otter#z6Mkcccccc", "z6Mkcccccc");
    expect(matchPartner("Otter#z6Mkcccccc", [...both, whole])).toEqual({ found: whole, isExact: true });
    expect(matchPartner("Otter", [{ ...first, state: "left" }, later])).toMatchObject({
      candidates: [{}, {}],
    });
  });

  it.each(["sponsored", "endorsed"] as const)("of a member is not made ambiguous by somebody %s", (state) => {
    const member = { ...partner("Otter", "z6Mkaaaaaa"), state: "active" as const };
    const newcomers = [
      { ...partner("Otter#bbbbbb", "z6Mkbbbbbb"), state },
      { ...partner("OTTER", "z6Mkcccccc"), state },
      { ...partner("Otter#aaaaaa#dddddd", "z6Mkdddddd"), state },
    ];
    const all = [...newcomers, member];
    expect(matchPartner("Otter", all)).toEqual({ found: member, isExact: true });
    expect(matchPartner("otter", all)).toEqual({ found: member, isExact: false });
    expect(matchPartner("Otter#aaaaaa", all)).toEqual({ found: member, isExact: true });
    expect(matchPartner("Otter#aaaaaa#dddddd", all)).toMatchObject({ found: newcomers[2] });
    expect(matchPartner("Otter", newcomers)).toEqual({ found: newcomers[0], isExact: true });
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
