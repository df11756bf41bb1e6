// Goal: when the bus is gone, commands say so and nothing is done, reads go on, and health tells; an auditor's bundle is whole and
// verifies with a program that shares no code with us.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ProblemError } from "@handfast/client/client";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { openPartner, type Partner } from "./partner.ts";

const isActive = (partner: Partner) => async () => (await partner.as("viewer").node()).state === "active";

describe("a node whose bus is gone", { timeout: 240_000 }, () => {
  it("refuses commands without doing anything, reads on, and says that it is degraded", async () => {
    await using orchard = await openPartner("Orchard");
    await eventually("active", isActive(orchard));
    const { id } = await orchard
      .as("member")
      .command("challenge.share", { on: null, body: { title: "Before" } });
    expect((await orchard.app.inject("/readyz")).json()).toEqual({ status: "ok" });
    await orchard.bus[Symbol.asyncDispose]();

    const act = orchard.as("member").command("challenge.share", { on: null, body: { title: "After" } });
    const problem = await act.catch((err: unknown) => err);
    expect(problem).toBeInstanceOf(ProblemError);
    expect(problem).toMatchObject({
      status: 503,
      code: "bus-unavailable",
      retry: "later",
      retryAfterMs: 1_000,
    });

    expect(await orchard.as("viewer").one("challenges", id)).toMatchObject({ id, title: "Before" });
    expect((await orchard.as("viewer").page("challenges")).items).toHaveLength(1);
    expect((await orchard.app.inject("/healthz")).json()).toEqual({ status: "ok" });
    const ready = await orchard.app.inject("/readyz");
    expect([ready.statusCode, ready.json().status]).toEqual([200, "degraded"]);
    expect((await orchard.as("viewer").node()).health).toBe("degraded");

    const bundle = await orchard
      .as("auditor")
      .download("/v1/audit/bundle")
      .catch((err: unknown) => err);
    expect(bundle).toMatchObject({ status: 503, code: "bus-unavailable" });
  });
});

describe("the audit bundle", { timeout: 240_000 }, () => {
  it("is whole, hashes to what it says, and the auditor verifies and replays it", async () => {
    await using orchard = await openPartner("Orchard");
    await eventually("active", isActive(orchard));
    const initiative = await orchard
      .as("member")
      .command("initiative.propose", { on: null, body: { title: "Plant trees" } });
    for (let count = 0; count < 30; count++) {
      await orchard.as("member").command("commitment.pledge", {
        on: null,
        body: {
          title: `Tree ${count}`,
          text: "ü".repeat(5_000),
          due: "2099-01-01",
          beneficiaries: [initiative.id],
        },
      });
    }
    const bytes = Buffer.from(
      await new Response(await orchard.as("auditor").download("/v1/audit/bundle")).arrayBuffer(),
    );
    const end = bytes.lastIndexOf("end ");
    expect(bytes.subarray(end).toString()).toBe(
      `end ${createHash("sha256").update(bytes.subarray(0, end)).digest("hex")}\n`,
    );

    const dir = mkdtempSync(join(tmpdir(), "handfast-bundle-"));
    using _gone = { [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
    const file = join(dir, "orchard.bundle");
    writeFileSync(file, bytes);
    const auditor = join(import.meta.dirname, "..", "..", "auditor", "src", "main.ts");
    const audit = (...args: string[]) => promisify(execFile)(process.execPath, [auditor, ...args]);
    await expect(audit("verify", file, "--every-signature")).resolves.toMatchObject({
      stdout: expect.stringContaining("verified"),
    });
    const { stdout } = await audit("replay", file, "--as-of", "2099-12-31", "--json");
    expect(stdout).toContain("Plant trees");
    expect(stdout).toContain("Tree 29");
  });
});
