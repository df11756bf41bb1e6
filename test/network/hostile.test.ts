// Goal: what is forged, altered, reordered, truncated or replayed is refused with its code, and reaches neither the host's log
// nor a third node. Method: a stranger with real keys and a real link sends it; a third node watches.
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { defaultParameters, encodeCharter, networkIdOf } from "@handfast/protocol/charter";
import { generateKey } from "@handfast/tlog/signer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import { charterOf, converged, holds, join, vote } from "./network.ts";
import { type Node, openNode } from "./node.ts";
import { inviteStranger, type Stranger } from "./stranger.ts";

const cleanup = new AsyncDisposableStack();
let aheadMs = 0;
let host: Node;
let third: Node;
let stranger: Stranger;

beforeAll(async () => {
  const owner = createOwner("Orchard");
  const charter = charterOf(owner.partner);
  const clock = { now: () => Date.now() + aheadMs };
  host = cleanup.use(await openNode({ name: "Orchard", charter, owner, clock }));
  third = cleanup.use(await openNode({ name: "Mill", charter }));
  await join(third, host);
  stranger = cleanup.use(await inviteStranger((await host.federation.createInvitation()).invitation));
  // A member of good standing: what it may not do is then not for lack of that.
  stranger.attest([await vote(host, stranger), await vote(host, stranger, third)]);
  await converged([host, third]);
  for (let entry = 2; entry < 4; entry += 1) stranger.write();
  expect(await stranger.call("sync.push", stranger.frame(1, 4))).toMatchObject({ ok: true, size: 4 });
  await holds(third, stranger.log, 4);
  await converged([host, third]);
});
afterAll(() => cleanup.disposeAsync());

const nextLines = (count: number): Uint8Array[] => {
  const held = stranger.lines.length;
  for (let entry = 0; entry < count; entry += 1) stranger.write();
  // Written, but not yet part of what it stands for.
  return (stranger.lines as Uint8Array[]).splice(held, count);
};
const swap = (bytes: Uint8Array, from: string, to: string): Uint8Array =>
  toBytes(new TextDecoder().decode(bytes).replaceAll(from, to));

describe("a frame that is not what it should be", () => {
  const cases: readonly [why: string, make: () => Uint8Array, code: string][] = [
    [
      "forged by a key nobody named",
      () => withNext(2, (all) => stranger.frame(4, 6, { lines: all, by: stranger.foreignKey })),
      "bad-checkpoint",
    ],
    [
      "altered in one character",
      () => withNext(1, (all) => swap(stranger.frame(4, 5, { lines: all }), '"test.noted"', '"test.notes"')),
      "bad-checkpoint",
    ],
    [
      "altered so that it is not canonical JSON",
      () => withNext(1, (all) => swap(stranger.frame(4, 5, { lines: all }), '{"at"', '{ "at"')),
      "not-canonical",
    ],
    [
      "reordered",
      () =>
        withNext(2, (all) =>
          stranger.frame(4, 6, { lines: [...all.slice(0, 4), all[5] as Uint8Array, all[4] as Uint8Array] }),
        ),
      "schema",
    ],
    [
      "truncated",
      () => withNext(2, (all) => stranger.frame(4, 6, { lines: all }).subarray(0, 400)),
      "malformed",
    ],
    [
      "cut in the middle: its end without its beginning",
      () => withNext(4, (all) => stranger.frame(6, 8, { lines: all })),
      "gap",
    ],
    [
      "short of an entry its checkpoint counts",
      () => withNext(2, (all) => short(stranger.frame(4, 6, { lines: all }))),
      "bad-checkpoint",
    ],
    ["of another network", () => withNext(1, (all) => ofAnotherNetwork(all)), "unknown-network"],
    ["in another partner's name", () => inTheNameOf(host), "schema"],
    [
      "in the name of a log nobody sponsored",
      () => swap(stranger.frame(0, 1), stranger.log, toB64u(Buffer.alloc(16, 9))),
      "unknown-log",
    ],
    ["nothing at all", () => new Uint8Array(), "malformed"],
  ];
  const withNext = (count: number, make: (all: readonly Uint8Array[]) => Uint8Array) =>
    make([...stranger.lines, ...nextLines(count)]);
  const short = (frame: Uint8Array) => {
    const [first = "", kept = "", _left, ...rest] = new TextDecoder().decode(frame).split("\n");
    return toBytes([first.replace(" 4 6", " 4 5"), kept, ...rest].join("\n"));
  };
  const ofAnotherNetwork = (all: readonly Uint8Array[]) => {
    const other = networkIdOf(
      encodeCharter({
        name: "Other",
        founders: [host.partner],
        nonce: toB64u(Buffer.alloc(16)),
        parameters: defaultParameters,
      }),
    );
    const line = stranger.write({ net: other });
    (stranger.lines as Uint8Array[]).pop();
    return stranger.frame(4, 5, { lines: [...all.slice(0, 4), line] });
  };
  const inTheNameOf = (victim: Node) => {
    const line = stranger.write({ by: victim.partner });
    (stranger.lines as Uint8Array[]).pop();
    return stranger.frame(4, 5, { lines: [...stranger.lines, line] });
  };

  it.each(cases)("%s: is refused as such, and goes nowhere", async (_why, make, code) => {
    const before = [await host.held(), await third.held()];
    expect(await stranger.call("sync.push", make())).toMatchObject({ ok: false, code });
    await host.federation.reconcileNow();
    await third.federation.reconcileNow();
    expect([await host.held(), await third.held()]).toEqual(before);
    // Bad signatures are forgiven after a minute; the pause has a test of its own.
    aheadMs += 61_000;
  });

  it("replayed: is the same frame once more, and changes nothing", async () => {
    const before = await host.held();
    for (let time = 0; time < 3; time += 1)
      expect(await stranger.call("sync.push", stranger.frame(1, 4))).toMatchObject({ ok: true, size: 4 });
    expect(await host.held()).toEqual(before);
  });

  it("is counted by its code", () => {
    const status = host.federation.peers().find(({ partner }) => partner === stranger.partner);
    expect(status?.refused).toMatchObject({
      "bad-checkpoint": 3,
      "not-canonical": 1,
      malformed: 2,
      "unknown-network": 1,
    });
    expect(status?.pausedUntil).toBeNull();
  });
});

