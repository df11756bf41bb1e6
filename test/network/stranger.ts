/**
 * A peer that follows the protocol only as far as it likes: real keys, a real link, no node. It can send whatever it makes up,
 * which is what a hostile partner can do.
 */
import { randomBytes } from "node:crypto";
import type { Bus } from "@handfast/bus/bus";
import { openBus } from "@handfast/bus/connect";
import { createUserKey } from "@handfast/nats-operator/keys";
import { lobbyInboxPrefix } from "@handfast/nats-operator/subjects";
import { fromUtf8, toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import {
  Ask,
  Grant,
  invitationHash,
  type Join,
  parseInvitation,
  statementMessage,
  unsignedText,
  versionHeader,
} from "@handfast/protocol/federation";
import { formatFrame } from "@handfast/protocol/frame";
import { encodeHeader, type Header } from "@handfast/protocol/header";
import { type LogId, type NetworkId, type PartnerId, toMultikey } from "@handfast/protocol/ids";
import { wireSubjects } from "@handfast/protocol/subjects";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash, emptyRange, rootOf } from "@handfast/tlog/compact-range";
import { formatNote } from "@handfast/tlog/note";
import { generateKey, type KeyPair } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";

import type { Vote } from "./network.ts";

export interface Stranger extends AsyncDisposable {
  readonly partner: PartnerId;
  readonly log: LogId;
  readonly root: KeyPair;
  /** Its log key, and another one that nobody ever named. */
  readonly key: KeyPair;
  readonly foreignKey: KeyPair;
  /** Header bytes of its log, entry 0 included. */
  readonly lines: readonly Uint8Array[];
  /** One more entry of its log, as bytes. */
  write(over?: Partial<Header>): Uint8Array;
  /** One more entry: its word as a member, after votes that are enough. */
  attest(votes: readonly Vote[]): Uint8Array;
  /** A frame over `lines[from, to)`, or over other lines, signed by whom one likes. */
  frame(
    from: number,
    to: number,
    over?: { readonly lines?: readonly Uint8Array[]; readonly by?: KeyPair },
  ): Uint8Array;
  call(op: string, data: Uint8Array | object, version?: string): Promise<unknown>;
  /** How it answers what it is asked; a no to everything, until it is set. */
  answer: (op: string, asked: Record<string, unknown>) => Uint8Array | object;
}

const timeoutMs = 5_000;

/**
 * Joins through an invitation, as a newcomer of good standing.
 *
 * @param same One that joined elsewhere before: this is its link with another partner.
 */
