// Goal: a peer that passes on what others signed is not taken for one that made it up, whatever this node takes of it now; a peer that
// sends a history and does not have it is. Method: a link whose answers a test sets, and frames of a real author's two histories.
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import { RangeCall } from "@handfast/protocol/federation";
import { formatFrame } from "@handfast/protocol/frame";
import { createAuthor, partnerIdOf, testCharter } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { expect, it } from "vitest";
import { createCatchUp } from "./catch-up.ts";
import { createEvents } from "./events.ts";
import type { Receive } from "./intake.ts";
import { createPeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import { systemTimers } from "./timers.ts";

const { net } = testCharter("orchard");
const author = createAuthor(net, "ferry");
for (let entry = 1; entry < 4; entry += 1) author.write({ x: { entry } });
const { by, size } = author;
const clock = { now: () => Date.now() };

function begin(answer: (from: number, limit: number) => Uint8Array, receive: Receive) {
  const asked: number[] = [];
  const events = createEvents(undefined, clock.now);
  const catchUp = createCatchUp({
    net,
    sizes: { of: () => size, authorOf: () => by, mostOf: () => null, grew: () => {} } as unknown as Sizes,
    firstMost: () => 1_000,
    linkOf: () => undefined,
    prove: async (heads) => heads.map(() => 0),
    compare: async (heads) => heads.map(() => "apart" as const),
    onPaused: () => {},
    receive,
    clock,
    timers: systemTimers,
    events,
    onArrived: () => {},
    onCompared: () => {},
  });
  const link = createPeerLink(
    { peer: partnerIdOf("orchard"), name: "orchard", role: "host", account: "orchard" },
    {
      send: async (_op, data) => {
        const call = RangeCall.parse(JSON.parse(fromUtf8(data) ?? ""));
        asked.push(call.from);
        return answer(call.from, call.limit);
      },
      serverVersion: () => null,
      hasConnection: () => true,
      clock,
      onUp: () => {},
      onDown: () => {},
      isHeld: () => true,
    },
  );
  return { catchUp, link, asked };
}
const rangeOf = (from: number, limit: number): Uint8Array =>
  formatFrame(author.frame(from, from === 0 ? 1 : Math.min(size, from + limit)));

it("holds nothing against a peer for a history of which no more is taken, or no more given now", async () => {
  const signed = { ok: false, code: "bad-checkpoint", isSigned: true } as const;
  let judged = 0;
  const busy = begin(rangeOf, async (_link, bytes) => {
    judged += 1;
    return (fromUtf8(bytes) ?? "").includes(` 0 1\n`) ? { ok: false, code: "busy" } : signed;
  });
  for (let each = 0; each < 3; each += 1) busy.catchUp.apart(busy.link, rangeOf(2, 2));
  await eventually("what it sent was judged", () => judged >= 2);
  const refusing = begin(
    () => toBytes(JSON.stringify({ ok: false, code: "busy", retryAfterMs: 100 })),
    async () => signed,
  );
  refusing.catchUp.apart(refusing.link, rangeOf(2, 2));
  await eventually("it was asked", () => refusing.asked.length > 0);
  await new Promise(setImmediate);
  for (const { link } of [busy, refusing]) expect(Object.fromEntries(link.conduct.refused)).toEqual({});
});

it("counts it where the peer does not have what it sent", async () => {
  const { catchUp, link } = begin(
    () => toBytes(JSON.stringify({ ok: false, code: "not-held" })),
    async () => ({ ok: true, size, accepted: 0, pending: 0 }),
  );
  catchUp.apart(link, rangeOf(2, 2));
  await eventually("it counts", () => link.conduct.refused.get("bad-checkpoint") === 1);
});
