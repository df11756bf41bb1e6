// Goal: the front door as it is started: on this machine only, with tokens that another process made, and closed at once, also on
// clients that would stay.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient, UnreachableError } from "@handfast/client/client";
import { testCharter } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { startGateway } from "../src/service.ts";
import { openTokens } from "../src/tokens.ts";
import { openPartner } from "./partner.ts";

describe("the gateway", { timeout: 240_000 }, () => {
  it("listens on this machine, accepts tokens as soon as they are made, and closes connections that stay open", async () => {
    await using orchard = await openPartner("Orchard");
    const dir = mkdtempSync(join(tmpdir(), "handfast-front-"));
    using _gone = { [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
    const { charter, net, bytes } = testCharter("Orchard");
    const { bus, views, id } = orchard;
    const gateway = await startGateway(
      { dir },
      {
        bus,
        reads: views.reads,
        node: {
          net,
          networkName: charter.name,
          partner: id,
          name: "Orchard",
          software: "handfast/test",
        },
        state: {
          bus: () => bus.status,
          natsServer: () => ({ version: bus.serverVersion, belowMinimum: false }),
          view: async () => ({ entries: views.count, quarantined: 0, isFollowing: true }),
        },
        links: {
          peers: async () => [],
          createInvitation: async () => ({ ok: true, invitation: "hfinv1.x", expires: 1 }),
          acceptInvitation: async () => ({ ok: false, code: "malformed", detail: "no invitation" }),
          cutOff: async () => 0,
          restore: async () => 0,
        },
        charter: bytes,
      },
    );
    expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}`);

    using elsewhere = openTokens(dir);
    const { text, id: token } = elsewhere.create({ name: "Ada", role: "steward" }, Date.now());
    const client = openClient({ url: gateway.url, token: text });
    expect(await client.node()).toMatchObject({
      name: "Orchard",
      network: { name: charter.name },
      protocolVersions: [1],
    });
    expect(await client.post("/v1/invitations", {})).toEqual({ invitation: "hfinv1.x", expires: 1 });
    await expect(client.post("/v1/links", { invitation: "x" })).rejects.toMatchObject({
      code: "link-refused",
      status: 409,
      message: expect.stringContaining("malformed: no invitation"),
    });

    const stop = new AbortController();
    const seen: number[] = [];
    const staying = (async () => {
      for await (const { position } of client.events({ after: "0" }, { signal: stop.signal }))
        seen.push(position);
    })();
    await eventually("the stream is read", () => seen.length > 0);
    const began = performance.now();
    await gateway[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(5_000);
    stop.abort();
    await staying;
    await expect(client.node()).rejects.toBeInstanceOf(UnreachableError);
    expect(elsewhere.revoke(token, Date.now())).toBe(true);
  });
});
