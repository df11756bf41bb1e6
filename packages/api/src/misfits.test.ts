// Goal: whatever somebody sends in place of a command, each misfit names the place, what was given and what is expected, in words of
// our own. Method: examples by hand, and arbitrary values against every body there is.
import { Endpoint } from "@handfast/protocol/federation";
import { EventType } from "@handfast/protocol/header";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { misfitText, parseInput } from "./misfits.ts";
import { verbs } from "./verbs/verbs.ts";
import { atMoment, paging } from "./views/answers.ts";

const told = (schema: z.ZodType, value: unknown): readonly string[] => {
  const parsed = parseInput(schema, value);
  return parsed.ok ? [] : parsed.misfits.map(misfitText);
};
const offer = verbs["commitment.offer"].body;
const whole = { act: "offer", title: "Mend the press", beneficiaries: ["network"], due: "2030-06-01" };

describe("what does not fit", () => {
  it("says what a type of event looks like", () => {
    expect(told(z.strictObject({ type: EventType.optional() }), { type: "nope" })).toEqual([
      'type: got "nope", expected a type of event, for example commitment.pledged',
    ]);
  });

  it.each<[string, object, string]>([
    ["a day", { due: "soon" }, 'due: got "soon", expected a day (YYYY-MM-DD), for example 2030-06-01'],
    ["a title that is empty", { title: "" }, 'title: got "", expected text of 1 to 200 characters'],
    ["a title of blanks", { title: "  " }, 'title: got "  " (blank), expected text of 1 to 200 characters'],
    [
      "a title that is too long",
      { title: "x".repeat(240) },
      "title: got 240 characters, expected text of 1 to 200 characters",
    ],
    [
      "a title that is left out",
      { title: undefined },
      "title: is missing; expected text of 1 to 200 characters",
    ],
    ["a number", { title: 7 }, "title: got 7, expected text of 1 to 200 characters"],
    [
      "a member nobody knows",
      { dew: 1 },
      "dew: is not known here; known: occurredAt, externalId, externalStatus, imported, act, title, text, beneficiaries, confirmers, due, origin",
    ],
    [
      "an id",
      { origin: "x" },
      'origin: got "x", expected the id of a thing or entry as it is listed, for example RmBVbYlMcVbGdnqJIm2XAQ.12',
    ],
    [
      "a moment",
      { occurredAt: "yesterday" },
      'occurredAt: got "yesterday", expected a day or an RFC 3339 instant from 1970 on, for example 2026-01-01T12:00:00Z; or milliseconds since 1970',
    ],
    [
      "a moment before the first",
      { occurredAt: "1950-05-01" },
      'occurredAt: got "1950-05-01", expected a day or an RFC 3339 instant from 1970 on, for example 2026-01-01T12:00:00Z; or milliseconds since 1970',
    ],
    [
      "an item of a list",
      { beneficiaries: ["network", "Ferry"] },
      'beneficiaries.1: got "Ferry", expected a partner: its name, or its id (z6Mk...); or network; or the id of a thing or entry as it is listed, for example RmBVbYlMcVbGdnqJIm2XAQ.12',
    ],
  ])("is told of %s", (_what, change, expected) => {
    expect(told(offer, { ...whole, ...change })).toEqual([expected]);
  });

  it("is told of an address to dial", () => {
    expect(told(Endpoint, "http://x")).toEqual([
      'got "http://x", expected an address of the form tls://host:port, for example tls://hub.orchard.example:7422',
    ]);
  });

  it("is told of the part of a union that was meant", () => {
    const union = z.discriminatedUnion("act", [offer, verbs["commitment.pledge"].body]);
    expect(told(union, { act: "promise" })).toEqual([
      'act: got "promise", expected an object whose act is one of offer, pledge',
    ]);
    expect(told(union, { act: "pledge", title: "x" })).toEqual([
      "due: is missing; expected a day (YYYY-MM-DD), for example 2030-06-01",
    ]);
    expect(told(union, [])).toHaveLength(1);
  });

  it("is told of queries", () => {
    const query = z.strictObject({ ...paging, ...atMoment });
    expect(told(query, { limit: "0", asOf: "lately", timeline: "both", from: "x" })).toEqual([
      'limit: got "0", expected a whole number from 1 to 200',
      'asOf: got "lately", expected a day or an RFC 3339 instant, for example 2030-06-01 or 2030-06-01T12:00:00Z',
      'timeline: got "both", expected one of recorded, occurred',
      "from: is not known here; known: after, limit, asOf, timeline",
    ]);
  });

  it("repeats no secret", () => {
    const links = z.strictObject({ invitation: z.string().max(3) });
    expect(told(links, { invitation: "hfinv1.secret" }).join()).not.toContain("secret");
  });
});

it("never speaks in the words of the schema library", () => {
  const ofOurOwn = /^(?:got .+, expected \S.+|is missing; expected \S.+|is not known here(?:; known: .+)?)$/s;
  const foreign =
    /Invalid|Too (?:big|small)|Unrecognized|\/\^|\bstring\b|undefined|another value|something else/;
  for (const [name, { body }] of Object.entries(verbs)) {
    const members = fc.dictionary(fc.constantFrom(...Object.keys(body.shape), "more"), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(members, fc.jsonValue()), (value) => {
        const parsed = parseInput(body, value);
        for (const { detail } of parsed.ok ? [] : parsed.misfits) {
          expect(detail, name).toMatch(ofOurOwn);
          // What was given is quoted as it is; what we say of it is ours.
          expect(detail.replace(/^got .*, expected/s, ""), name).not.toMatch(foreign);
        }
      }),
      { numRuns: 50 },
    );
  }
});
