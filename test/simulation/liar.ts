/**
 * A partner with real keys and real links that follows no rule: it withholds, claims what is not so, floods, writes what has no
 * authority, names parents that never come, and alters what others wrote. What it knows it learned over its links.
 */
import type { Bus } from "@handfast/bus/bus";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { Ask, protocolVersion, versionHeader } from "@handfast/protocol/federation";
import { formatFrame, parseFrame } from "@handfast/protocol/frame";
import type { PinnedRef } from "@handfast/protocol/ids";
import { pin, refOf, unpin } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { wireSubjects } from "@handfast/protocol/subjects";
import { type Author, createAuthor, partnerIdOf } from "@handfast/testkit/author";
import { leafHash } from "@handfast/tlog/tree";
import type { Server } from "./bus.ts";
import { accountOf } from "./links.ts";
import { logOf, network } from "./partners.ts";
import { beginLife } from "./process.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Liar {
  /** Does one thing it should not. */
  act(): void;
  end(): void;
}

const { net } = network;
const timeoutMs = 5_000;
const json = (value: unknown): Uint8Array => toBytes(JSON.stringify(value));

export function startLiar(
  name: string,
  deps: {
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly hosts: readonly Server[];
    readonly count: (what: string) => void;
    /** Whether it ever signs a second history. */
    readonly isForker: boolean;
  },
): Liar {
  const { scheduler, random, count, isForker } = deps;
  const life = beginLife(scheduler);
  const first: Author = createAuthor(net, name, { log: logOf(name), version: 2 });
  let second: Author | null = null;
  /** Which of its two histories each host is shown. */
  const shown = new Map<string, Author>();
  let author = first;
  const honest = deps.hosts.map(({ machine }) => machine);
  const buses = new Map<string, Bus>();
  /** Frames of others, as hosts gave them. */
  const overheard: Uint8Array[] = [];
  let isSilent = false;

  /** Entries it has seen, by the names others may know them by. */
  const seen: PinnedRef[] = [];
  const hear = (bytes: Uint8Array): void => {
    const frame = parseFrame(bytes);
    if ("malformed" in frame || overheard.length >= 50) return;
    overheard.push(bytes);
    for (const [index, header] of frame.headers.entries())
      seen.push(pin(refOf(frame.log, frame.from + index), toB64u(leafHash(header))));
  };
  const anyRef = (): PinnedRef =>
    seen.length > 0 && random.chance(0.95)
      ? random.pick(seen)
      : pin(refOf(logOf(random.pick(honest)), random.below(12)), toB64u(random.bytes(32)));
  /** Entries that would be acts if their author had the right. */
  const writeSomething = (): void => {
    const about = anyRef();
    const subject = unpin(about);
    const types = [
      "commitment.accepted",
      "commitment.confirmed",
      "member.endorsed",
      "initiative.paused",
      "org.example.noise",
    ];
    // Mostly a time that passes the gate: else nothing after it is ever held.
    const last = author.header(author.size - 1).at[0];
    const ms = random.chance(0.02) ? last - 1 : Math.max(last + 1, scheduler.now + random.below(60_000));
    const type = random.pick(types);
    const parents = random.chance(0.6) ? [about] : [];
    author.write({
      type,
      subject: type.startsWith("org.") ? null : subject,
      at: [ms, 0],
      parents,
      x: xOf(type, about),
    });
  };
  const xOf = (type: string, about: PinnedRef): Record<string, string | boolean | number> =>
    type === "member.endorsed"
      ? { opening: unpin(about), yes: true }
      : type === "initiative.paused"
        ? { term: 1 }
        : type === "commitment.accepted"
          ? { terms: about }
          : {};

  const claims = (): object[] => {
    const mine = { by: author.by, log: author.log, size: author.size + (random.chance(0.3) ? 1_000 : 0) };
    const others = honest.map((victim) => ({ by: partnerIdOf(victim), log: logOf(victim), size: 5_000 }));
    const invented = Array.from({ length: 5 }, () => ({
      by: author.by,
      log: toB64u(random.bytes(16)),
      size: 9,
    }));
    return [mine, ...(random.chance(0.5) ? others : []), ...(random.chance(0.3) ? invented : [])].sort(
      (a, b) => (a.log < b.log ? -1 : 1),
    );
  };
  const ownFrame = (from: number): Uint8Array =>
    from >= author.size
      ? json({ ok: false, code: "gap", size: author.size })
      : formatFrame(author.frame(from, from === 0 ? 1 : Math.min(author.size, from + limits.batchEntries)));

  /** What it says when it is asked. */
  const answer = (op: string, question: string): Uint8Array => {
    if (random.chance(0.1)) return toBytes("not an answer");
    switch (op) {
      case "hello":
        return json({
          ok: true,
          protocol: protocolVersion,
          capabilities: [],
          limits: { frameBytes: 1, rangeEntries: 1, replyBytes: 1 },
          now: scheduler.now + random.below(1_000_000),
          heads: claims(),
        });
      case "sync.heads":
        return json({ ok: true, heads: claims() });
      case "sync.range": {
        const { log, from } = JSON.parse(question) as { log: string; from: number };
        if (log === author.log && random.chance(0.7)) return ownFrame(from);
        return random.chance(0.5) ? json({ ok: false, code: "busy", retryAfterMs: 5_000 }) : altered();
      }
      case "payload.get":
        return json({ ok: true, payloads: [] });
      default:
        return json({ ok: true, lacking: 9, size: 0, accepted: 0 });
    }
  };
  const altered = (): Uint8Array => {
    const frame = overheard.length === 0 ? ownFrame(0) : random.pick(overheard);
    const bytes = Uint8Array.from(frame);
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  };

  const call = async (bus: Bus, op: string, data: Uint8Array): Promise<Uint8Array> =>
    (await bus.request(wireSubjects.call(op), data, { timeoutMs, headers: versionHeader })).data;
  const busOf = (server: Server): Bus | null => {
    const known = buses.get(server.machine);
    if (known?.status === "connected") return known;
    try {
      const account = accountOf({ host: server.machine, dialer: name });
      const bus = server.connect({ life, account, from: name });
      bus.subscribe(wireSubjects.ask(account), async ({ data }) => {
        const { rid, op, q } = Ask.parse(JSON.parse(new TextDecoder().decode(data)));
        author = shown.get(server.machine) ?? first;
        if (!isSilent) await call(bus, `answer.${rid}`, answer(op, q));
      });
      bus.subscribe(wireSubjects.liveOf(net), ({ data }) => {
        hear(data);
      });
      buses.set(server.machine, bus);
      return bus;
    } catch {
      // The host is down, or does not know the account yet.
      return null;
    }
  };

  /** From here on it writes two histories: one for some hosts, one for the others. */
  const fork = (): void => {
    if (second !== null) return;
    second = createAuthor(net, name, { log: logOf(name), version: 2 });
    for (let seq = 1; seq < first.size; seq += 1) second.write(first.header(seq));
    for (const host of honest) shown.set(host, random.chance(0.5) ? first : second);
  };

  const deeds: Readonly<Record<string, (bus: Bus) => Promise<unknown>>> = {
    greets: (bus) =>
      call(
        bus,
        "hello",
        json({
          protocols: [protocolVersion],
          capabilities: [],
          net,
          now: scheduler.now,
          heads: claims().slice(0, 8),
        }),
      ),
    writes: async (bus) => {
      writeSomething();
      return call(bus, "sync.push", ownFrame(Math.max(0, author.size - 1 - random.below(3))));
    },
    "keeps back": async () => {
      writeSomething();
    },
    alters: (bus) => call(bus, "sync.push", altered()),
    replays: (bus) => call(bus, "sync.push", overheard.length === 0 ? ownFrame(0) : random.pick(overheard)),
    claims: (bus) => call(bus, "sync.nudge", json({ net, heads: claims() })),
    floods: (bus) =>
      Promise.all(Array.from({ length: 120 }, () => call(bus, "sync.heads", json({ net, limit: 512 })))),
    listens: async (bus) => {
      const log = logOf(random.pick(honest));
      const got = await call(bus, "sync.range", json({ net, log, from: random.below(4), limit: 8 }));
      hear(got);
    },
    "brings wrong texts": (bus) =>
      call(
        bus,
        "payload.push",
        json({
          net,
          payloads: [
            {
              ref: refOf(logOf(random.pick(honest)), 1 + random.below(6)),
              salt: toB64u(random.bytes(32)),
              body: toB64u(toBytes("{}")),
            },
          ],
        }),
      ),
    "falls silent": async () => {
      isSilent = !isSilent;
    },
  };

  return {
    act: () => {
      const host = random.pick(deps.hosts);
      author = shown.get(host.machine) ?? first;
      const bus = busOf(host);
      const deed = random.chance(0.4) ? "writes" : random.pick(Object.keys(deeds));
      if (isForker && random.chance(0.5)) fork();
      if (bus === null || life.isOver) return;
      count(`liar ${deed}`);
      // What it is answered does not matter to it.
      deeds[deed]?.(bus).catch(() => {});
    },
    end: () => life.end(),
  };
}
