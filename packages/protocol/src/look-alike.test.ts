// Goal: what looks like another name is known for it, and ordinary names are left alone.
import { describe, expect, it } from "vitest";
import { isDeceptive, skeletonOf } from "./look-alike.ts";

describe("a name", () => {
  it.each([
    ["Orchard", "Оrchard", "Cyrillic O"],
    ["Orchard", "Οrchard", "Greek O"],
    ["Orchard", "Ｏｒｃｈａｒｄ", "full width"],
    ["Orchard", "𝐎𝐫𝐜𝐡𝐚𝐫𝐝", "mathematical"],
    ["Orchard", "Or\u00adchard", "soft hyphen"],
    ["Orchard", "Or\u034fchard", "grapheme joiner"],
    ["Orchard", "Orchard\ufe0f", "variation selector"],
    ["Orchard", "Orchard\u3164", "Hangul filler"],
    ["Orchard", "0rchard", "digit nought"],
    ["Millrace", "MiIlrace", "capital i"],
    ["Millrace", "Mi11race", "digits one"],
    ["mill", "rnill", "r and n"],
    ["Grey Heron", "Grey\u00a0 Heron", "blanks"],
    ["Smith-Jones", "Smith–Jones", "dash"],
    ["O'Brien", "O’Brien", "apostrophe"],
    ["PACE", "РАСЕ", "all Cyrillic"],
  ])("%s looks like %s (%s)", (name, other) => {
    expect(skeletonOf(other)).toBe(skeletonOf(name));
  });

  it.each([
    ["Orchard", "orchard"],
    ["Orchard", "Orchárd"],
    ["Otter", "Heron"],
    ["हिन्दी", "हिन्द"],
  ])("%s does not look like %s", (name, other) => {
    expect(skeletonOf(other)).not.toBe(skeletonOf(name));
  });

  it.each([
    ["Millrace#g8KycA", true],
    ["Millrace＃g8KycA", true],
    ["Millrace♯g8KycA", true],
    ["#abcdef", true],
    ["\u3164", true],
    ["Nеtwork", true],
    ["Network", true],
    ["Оrchard", true],
    ["Smith & Sons, Ltd. (est. 1901)", false],
    ["Orchard Орчард", false],
    ["東京 Tokyo 株式会社", false],
    ["हिन्दी", false],
    ["ไทย", false],
    ["Ωμέγα", false],
    ["Café No 1", false],
  ])("%s is deceptive by itself: %s", (name, is) => {
    expect(isDeceptive(name)).toBe(is);
  });
});
