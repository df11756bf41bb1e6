/** The small network that all vectors speak of: two partners, one promise that is asked for, given and kept. */
import {
  anchoredProof,
  type Bytes,
  b64u,
  base64,
  canonical,
  checkpoint,
  hex,
  type Json,
  type Key,
  keyOf,
  labelled,
  leafHash,
  rootOf,
  utf8,
} from "./primitives.ts";

/** 2026-01-05T09:00:00Z, a Monday. */
const start = 1_767_603_600_000;

export type Partner = {
  readonly name: string;
  readonly root: Key;
  readonly logKey: Key;
  readonly witness: Key;
  readonly nextRoot: Key;
  /** Log id. */
  readonly log: string;
};

const partner = (name: string, first: number): Partner => ({
  name,
  root: keyOf(first),
  logKey: keyOf(first + 1),
  witness: keyOf(first + 2),
  nextRoot: keyOf(first + 3),
  log: b64u(Buffer.alloc(16, first)),
});

export const orchard = partner("Orchard", 0x11);
export const mill = partner("Mill", 0x21);

export const charter = {
  name: "Valley",
  founders: [orchard.root.multikey, mill.root.multikey].sort(),
  nonce: b64u(Buffer.alloc(16, 0x31)),
  parameters: {
    sponsors: 1,
    objectionDays: 7,
    confirmWindowDays: 14,
    disputeCloseDays: 60,
    graceDays: 2,
    noticeDays: 7,
    leadSoftCap: 3,
    ackByWorkingDays: 3,
  },
} as const;
export const charterText = canonical(charter);
export const net = b64u(labelled("handfast/charter/v1", charterText));

export type Payload = { readonly salt: Bytes; readonly body: string };

export const commitmentTo = ({ salt, body }: Payload) => ({
  hash: b64u(labelled("handfast/payload/v1", salt, body)),
  size: utf8(body).length,
});

type Entry = { readonly header: { readonly [member: string]: Json }; readonly payload: Payload | null };
type Told = {
  readonly type: string;
  readonly subject?: string | null;
  readonly parents?: readonly string[];
  readonly x?: { readonly [member: string]: Json };
  readonly body?: { readonly [member: string]: Json };
};

/** One partner's log as it grows. */
class Log {
  readonly of: Partner;
  readonly origin: string;
  readonly entries: Entry[] = [];
  readonly checkpoints: { readonly size: number; readonly keys: readonly Key[] }[] = [];

  constructor(of: Partner) {
    this.of = of;
    this.origin = `handfast/v1/${net}/${of.root.multikey}/${of.log}`;
  }

  /** Appends an entry `minute` minutes after the start and gives its pinned ref. */
  tell(minute: number, { type, subject = null, parents = [], x = {}, body }: Told): string {
    const seq = this.entries.length;
    const payload = body === undefined ? null : { salt: Buffer.alloc(32, 0x40 + seq), body: canonical(body) };
    const header = {
      v: 1,
      net,
      by: this.of.root.multikey,
      log: this.of.log,
      seq,
      at: [start + minute * 60_000, 0],
      parents: [...parents].sort(),
      type,
      subject,
      audience: "network",
      payload: payload && commitmentTo(payload),
      x,
    };
    this.entries.push({ header, payload });
    return `${this.of.log}.${seq}@${b64u(this.leaves[seq] as Bytes)}`;
  }

  /** Ends a batch. */
  commit(...keys: readonly Key[]): void {
    this.checkpoints.push({ size: this.entries.length, keys });
  }

  get lines(): readonly string[] {
    return this.entries.map(({ header }) => canonical(header));
  }

  get leaves(): readonly Bytes[] {
    return this.lines.map((line) => leafHash(utf8(line)));
  }

  noteAt(size: number): string {
    const { keys } = this.checkpoints.find((one) => one.size === size) as { keys: readonly Key[] };
    return checkpoint(this.origin, this.leaves.slice(0, size), keys);
  }