describe("a call that is not what it should be", () => {
  it.each<[string, string, object, string | undefined, string]>([
    ["another version", "hello", {}, "2", "version"],
    ["an operation nobody has", "sync.everything", {}, undefined, "unknown-op"],
    ["a request of another shape", "sync.heads", { net: 5 }, undefined, "malformed"],
    [
      "another network's heads",
      "sync.heads",
      { net: toB64u(Buffer.alloc(32)), limit: 5 },
      undefined,
      "unknown-network",
    ],
    ["an answer to nothing", "answer.AAAAAAAAAAAAAAAAAAAAAA", {}, undefined, "unknown"],
  ])("%s: is told so", async (_why, op, request, version, code) => {
    expect(await stranger.call(op, request, version)).toMatchObject({ ok: false, code });
  });

  it("too many at once: some are told to come again, and the others are served meanwhile", async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => stranger.call("sync.heads", { net: host.net, limit: 5 })),
    );
    const busy = answers.filter((answer) => (answer as { code?: string }).code === "busy");
    expect(busy.length).toBeGreaterThan(50);
    expect(busy[0]).toMatchObject({ retryAfterMs: expect.any(Number) });
    await third.append();
    await converged([host, third]);
    aheadMs += 61_000;
  });

  it("payloads that are not what the header says are not kept", async () => {
    const ref = await third.append({ body: { text: "true" } });
    await converged([host, third]);
    const [plain = ""] = ref.split("@");
    const payloads = [
      { ref: plain, salt: toB64u(Buffer.alloc(32)), body: toB64u(toBytes('{"text":"false"}')) },
    ];
    expect(await stranger.call("payload.push", { net: host.net, payloads })).toEqual({ ok: true });
    const status = host.federation.peers().find(({ partner }) => partner === stranger.partner);
    expect(status?.refused).toMatchObject({ "payload-mismatch": 1 });
  });
});

it("three bad signatures in a minute pause the link, and only that", async () => {
  const forged = () =>
    stranger.frame(4, 5, { lines: [...stranger.lines, nextLines(1)[0] as Uint8Array], by: generateKey() });
  for (let time = 0; time < 3; time += 1)
    expect(await stranger.call("sync.push", forged())).toMatchObject({ code: "bad-checkpoint" });
  expect(await stranger.call("sync.push", stranger.frame(1, 4))).toMatchObject({ code: "busy" });
  const status = () => host.federation.peers().find(({ partner }) => partner === stranger.partner);
  expect(status()?.pausedUntil).not.toBeNull();
  await third.append();
  await converged([host, third]);
  aheadMs += 10 * 60_000;
  stranger.write();
  expect(await stranger.call("sync.push", stranger.frame(4, 5))).toMatchObject({ ok: true, size: 5 });
  await holds(third, stranger.log, 5);
});
