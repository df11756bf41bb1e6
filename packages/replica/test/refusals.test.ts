// Goal: each refusal has its code, and the checks come in the protocol's order. Method: one good frame, spoilt in one place;
// then frames spoilt in two places, where the earlier check must speak.

import { toBytes } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import { type Author, createAuthor, testCharter, testEpochMs, testKey } from "@handfast/testkit/author";
import { describe, expect, it } from "vitest";
import { createReplica, type Replica } from "../src/replica.ts";

const { net, charter } = testCharter("orchard", "millrace");
const now = testEpochMs + 3_600_000;

/** Orchard with six entries, and a node that holds the first three. */
function story(): { orchard: Author; replica: Replica } {
  const orchard = createAuthor(net, "orchard");
  for (let count = 0; count < 5; count++) orchard.write({ x: { count } });
  const replica = createReplica({ net, charter });
  replica.receive([orchard.frame(0, 1), orchard.frame(1, 3)], now);
  return { orchard, replica };
}

const changed = (frame: Frame, index: number, change: (text: string) => string): Frame => ({
  ...frame,
  headers: frame.headers.map((bytes, place) =>
    place === index ? toBytes(change(new TextDecoder().decode(bytes))) : bytes,
  ),
});
const answerTo = (replica: Replica, frame: Frame, at = now) => {
  const { outcomes } = replica.receive([frame], at);
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("no outcome");
  return outcome.kind === "refused" ? `${outcome.code}: ${outcome.detail}` : outcome.kind;
};

type Spoil = (frame: Frame, orchard: Author) => Frame;
/** In the order of checks. */
const spoils = {
  "goes on after log.opened": [(_frame, orchard) => orchard.frame(0, 3), /^malformed/],
  "of a log nobody named": [() => createAuthor(net, "ferry").frame(0, 1), /^unknown-log/],
  "not JSON": [(frame) => changed(frame, 1, () => "{]"), /^malformed: entry 4/],
  "of another version": [(frame) => changed(frame, 1, (text) => text.replace('"v":1', '"v":3')), /^version/],
  "not canonical": [(frame) => changed(frame, 1, (text) => text.replace(":", ": ")), /^not-canonical/],
  "not of the schema": [
    (frame) => changed(frame, 1, (text) => text.replace('"audience":"network"', '"audience":"all"')),
    /^schema: entry 4: audience/,
  ],
  "of another network": [
    (frame) => changed(frame, 1, (text) => text.replace(net, `B${net.slice(1)}`)),
    /^unknown-network/,
  ],
  "in a frame of another network": [(frame) => ({ ...frame, net: `B${net.slice(1)}` }), /^unknown-network/],
  "by somebody else": [
    (frame, orchard) => changed(frame, 1, (text) => text.replace(orchard.by, createAuthor(net, "ferry").by)),
    /^schema: entry 4: of another author/,
  ],
  "out of its place": [
    (frame) => changed(frame, 1, (text) => text.replace('"seq":4', '"seq":5')),
    /^schema: entry 4: its seq/,
  ],
  "beyond what is known": [(_frame, orchard) => orchard.frame(4, 6), /^gap: known up to 3/],
  "under a note that is none": [(frame) => ({ ...frame, note: "hello\n" }), /^bad-checkpoint: no-blank-line/],
  "under another log's note": [
    (frame) => ({ ...frame, note: createAuthor(net, "millrace").note(1) }),
    /^bad-checkpoint: wrong-origin/,
  ],
  "under a smaller note": [
    (frame, orchard) => ({ ...frame, note: orchard.note(5) }),
    /^bad-checkpoint: smaller/,
  ],
  "signed by another key": [
    (frame, orchard) => ({ ...frame, note: orchard.note(6, testKey("thief")) }),
    /^bad-checkpoint: no-known-signature/,
  ],
  "signed by the root, where the log key counts": [
    (frame, orchard) => ({ ...frame, note: orchard.note(6, orchard.root) }),
    /^bad-checkpoint: no-known-signature/,
  ],
  "with a spoilt signature": [
    // Eight characters from the end: inside the signature, clear of the padding.
    (frame) => ({ ...frame, note: frame.note.replace(/.(?=.{8}\n$)/, (one) => (one === "A" ? "B" : "A")) }),
    /^bad-checkpoint: bad-signature/,
  ],
  "with an altered entry": [
    (frame) => changed(frame, 1, (text) => text.replace('"count":3', '"count":7')),
    /^bad-checkpoint: root-differs/,
  ],
  "with a proof where none belongs": [
    (frame) => ({ ...frame, proof: [new Uint8Array(32)] }),
    /^bad-checkpoint: old-root-differs/,
  ],
} as const satisfies Record<string, readonly [Spoil, RegExp]>;