export async function inviteStranger(invitation: string, same?: Stranger): Promise<Stranger> {
  const parsed = parseInvitation(invitation);
  if (!parsed.ok) throw new Error(parsed.detail);
  const { net, lobby, endpoints, caPem, charter } = parsed.value;
  const version = charter.includes('"headers":2') ? 2 : 1;
  const root = same?.root ?? generateKey();
  const key = same?.key ?? generateKey();
  const foreignKey = generateKey();
  const partner = toMultikey(root.publicKey.bytes);
  const log = same?.log ?? toB64u(randomBytes(16));
  const lines = [...(same?.lines ?? [])];

  const write: Stranger["write"] = (over = {}) => {
    const seq = lines.length;
    const last = lines.at(-1);
    const prev = version === 2 && last !== undefined ? { prev: toB64u(leafHash(last)) } : {};
    const line = encodeHeader({ ...headerOf(net, partner, log, seq), v: version, ...prev, ...over });
    lines.push(line);
    return line;
  };
  const frame: Stranger["frame"] = (from, to, over = {}) => {
    const all = over.lines ?? lines;
    const range = emptyRange();
    for (const line of all.slice(0, to)) appendLeafHash(range, leafHash(line));
    const origin = `handfast/v1/${net}/${partner}/${log}`;
    const note = formatNote(signCheckpoint({ origin, size: to, root: rootOf(range) }, over.by ?? key));
    return formatFrame({ net, log, from, to, headers: all.slice(from, to), proof: [], note });
  };
  const open = (): Uint8Array =>
    write({
      type: "log.opened",
      x: {
        root: partner,
        keys: [toMultikey(key.publicKey.bytes)],
        witness: toMultikey(generateKey().publicKey.bytes),
        next: toB64u(randomBytes(32)),
        name: "Stranger",
      },
    });
  if (same === undefined) open();

  const user = createUserKey();
  const unsigned = {
    v: 1 as const,
    net,
    invitation: invitationHash(lobby.token),
    opened: fromUtf8(frame(0, 1, { by: root })) ?? "",
    userKey: user.user,
  };
  const sig = toB64u(key.sign(statementMessage("join", unsignedText(unsigned))));
  const join: Join = { ...unsigned, sig };
  const grant = await askLobby(parsed.value, toBytes(canonicalText(join as unknown as Json)));
  const bus = await openBus({
    servers: endpoints,
    caPem,
    credentials: { jwt: grant.jwt, seed: user.seed },
    name: "stranger",
  });
  bus.subscribe(wireSubjects.ask(grant.account), async ({ data }) => {
    const { rid, op, q } = Ask.parse(JSON.parse(fromUtf8(data) ?? ""));
    await call(bus, `answer.${rid}`, stranger.answer(op, JSON.parse(q)), versionHeader["Hf-V"]);
  });
  const stranger: Stranger = {
    answer: () => ({ ok: false, code: "unknown-op" }),
    partner,
    log,
    root,
    key,
    foreignKey,
    lines,
    write,
    attest: (votes) =>
      write({
        type: "charter.attested",
        subject: votes[0]?.sponsorship ?? null,
        parents: votes.map(({ vote }) => vote).sort(),
        x: { charter: net },
      }),
    frame,
    call: (op, data, version = versionHeader["Hf-V"]) => call(bus, op, data, version),
    [Symbol.asyncDispose]: () => bus.drain(),
  };
  return stranger;
}

/** Answers for its own log as an honest node would: with its head, and with ranges under a checkpoint. */
export const servesItsLog =
  (stranger: Stranger): Stranger["answer"] =>
  (op, asked) => {
    const { lines, log, partner: by, frame } = stranger;
    const size = lines.length;
    if (op === "hello") return { ok: false, code: "unknown-op" };
    if (op === "sync.heads") return { ok: true, heads: [{ by, log, size }] };
    if (op !== "sync.range" || asked["log"] !== log) return { ok: false, code: "unknown-op" };
    const from = Number(asked["from"]);
    return frame(from, Math.min(size, from + Number(asked["limit"])));
  };

const headerOf = (net: NetworkId, by: PartnerId, log: LogId, seq: number): Header => ({
  v: 1,
  net,
  by,
  log,
  seq,
  at: [Date.now(), seq],
  parents: [],
  type: "test.noted",
  subject: null,
  audience: "network",
  payload: null,
  x: {},
});

const askLobby = async (invitation: Lobby, join: Uint8Array): Promise<Grant> =>
  Grant.parse(await sendJoin(invitation, join));

type Lobby = { lobby: { jwt: string; seed: string; token: string }; endpoints: string[]; caPem: string };

/** Sends a join as the invitation's bearer; answers whatever the host does, a grant or a refusal. */
export async function sendJoin({ lobby, endpoints, caPem }: Lobby, join: Uint8Array): Promise<unknown> {
  await using bus = await openBus({
    servers: endpoints,
    caPem,
    credentials: lobby,
    name: "stranger",
    inboxPrefix: lobbyInboxPrefix(lobby.token),
  });
  const reply = await bus.request(wireSubjects.lobby(lobby.token), join, { timeoutMs });
  return JSON.parse(fromUtf8(reply.data) ?? "");
}

/** The parsed answer, or the text of a frame. */
async function call(bus: Bus, op: string, data: Uint8Array | object, version: string): Promise<unknown> {
  const bytes = data instanceof Uint8Array ? data : toBytes(JSON.stringify(data));
  const reply = await bus.request(wireSubjects.call(op), bytes, { timeoutMs, headers: { "Hf-V": version } });
  const text = fromUtf8(reply.data) ?? "";
  return text.startsWith("{") ? JSON.parse(text) : text;
}