  /** A frame of the entries [from, to) under the checkpoint at `size`. */
  frame(from: number, to: number, size = to): string {
    const proof = to === size ? [] : anchoredProof(to, this.leaves.slice(0, size));
    const lines = this.lines.slice(from, to).map((line) => `${line}\n`);
    const first = `handfast/batch/v1 ${net} ${this.of.log} ${from} ${to}\n`;
    return `${first}${lines.join("")}\n${proof.map((one) => `${base64(one)}\n`).join("")}\n${this.noteAt(size)}`;
  }
}

const refOf = (pinned: string): string => pinned.slice(0, pinned.indexOf("@"));

function openingOf({ root, logKey, witness, nextRoot, name }: Partner): Told {
  const next = b64u(labelled("handfast/root/v1", nextRoot.multikey));
  const x = {
    root: root.multikey,
    keys: [logKey.multikey],
    witness: witness.multikey,
    next,
    name,
  };
  return { type: "log.opened", x };
}

export const orchardLog = new Log(orchard);
export const millLog = new Log(mill);
tellTheStory();

function tellTheStory(): void {
  orchardLog.tell(0, openingOf(orchard));
  orchardLog.commit(orchard.root);
  const orchardJoins = orchardLog.tell(1, { type: "charter.attested", x: { charter: net } });
  orchardLog.commit(orchard.logKey);

  millLog.tell(2, openingOf(mill));
  // A log key may sign beside the root.
  millLog.commit(mill.root, mill.logKey);
  millLog.tell(3, { type: "charter.attested", x: { charter: net } });
  const asked = millLog.tell(4, {
    type: "commitment.requested",
    parents: [orchardJoins],
    x: {
      debtor: orchard.root.multikey,
      beneficiaries: [mill.root.multikey],
      due: "2026-03-31",
      occurredAt: start,
      externalId: "VAL-7",
    },
    body: {
      actor: "mill-2",
      text: "Twenty crates of apples, \u201cBoskoop\u201d.\n",
      title: "Apples for the press",
    },
  });
  millLog.commit(mill.logKey);

  const commitment = refOf(asked);
  orchardLog.tell(5, {
    type: "commitment.accepted",
    subject: commitment,
    parents: [asked],
    x: { terms: asked },
    body: { actor: "orchard-1" },
  });
  orchardLog.tell(6, { type: "org.example.tree-grafted", x: { sort: "Gr\u00e4fin \u{1f34e}" } });
  const claimed = orchardLog.tell(7, {
    type: "commitment.claimed",
    subject: commitment,
    x: { part: 100 },
    body: { actor: "orchard-1", text: "Delivered." },
  });
  orchardLog.commit(orchard.logKey);

  millLog.tell(8, {
    type: "commitment.confirmed",
    subject: commitment,
    parents: [claimed],
    x: { as: "full" },
    body: { actor: "mill-2", text: "All twenty." },
  });
  millLog.commit(mill.logKey);
}

const tellKeys = ({ root, logKey, witness, nextRoot }: Partner) => ({
  rootSeed: hex(root.seed),
  logKeySeed: hex(logKey.seed),
  witnessSeed: hex(witness.seed),
  nextRootSeed: hex(nextRoot.seed),
});

/** log.json */
export const logVectors = {
  source: "made by this project; all keys and salts are one byte repeated",
  charter: charterText,
  net,
  partners: [orchard, mill].map((one) => ({
    name: one.name,
    id: one.root.multikey,
    logKey: one.logKey.multikey,
    witness: one.witness.multikey,
    ...tellKeys(one),
  })),
  logs: [orchardLog, millLog].map((log) => ({
    by: log.of.root.multikey,
    log: log.of.log,
    origin: log.origin,
    entries: log.entries.map(({ payload }, seq) => ({
      line: log.lines[seq] as string,
      leafHash: b64u(log.leaves[seq] as Bytes),
      payload: payload && { salt: hex(payload.salt), body: payload.body },
    })),
    roots: [0, ...log.entries.map((_, index) => index + 1)].map((size) =>
      hex(rootOf(log.leaves.slice(0, size))),
    ),
    checkpoints: log.checkpoints.map(({ size, keys }) => ({
      size,
      isControl: size === 1,
      signedBy: keys.map((key) => key.multikey),
      note: log.noteAt(size),
    })),
  })),
};