describe("a frame", () => {
  it.each(Object.entries(spoils))("%s is refused, and nothing changes", (_what, [spoil, answer]) => {
    const { orchard, replica } = story();
    expect(answerTo(replica, spoil(orchard.frame(3, 6), orchard))).toMatch(answer);
    expect(replica.logs.size).toBe(1);
    expect(replica.logs.get(orchard.log)).toMatchObject({ held: 3, edge: { size: 3, noteSize: 3 } });
    expect(replica.logs.get(orchard.log)?.tree.size).toBe(3);
    expect(answerTo(replica, orchard.frame(3, 6))).toBe("taken");
  });

  it("spoilt in two places is refused for the earlier check", () => {
    const order = [
      "not JSON",
      "of another network",
      "beyond what is known",
      "under a note that is none",
    ] as const;
    for (const [place, first] of order.entries()) {
      for (const second of order.slice(place + 1)) {
        const { orchard, replica } = story();
        // The wider spoil is applied first, so that both are in the frame.
        const spoilt = spoils[first][0](spoils[second][0](orchard.frame(3, 6), orchard), orchard);
        const expected = first === "beyond what is known" ? /^gap/ : spoils[first][1];
        if (first === "not JSON" || first === "of another network")
          expect(answerTo(replica, spoilt)).toMatch(/^(malformed|unknown-network)/);
        else expect(answerTo(replica, { ...spoilt, note: "hello\n" })).toMatch(expected);
      }
    }
  });

  it("is verified the same way when it is cut inside a batch", () => {
    const { orchard, replica } = story();
    expect(answerTo(replica, orchard.frame(3, 4, 6))).toBe("taken");
    expect(replica.logs.get(orchard.log)?.edge).toMatchObject({ size: 4, noteSize: 6 });
    expect(answerTo(replica, orchard.frame(4, 6))).toBe("taken");
  });

  it("ahead of this node's clock is not taken now, and is later", () => {
    const { orchard, replica } = story();
    orchard.write({ at: [now + 120_001, 0] });
    expect(answerTo(replica, orchard.frame(3, 7))).toMatch(/^future/);
    expect(answerTo(replica, orchard.frame(3, 7), now + 1)).toBe("taken");
  });

  it("whose time does not go up is refused, also where a frame begins", () => {
    const { orchard, replica } = story();
    orchard.write({ at: orchard.header(5).at });
    replica.receive([orchard.frame(3, 6)], now);
    expect(answerTo(replica, orchard.frame(6, 7))).toMatch(/^schema: entry 6: its time/);
    expect(answerTo(replica, orchard.frame(3, 7))).toMatch(/^schema: entry 6: its time/);
  });

  it("whose entry is not after its parent is refused, and what stands before it is held", () => {
    const { orchard, replica } = story();
    const millrace = createAuthor(net, "millrace");
    replica.receive([orchard.frame(3, 6)], now);
    millrace.write();
    millrace.write({ parents: [orchard.ref(5)] });
    replica.receive([millrace.frame(0, 1)], now);
    expect(answerTo(replica, millrace.frame(1, 3))).toMatch(
      /^schema: entry 2: its time is not above that of parent/,
    );
    expect(replica.logs.get(millrace.log)).toMatchObject({ held: 2, edge: { size: 2, noteSize: 3 } });
  });

  it("of a later log, or of a log opened by a stranger's root, opens nothing", () => {
    const { orchard, replica } = story();
    const opened = orchard.header(0);
    const other = createAuthor(net, "millrace");
    const headers = [toBytes(new TextDecoder().decode(orchard.bytes(0)).replaceAll(orchard.by, other.by))];
    expect(answerTo(replica, { ...other.frame(0, 1), headers })).toMatch(
      /^schema: entry 0: of another author or log/,
    );
    const previous = { log: orchard.log, size: 1, root: net };
    const text = JSON.stringify({ ...opened, x: { ...opened.x, previous } });
    expect(answerTo(replica, { ...other.frame(0, 1), headers: [toBytes(text)] })).toMatch(/^unknown-log/);
  });

  it("opens a log only under a checkpoint of the root", () => {
    const replica = createReplica({ net, charter });
    const millrace = createAuthor(net, "millrace");
    millrace.write();
    const frame = millrace.frame(0, 1);
    expect(answerTo(replica, { ...frame, note: millrace.note(1, millrace.key) })).toMatch(
      /no-known-signature/,
    );
    expect(answerTo(replica, millrace.frame(0, 1, 2))).toMatch(/not-the-control-checkpoint/);
    expect(answerTo(replica, millrace.frame(1, 2))).toMatch(/^gap: known up to 0/);
    expect(replica.logs.size).toBe(0);
    expect(answerTo(replica, frame)).toBe("taken");
  });
});

describe("a log that nobody knows", () => {
  it("is known once a member.sponsored that names its root and log is held", () => {
    const { orchard, replica } = story();
    const ferry = createAuthor(net, "ferry");
    const impostor = createAuthor(net, "ferry", { log: createAuthor(net, "quarry").log });
    expect(answerTo(replica, ferry.frame(0, 1))).toMatch(/^unknown-log/);
    orchard.write({ type: "member.sponsored", x: { root: ferry.by, log: ferry.log } });
    replica.receive([orchard.frame(3, 7)], now);
    expect(answerTo(replica, impostor.frame(0, 1))).toMatch(/^unknown-log/);
    expect(answerTo(replica, ferry.frame(0, 1))).toBe("taken");
  });
});
