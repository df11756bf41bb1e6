// Goal: a name is read alike whatever blanks the file has in it, says so, and its exact spelling still comes first.
import { describe, expect, it } from "vitest";
import { createNaming } from "./naming.ts";

const note = "no-break or repeated blanks in it taken as one blank";

describe("a name with other blanks in it", () => {
  it.each(["Café\u00a0Verein", "Café  Verein", "Café \u202f Verein"])("%j is the partner's own", (name) => {
    expect(createNaming(["Café Verein"])(name)).toEqual({ partner: "Café Verein", note });
  });

  it("is one missing partner, however it is spaced", () => {
    expect(createNaming(["Heron"])("Far\u00a0Away")).toEqual({ missing: "Far Away", candidates: [], note });
    expect(createNaming(["Heron"])("Far Away")).toEqual({ missing: "Far Away", candidates: [] });
  });

  it("finds the alias that is spaced otherwise", () => {
    const naming = createNaming(["Heron"], new Map([["Grey  Heron", "Heron"]]));
    expect(naming("Grey\u00a0Heron")).toMatchObject({ partner: "Heron" });
    expect(naming("Grey Heron")).toMatchObject({ partner: "Heron" });
  });

  it("means the partner that is spelled exactly so, where one is", () => {
    expect(createNaming(["A B", "A  B"])("A  B")).toEqual({ partner: "A  B" });
  });
});
