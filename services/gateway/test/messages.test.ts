// Goal: an act costs one request to who decides and one to who writes, each with its reply; everything beside is a notice. And every
// verb of the API is served. Method: a real node without links, and a connection that hears all of account HOME.
import { verbEntries } from "@handfast/api/verbs";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

describe("an act over HTTP", { timeout: 240_000 }, () => {
  let orchard: Partner;
  beforeAll(async () => {
    orchard = await openPartner("Orchard");
    await eventually("active", async () => (await orchard.as("viewer").node()).state === "active");
  }, 60_000);
  afterAll(() => orchard[Symbol.asyncDispose]());

  it("costs four messages, and three notices", async () => {
    const heard: string[] = [];
    const tap = await orchard.connect("tap");
    await using _tap = tap;
    tap.subscribe(">", ({ subject }) => void heard.push(subject));
    await tap.flush();
    const { id } = await orchard.as("member").command("commitment.pledge", {
      on: null,
      body: { title: "Count", text: "with words", due: "2099-01-01" },
    });
    // What the same act would cause a moment later is counted, too.
    const after = orchard.views.position;
    await orchard.as("member").command("commitment.withdraw", { on: id, body: {} });
    await eventually(
      "the second act is heard",
      () => heard.filter((subject) => subject === "hf.ledger.head").length === 2,
    );
    expect(orchard.views.position).toBe(after + 1);
    const first = heard.slice(0, heard.indexOf("hf.partnership.commitment.withdraw"));
    const replies = first.filter((subject) => subject.startsWith("_INBOX."));
    const others = first.filter((subject) => !subject.startsWith("_INBOX.")).sort();
    expect(others).toEqual([
      "hf.ledger.append",
      "hf.ledger.batch",
      "hf.ledger.head",
      "hf.partnership.commitment.pledge",
      "hf.views",
    ]);
    expect(replies).toHaveLength(2);
  });

  it("is served, whatever the verb", async () => {
    const info = await orchard.bus.request("$SRV.INFO.partnership", new Uint8Array(), { timeoutMs: 5_000 });
    const { endpoints } = JSON.parse(new TextDecoder().decode(info.data)) as {
      readonly endpoints: readonly { readonly subject: string }[];
    };
    const served = endpoints.map(({ subject }) => subject);
    expect(served).toEqual(expect.arrayContaining(verbEntries.map(([name]) => `hf.partnership.${name}`)));
    expect(verbEntries.length).toBeGreaterThan(40);
  });
});
