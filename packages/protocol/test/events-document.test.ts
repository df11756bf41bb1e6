// Goal: docs/reference/events.json says exactly what this package applies, so that who shares no code with it can read the
// page instead. `UPDATE=1 npx vitest run packages/protocol/test/events-document.test.ts` writes it anew.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { eventsDocument, formatDocument } from "../src/events/document.ts";
import { events } from "../src/events/events.ts";

const path = new URL("../../../docs/reference/events.json", import.meta.url);
const text = `${formatDocument(eventsDocument())}\n`;

it("is the document of these events", () => {
  if (process.env["UPDATE"] === "1") writeFileSync(path, text);
  expect(readFileSync(path, "utf8")).toBe(text);
});

it("is printed as JSON of the same value", () => {
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(eventsDocument())));
});

it("names every ref that an entry has to have in its past", () => {
  const cited = Object.entries(events).flatMap(([name, { refs }]) =>
    refs.length === 0 ? [] : [[name, refs.map((path) => path.join("."))]],
  );
  expect(Object.fromEntries(cited)).toEqual({
    "member.endorsed": ["opening"],
    "initiative.proposed": ["from"],
    "challenge.shared": ["from"],
    "handoff.accepted": ["offer"],
    "handoff.declined": ["offer"],
    "handoff.cancelled": ["offer"],
    "handoff.acceptance-retracted": ["accept"],
    "handoff.reaffirmed": ["accept"],
    "handoff.completed": ["accept"],
    "help.offered": ["beneficiaries.*"],
    "help.retracted": ["offer"],
    "help.accepted": ["offer"],
    "help.thanked-declined": ["offer"],
    "commitment.requested": ["beneficiaries.*", "origin"],
    "commitment.offered": ["beneficiaries.*", "origin"],
    "commitment.pledged": ["beneficiaries.*", "origin", "seat.initiative"],
    "commitment.countered": ["beneficiaries.*", "base"],
    "commitment.accepted": ["terms"],
    "commitment.declined": ["terms"],
    "commitment.retracted": ["terms"],
    "commitment.reaffirmed": ["terms"],
    "commitment.let-go": ["terms"],
    "commitment.revision-proposed": ["base"],
    "commitment.revision-accepted": ["terms"],
    "commitment.revision-declined": ["terms"],
    "commitment.revision-retracted": ["terms"],
    "commitment.carry-accepted": ["offer", "terms"],
    "commitment.carried": ["completed", "accepted"],
    "post.published": ["about"],
    "decision.noted": ["about"],
    "meeting.noted": ["about"],
    "thanks.given": ["about"],
    "post.replied": ["to"],
    "post.revised": ["of"],
    "question.answered": ["question"],
    "answer.accepted": ["answer"],
    "question.kept-open": ["question"],
    "ack.given": ["request"],
    "reaction.given": ["to"],
    "promotion.asked": ["of"],
    "promotion.agreed": ["asked"],
    "post.promoted": ["of", "into", "agreed"],
  });
});

it("knows every place where an entry names a partner, and takes no other key for one", () => {
  const named = Object.entries(events).flatMap(([name, { partners }]) =>
    partners.length === 0 ? [] : [[name, partners.map((path) => path.join("."))]],
  );
  const terms = ["debtor", "beneficiaries.*", "confirmers.*"];
  expect(Object.fromEntries(named)).toEqual({
    "member.sponsored": ["root"],
    "handoff.offered": ["to"],
    "help.offered": ["beneficiaries.*", "confirmers.*"],
    "commitment.requested": terms,
    "commitment.offered": terms,
    "commitment.pledged": terms,
    "commitment.countered": terms,
    "thanks.given": ["to.*"],
    "question.asked": ["to.*"],
    "ack.requested": ["from.*"],
  });
});
