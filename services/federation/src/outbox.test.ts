// Goal: what a push could not bring is told to the peer as soon as nothing else is on its way: waiting for the next comparison of heads
// would be minutes. Method: a link whose answers a test sets; a batch of a real author.
import { toBytes } from "@handfast/protocol/bytes";
import { type CallOp, NudgeCall } from "@handfast/protocol/federation";
import { formatFrame } from "@handfast/protocol/frame";
import { createAuthor, partnerIdOf, testCharter } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { expect, it } from "vitest";
import { createEvents } from "./events.ts";
import { createOutbox } from "./outbox.ts";
import { createPeerLink } from "./peer-link.ts";
import { systemTimers } from "./timers.ts";

const { net } = testCharter("orchard");
const author = createAuthor(net, "orchard");
for (let entry = 1; entry < 4; entry += 1) author.write();
const { log, by } = author;
const clock = { now: Date.now };

it("a batch whose push fails is told of, with the newest size", async () => {
  const asked: { readonly op: CallOp; readonly data: Uint8Array }[] = [];
  const link = createPeerLink(
    { peer: partnerIdOf("ferry"), name: "Ferry", role: "host", account: "A" },
    {
      send: async (op, data) => {
        asked.push({ op, data });
        if (op === "sync.push") throw new Error("the message was lost");
        return toBytes(JSON.stringify({ ok: true, lacking: 1 }));
      },
      serverVersion: () => null,
      hasConnection: () => true,
      clock,
      onUp: () => {},
      onDown: () => {},
      isHeld: () => true,
    },
  );
  link.heard();
  const untold: unknown[] = [];
  const outbox = createOutbox(link, {
    net,
    events: createEvents(undefined, clock.now),
    timers: systemTimers,
    onUntold: (of) => void untold.push(of),
  });
  for (const [from, to] of [
    [1, 2],
    [2, 4],
  ] as const)
    outbox.push({ by, log, to, frame: formatFrame(author.frame(from, to)) });

  await eventually("the peer is told", () => asked.some(({ op }) => op === "sync.nudge"));
  const nudge = asked.find(({ op }) => op === "sync.nudge");
  expect(NudgeCall.parse(JSON.parse(new TextDecoder().decode(nudge?.data)))).toEqual({
    net,
    heads: [{ log, by, size: 4 }],
  });
  expect(untold).toEqual([]);
});
