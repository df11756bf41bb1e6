/** Goal: the document this program applies is the one it was written against, and what it does not know stops it. */
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventTypes, isOfNetwork } from "./contract.ts";
import { createCheck } from "./x-check.ts";

const id = `z6Mk${"A".repeat(44)}`;
const ref = `${"A".repeat(22)}.3`;

describe("events.json", () => {
  it("is the document that the rules in this folder were written against", () => {
    const bytes = readFileSync(join(import.meta.dirname, "../events.json"));
    // When the document changes: read what changed, change the rules and their stories, then this line.
    expect(hash("sha256", bytes, "hex")).toBe(
      "ee7b6ae6d5364c23619458350c3eafce2ce19e7d0064304e08f0422188cc1551",
    );
  });

  it("knows no noun that no machine here judges", () => {
    // Of these nouns the compiler holds every type against a judge (EventOf); what is new needs a machine first.
    const judged: Readonly<Record<string, string>> = {
      charter: "network",
      member: "network",
      fork: "network",
      initiative: "initiative",
      lead: "initiative",
      handoff: "initiative",
      challenge: "challenge",
      help: "challenge",
      commitment: "commitment",
      post: "conversation",
      question: "conversation",
      answer: "conversation",
      ack: "conversation",
      reaction: "conversation",
      decision: "conversation",
      meeting: "conversation",
      thanks: "conversation",
      promotion: "conversation",
    };
    for (const [name, { machine, isControl }] of eventTypes) {
      // Control events are judged where the log is read, and of every subject everything else is effective.
      if (isControl || machine === "any") continue;
      expect(machine, name).toBe(judged[name.slice(0, name.indexOf("."))]);
    }
  });

  it("says what an entry names, wherever in x that is", () => {
    const x = {
      beneficiaries: [id, "network", ref],
      origin: `${"B".repeat(21)}A.1`,
      seat: { initiative: `${"C".repeat(21)}A.2`, term: 1 },
    };
    expect(eventTypes.get("commitment.pledged")?.refsIn(x)).toEqual([ref, x.origin, x.seat.initiative]);
    expect(eventTypes.get("commitment.pledged")?.refsIn({ beneficiaries: [id] })).toEqual([]);
    expect(eventTypes.get("member.left")?.refsIn({})).toEqual([]);
  });

  it("tells what belongs to the network by its noun, also of types nobody knows", () => {
    expect(["log.x", "partner.keys-set", "member.left", "charter.x"].map(isOfNetwork)).toEqual([
      ...[true, true, true, true],
    ]);
    expect(["memberships.left", "help.offered", "sealed", "x.member"].map(isOfNetwork)).toEqual([
      ...[false, false, false, false],
    ]);
  });
});

describe("a check", () => {
  it.each([
    [{ type: "integer", minimum: 1, maximum: 3 }, [1, 3], [0, 4, 1.5, "1", null]],
    [{ type: "string", maxLength: 2 }, ["", "ab"], ["abc", 1]],
    [{ type: "string", enum: ["a", "b"] }, ["a", "b"], ["c"]],
    [{ type: "string", const: "open" }, ["open"], ["shut"]],
    [{ type: "boolean" }, [true, false], ["true", 0]],
    [
      { type: "array", items: { type: "boolean" }, minItems: 1, maxItems: 2, uniqueItems: true },
      [[true], [true, false]],
      [[], [true, true], [1], true],
    ],
    [
      { type: "object", properties: { a: { type: "boolean" } }, required: ["a"] },
      [{ a: true }, { a: false, more: 1 }],
      [{}, { a: 1 }, [], null],
    ],
    [
      { type: "object", properties: { a: { type: "boolean" } }, additionalProperties: false },
      [{}, { a: true }],
      [{ b: 1 }],
    ],
    [{ anyOf: [{ $ref: "#/$defs/ref" }, { type: "boolean" }] }, [ref, true], [`${ref}@x`, "x"]],
  ])("of %j takes what it describes and nothing else", (schema, good, bad) => {
    const check = createCheck(schema);
    expect(good.map(check)).toEqual(good.map(() => true));
    expect(bad.map(check)).toEqual(bad.map(() => false));
  });

  it.each([
    [{ type: "number" }],
    [{ type: "string", pattern: "a" }],
    [{ type: "integer", multipleOf: 2 }],
    [{ type: "object", properties: {}, patternProperties: {} }],
    [{ $ref: "#/$defs/later" }],
  ])("of %j is refused: a later release said something new", (schema) => {
    expect(() => createCheck(schema)).toThrow("events.json");
  });
});
