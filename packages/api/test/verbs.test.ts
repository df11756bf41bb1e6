// Goal: nothing that a verb takes is lost on its way into an entry, and a verb that says an event has that event's members.
import { eventNames, events } from "@handfast/protocol/events";
import { formats } from "@handfast/protocol/formats";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { verbEntries, verbs } from "../src/verbs/verbs.ts";

const plain = verbEntries.filter(([, { says }]) => says !== null);
const byHand = verbEntries.filter(([, { says }]) => says === null);
const common = ["occurredAt", "externalId", "externalStatus", "imported"];

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap())
    : schema;
}
const isProse = (schema: unknown): boolean => formats.get(unwrapped(schema) as z.ZodType)?.id === undefined;

describe("a plain verb", () => {
  it.each(plain)(
    "%s has the members of what it says, and no other",
    (_name, { says, fills, body, creates }) => {
      const { members, texts } = events[says as keyof typeof events];
      const expected = new Set([...common, ...texts, ...Object.keys(members), ...(creates ? ["act"] : [])]);
      for (const filled of fills) expected.delete(filled);
      expect(Object.keys(body.shape).sort()).toEqual([...expected].sort());
    },
  );

  it("is not the exception", () => {
    expect(plain.length).toBeGreaterThan(20);
  });
});

describe("a verb decided by hand", () => {
  const texts = new Set<string>(eventNames.flatMap((name) => events[name].texts));

  it.each(byHand)("%s takes no text that no event has", (_name, { body }) => {
    const prose = Object.entries(body.shape)
      .filter(([, schema]) => unwrapped(schema) instanceof z.ZodString && isProse(schema))
      .map(([member]) => member);
    expect(prose.filter((member) => !texts.has(member))).toEqual([]);
  });
});

it("fills what a body leaves out with its default", () => {
  expect(verbs["challenge.share"].body.parse({ title: "t" })).toEqual({ act: "share", title: "t" });
  expect(verbs["initiative.step-up"].body.parse({})).toEqual({ as: "lead" });
  expect(
    verbs["commitment.offer"].body.safeParse({ title: "t", beneficiaries: ["network"], due: "2030-01-01" })
      .success,
  ).toBe(false);
});
