// Goal: every command of the protocol has flags that can express its whole body.
import { verbs } from "@handfast/api/verbs";
import { describe, expect, it } from "vitest";
import { flagsOf, memberValue } from "./flags.ts";

describe("flags", () => {
  it.each(Object.entries(verbs))("of %s cover its body, each once", (_name, spec) => {
    const flags = flagsOf(spec.body);
    const members = Object.keys(spec.body.shape).filter((member) => member !== "act");
    expect(flags.map((flag) => flag.member)).toEqual(members);
    expect(new Set(flags.map((flag) => flag.flag)).size).toBe(flags.length);
    expect(flags.filter(({ description }) => description === "")).toEqual([]);
  });

  it("say what is required, a list, a number or one of a few words", () => {
    const byName = (
      name: "commitment.request" | "commitment.confirm" | "initiative.accept-handoff",
      member: string,
    ) => flagsOf(verbs[name].body).find((flag) => flag.member === member);
    expect(byName("commitment.request", "debtor")).toMatchObject({
      flag: "--debtor <partner>",
      isRequired: true,
      shape: "text",
    });
    expect(byName("commitment.request", "beneficiaries")).toMatchObject({ isRequired: false, shape: "list" });
    expect(byName("commitment.request", "occurredAt")).toMatchObject({
      flag: "--occurred-at <moment>",
      shape: "text",
    });
    expect(byName("commitment.confirm", "as")).toMatchObject({ choices: ["full", "partial"] });
    expect(byName("initiative.accept-handoff", "carry")).toMatchObject({ shape: "list" });
  });

  it("shape values and leave judging them to the schema", () => {
    const list = {
      member: "m",
      flag: "",
      description: "",
      isRequired: false,
      shape: "list",
      holdsIds: false,
    } as const;
    expect(memberValue({ ...list, holdsIds: true }, ["a,b", " c,"])).toEqual(["a", "b", "c"]);
    expect(memberValue(list, ["Posts, planks", "Cafe\u0301"])).toEqual(["Posts, planks", "Café"]);
    expect(memberValue(list, "all")).toBe("all");
    expect(memberValue({ ...list, shape: "number" }, "12")).toBe(12);
    const when = { ...list, member: "occurredAt", shape: "text" } as const;
    expect(memberValue(when, "1700000000000")).toBe(1_700_000_000_000);
    expect(memberValue(when, "2020-01-01")).toBe("2020-01-01");
    expect(memberValue(when, "yesterday")).toBe("yesterday");
    expect(memberValue({ ...list, shape: "boolean" }, "true")).toBe(true);
    expect(memberValue({ ...list, shape: "boolean" }, "maybe")).toBe("maybe");
  });
});
