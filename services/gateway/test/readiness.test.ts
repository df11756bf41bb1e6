// Goal: while the node cannot do what it is there for, /readyz says so and why, and says ok again when it can. Method: a real
// ledger on a file that may not grow, under a clock that goes back, over a file in which texts were spoilt.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { subjects } from "@handfast/api/messages/subjects";
import { openStores } from "@handfast/ledger/stores";
import { toBytes } from "@handfast/protocol/bytes";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

const readiness = async ({ app }: Partner) => (await app.inject({ url: "/readyz" })).json();
const share = (partner: Partner, title: string, text = "") =>
  partner.as("member").command("challenge.share", { on: null, body: { title, text } });
const isReady = (partner: Partner) =>
  eventually("it is ready", async () => (await readiness(partner)).status === "ok");
const isActive = (partner: Partner) =>
  eventually("its membership", async () => (await partner.as("viewer").node()).state === "active");

describe("readiness", { timeout: 240_000 }, () => {
  it("is lost while the disk is full, which it names", async () => {
    await using orchard = await openPartner("Orchard", {
      ledger: { openStores: (path, options) => openStores(path, { ...options, maxPages: 120 }) },
    });
    await isActive(orchard);
    await isReady(orchard);
    const long = "x".repeat(19_000);
    await eventually("an act finds no room", () =>
      share(orchard, "more", long).then(
        () => false,
        ({ code }) => code === "disk-full",
      ),
    );
    expect(await readiness(orchard)).toEqual({
      status: "degraded",
      reasons: [expect.stringMatching(/^the disk is full: every act is refused/)],
    });
    expect(await orchard.as("viewer").node()).toMatchObject({
      health: "degraded",
      reasons: [expect.stringMatching(/^the disk is full/)],
    });
  });

  it("is lost while the clock is behind what was signed, and comes back with it", async () => {
    let offMs = 0;
    await using orchard = await openPartner("Orchard", { ledger: { now: () => Date.now() + offMs } });
    await isActive(orchard);
    await share(orchard, "in time");
    await isReady(orchard);
    offMs = -3_600_000;
    await expect(share(orchard, "too early")).rejects.toMatchObject({ code: "clock-ahead" });
    expect(await readiness(orchard)).toEqual({
      status: "degraded",
      reasons: [
        expect.stringMatching(/^nothing is signed: the log's last entry is 3[56]\d\d s ahead of the clock/),
      ],
    });
    offMs = 0;
    await isReady(orchard);
  });

  it("counts texts that the disk has spoilt", async () => {
    await using orchard = await openPartner("Orchard");
    await isActive(orchard);
    const { ref } = await share(orchard, "spoilt", "a text");
    const database = new DatabaseSync(join(orchard.dir, "log.db"));
    database.exec("UPDATE payloads SET body = zeroblob(length(body))");
    database.close();
    const asked = toBytes(JSON.stringify({ refs: [ref] }));
    await orchard.bus.request(subjects.service("ledger", "payloads"), asked, { timeoutMs: 10_000 });
    expect(await readiness(orchard)).toEqual({
      status: "degraded",
      reasons: [expect.stringMatching(/^1 text on this disk cannot be read back/)],
    });
  });
});
