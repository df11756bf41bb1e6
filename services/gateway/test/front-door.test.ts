// Goal: a promise made over HTTP is kept in the ledger and read back at once; the same key never acts twice; what changed
// meanwhile is told; every read can be asked as of a moment. Method: one partner with everything real behind its front
// door; a second one where it takes two.

import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, openPartner, type Partner } from "./partner.ts";

describe("one partner's front door", () => {
  let orchard: Partner;
  beforeAll(async () => {
    orchard = await openPartner("Orchard");
    await eventually("the founder attested by itself", async () => {
      const { state } = await orchard.as("viewer").node();
      return state === "active";
    });
  });
  afterAll(() => orchard[Symbol.asyncDispose]());

  it("answers an act with the thing as it is now", async () => {
    const done = await orchard
      .as("member")
      .command("initiative.propose", { on: null, body: { title: "Meet in autumn" } });
    expect(done).toMatchObject({
      readModel: "current",
      title: "Meet in autumn",
      status: "proposed",
      term: 1,
    });
    expect(done.lead?.name).toBe("Orchard");
    expect(done.refs).toEqual([expect.stringContaining(`${done.ref}@`)]);
  });
});
