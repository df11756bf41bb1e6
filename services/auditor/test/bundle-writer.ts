/**
 * Test only: bundles made from scratch. A world of partners with keys of their own, who write entries that name what
 * they have seen; `bundle` lays them out as `docs/reference/bundle.md` says, with every signature true. It shares no
 * code with the auditor, so that a mistake would have to be made twice.
 */
import { createHash, createPrivateKey, createPublicKey, hash, type KeyObject, sign } from "node:crypto";

type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };
export type X = Readonly<Record<string, Json | undefined>>;

/** RFC 8785 for what tests write. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value as X).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member as Json)}`).join(",")}}`;
}

export type Keys = { readonly private: KeyObject; readonly public: Buffer; readonly multikey: string };

/** Ed25519 keys that are the same in every run. */
export function keysOf(seed: string): Keys {
  const secret = hash("sha256", seed, "buffer");
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), secret]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = Buffer.from(String(jwk.x), "base64url");
  return { private: privateKey, public: publicKey, multikey: multikeyOf(publicKey) };
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function multikeyOf(key: Buffer): string {
  let value = BigInt(`0xed01${key.toString("hex")}`);
  let text = "";
  for (; value > 0n; value /= 58n) text = (base58[Number(value % 58n)] ?? "") + text;
  return `z${text}`;
}

/** An entry as it was written. */
export type Written = {
  readonly partner: Partner;
  readonly seq: number;
  readonly ref: string;
  readonly pinned: string;
  readonly bytes: Buffer;
  readonly at: number;
  readonly body?: { readonly text: string; readonly salt: string };
};

export type Partner = {
  /** What its log calls it. */
  readonly name: string;
  readonly root: Keys;
  readonly logKey: Keys;
  readonly id: string;
  readonly log: string;
  readonly entries: Written[];
  readonly leaves: Buffer[];
  /** Who signs the control checkpoint, where not the root. */
  readonly opener?: Keys;
  /** Of somebody who writes a second history of a log: whose, and from which entry on. */
  readonly parts?: { readonly of: Partner; readonly from: number };
};

/** What a later log says of an earlier one; what is left out is true. */
type Closing = {
  readonly log: Partner;
  readonly size: number;
  readonly root?: string;
  /** Whether a log key opens the next log; else the root. */
  readonly isByLogKey?: boolean;
};

type Act = {
  readonly subject?: Written | string | null;
  readonly x?: X;
  /** Entries of others seen before; the subject and everything named in `x` is for the test to list. */
  readonly after?: readonly Written[];
  readonly body?: Json;
  readonly at?: number;
  /** What its header says is the entry before it. Default: that which is. */
  readonly behind?: Written;
};

export type World = {
  readonly net: string;
  readonly charter: Buffer;
  readonly partners: readonly Partner[];
  act(by: Partner, type: string, act?: Act): Written;
  /** A partner that has opened its log and is nothing more. Its keys follow from `who`. */
  open(who: string, name?: string): Partner;
  /** A further log of a partner, which closes some of its logs, the one it goes on from first. */
  goOn(partner: Partner, closes: readonly Closing[], x?: X): Partner;
  /** A second history of a log, from an entry on. */
  fork(partner: Partner, from: number): Partner;
  /** The founder `who`, its log open and the charter attested. */
  founder(who: string, name?: string): Partner;
};

const epoch = Date.parse("2026-01-01T00:00:00Z");

/** A network with founders by name. Time passes by one second an entry. */
export function createWorld(...founders: readonly string[]): World {
  return createSeededWorld("", founders);
}

/** As `createWorld`; another seed gives other keys and log ids to the same people, and so another order of logs. */
export function createSeededWorld(seed: string, founders: readonly string[]): World {
  const charter = Buffer.from(
    canonical({
      ...{ name: "Test network", headers: 2 },
      founders: founders.map((name) => keysOf(`${seed}${name} root`).multikey).sort(),
      nonce: hash("sha256", "nonce", "buffer").subarray(0, 16).toString("base64url"),
      parameters: {
        ...{ ackByWorkingDays: 3, confirmWindowDays: 14, disputeCloseDays: 60, graceDays: 2, leadSoftCap: 3 },
        ...{ noticeDays: 7, objectionDays: 7, sponsors: 1 },
      },
    }),
  );
  const net = createHash("sha256").update("handfast/charter/v1\0").update(charter).digest("base64url");
  const partners: Partner[] = [];
  let clock = epoch;

  function act(
    by: Partner,
    type: string,
    { subject = null, x = {}, after = [], body, at, behind }: Act = {},
  ): Written {
    const newest = new Map<string, Written>();
    for (const seen of after) {
      const other = newest.get(seen.partner.log);
      if (seen.partner !== by && (other === undefined || other.seq < seen.seq))
        newest.set(seen.partner.log, seen);
    }
    clock = at ?? clock + 1000;
    const text = body === undefined ? undefined : canonical(body);
    const salt = hash("sha256", `${by.log} ${by.entries.length}`, "buffer");
    const payload = text === undefined ? null : payloadOf(salt, text);
    return write(
      by,
      clock,
      type,
      subject === null ? null : typeof subject === "string" ? subject : subject.ref,
      {
        parents: [...newest.values()].map(({ pinned }) => pinned).sort(),
        payload,
        x,
        ...(behind !== undefined && { behind }),
        ...(text !== undefined && { body: { text, salt: salt.toString("base64url") } }),
      },
    );
  }

  function write(
    by: Partner,
    at: number,
    type: string,
    subject: string | null,
    rest: {
      parents: string[];
      payload: Json;
      x: X;
      behind?: Written;
      body?: { text: string; salt: string };
    },
  ): Written {
    const seq = by.entries.length;
    const { parents, payload, x, behind, body } = rest;
    const last = behind?.pinned.split("@")[1] ?? by.leaves.at(-1)?.toString("base64url");
    const header = {
      ...(last !== undefined && { prev: last }),
      ...{ v: 2, net, by: by.id, log: by.log, seq, at: [at, 0], parents, type, subject },
      ...{ audience: "network", payload, x },
    };
    const bytes = Buffer.from(canonical(header));
    const leaf = hash("sha256", Buffer.concat([Buffer.of(0), bytes]), "buffer");
    const ref = `${by.log}.${seq}`;
    const pinned = `${ref}@${leaf.toString("base64url")}`;
    const written = { partner: by, seq, ref, pinned, bytes, at, ...(body !== undefined && { body }) };
    by.entries.push(written);
    by.leaves.push(leaf);
    return written;
  }

  function open(who: string, name = who): Partner {
    const root = keysOf(`${seed}${who} root`);
    const log = hash("sha256", `${seed}${who} log`, "buffer").subarray(0, 16).toString("base64url");
    const logKey = keysOf(`${seed}${who} log`);
    const partner = { name, root, logKey, id: root.multikey, log, entries: [], leaves: [] };
    partners.push(partner);
    act(partner, "log.opened", { x: openedX(partner) });
    return partner;
  }

  function goOn(partner: Partner, closes: readonly Closing[], more: X = {}): Partner {
    const { name, root, logKey, id } = partner;
    const log = hash("sha256", `${seed}${name} log ${partners.length}`, "buffer")
      .subarray(0, 16)
      .toString("base64url");
    const opener = closes[0]?.isByLogKey === true ? logKey : root;
    const later = { name, root, logKey, id, log, opener, entries: [], leaves: [] };
    partners.push(later);
    const [previous, ...also] = closes.map(({ log: closed, size, root: said, isByLogKey = false }) => ({
      log: closed.log,
      size,
      root: said ?? rootOf(closed.leaves.slice(0, size)).toString("base64url"),
      ...(isByLogKey && { signed: "log-key" }),
    }));
    const closing = { ...(previous && { previous }), ...(also.length > 0 && { also }) };
    act(later, "log.opened", { x: { ...openedX(later), ...closing, ...more } });
    return later;
  }

  function fork(partner: Partner, from: number): Partner {
    const [entries, leaves] = [partner.entries.slice(0, from), partner.leaves.slice(0, from)];
    const branch = { ...partner, entries, leaves, parts: { of: partner, from } };
    partners.push(branch);
    return branch;
  }

  return {
    net,
    charter,
    partners,
    act,
    open,
    goOn,
    fork,
    founder(who, name) {
      const partner = open(who, name);
      act(partner, "charter.attested", { x: { charter: net } });
      return partner;
    },
  };
}

/** What a partner's `log.opened` states. */
function openedX(partner: Partner): X {
  return {
    root: partner.root.multikey,
    keys: [partner.logKey.multikey],
    witness: keysOf(`${partner.name} witness`).multikey,
    next: createHash("sha256").update("handfast/root/v1\0").update(partner.name).digest("base64url"),
    name: partner.name,
  };
}

function payloadOf(salt: Buffer, text: string): Json {
  const digest = createHash("sha256")
    .update("handfast/payload/v1\0")
    .update(salt)
    .update(text)
    .digest("base64url");
  return { hash: digest, size: Buffer.byteLength(text) };
}

/** RFC 6962 section 2.1, as it is written there. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const halves = [rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split))];
  return hash("sha256", Buffer.concat([Buffer.of(1), ...halves]), "buffer");
}

export function originOf(net: string, partner: Partner): string {
  return `handfast/v1/${net}/${partner.id}/${partner.log}`;
}

/** `x` of a `fork.proven`: what its author signed of two histories, of which the first is no longer. */
export function proofOf(net: string, one: Partner, other: Partner, keys: Keys = one.logKey): X {
  const origin = originOf(net, one);
  const head = ({ leaves }: Partner) => {
    const note = checkpoint(origin, leaves, leaves.length, [keys]);
    const line = note.split(" ").at(-1) as string;
    return {
      size: leaves.length,
      root: rootOf(leaves).toString("base64url"),
      signature: Buffer.from(line, "base64").toString("base64url"),
    };
  };
  const isSame = one.leaves.length === other.leaves.length;
  const consistency = isSame ? [] : anchoredProof(other.leaves, one.leaves.length);
  return {
    log: one.log,
    checkpoints: [head(one), head(other)],
    consistency: consistency.map((hashed) => hashed.toString("base64url")),
  };
}

/** The anchored consistency proof between two sizes, as RFC 6962 section 2.1.2 defines SUBPROOF. */
export function anchoredProof(leaves: readonly Buffer[], from: number): readonly Buffer[] {
  if (from === leaves.length) return [rootOf(leaves)];
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  const [before, after] = [leaves.slice(0, left), leaves.slice(left)];
  return from <= left
    ? [...anchoredProof(before, from), rootOf(after)]
    : [...anchoredProof(after, from - left), rootOf(before)];
}

/** A checkpoint of the first `size` leaves, signed under `origin` by `keys`. */
export function checkpoint(
  origin: string,
  leaves: readonly Buffer[],
  size: number,
  keys: readonly Keys[],
): string {
  return signNote(origin, size, rootOf(leaves.slice(0, size)), keys);
}

export function signNote(origin: string, size: number, root: Buffer, keys: readonly Keys[]): string {
  const text = `${origin}\n${size}\n${root.toString("base64")}\n`;
  const lines = keys.map(({ private: key, public: bytes }) => {
    const named = Buffer.concat([Buffer.from(`${origin}\n`), Buffer.of(1), bytes]);
    const id = hash("sha256", named, "buffer").subarray(0, 4);
    const signature = sign(null, Buffer.from(text), key);
    return `— ${origin} ${Buffer.concat([id, signature]).toString("base64")}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

export type Section = { readonly kind: string; readonly bytes: Buffer };

export type BundleOptions = {
  /** Leave out logs, entries from a size on, or texts. */
  readonly size?: (partner: Partner) => number;
  readonly withhold?: (entry: Written) => "withheld" | "redacted" | "not-held" | undefined;
  readonly checkpointSizes?: (partner: Partner, size: number) => number[];
  /** The size of a last checkpoint that lies beyond the entries written; none where left out. */
  readonly beyond?: (partner: Partner) => number | undefined;
  /** Who signs the checkpoint of a size. */
  readonly signers?: (partner: Partner, size: number) => readonly Keys[];
  readonly order?: (partners: Partner[]) => Partner[];
};

/** The sections of the bundle of a world. */
export function sectionsOf(world: World, options: BundleOptions = {}): Section[] {
  const size = (partner: Partner) => options.size?.(partner) ?? partner.entries.length;
  const kept = world.partners.filter((partner) => size(partner) > 0 && partner.parts === undefined);
  const branchesOf = ({ log }: Partner) =>
    world.partners.filter((partner) => partner.log === log && partner.parts !== undefined);
  const sorted = [...kept].sort((a, b) => (`${a.id} ${a.log}` < `${b.id} ${b.log}` ? -1 : 1));
  const partners = options.order?.(sorted) ?? sorted;
  const held = partners.flatMap((partner) => partner.entries.slice(0, size(partner)));
  const texts = held
    .filter(({ body }) => body !== undefined)
    .sort((a, b) =>
      a.partner.log === b.partner.log ? a.seq - b.seq : a.partner.log < b.partner.log ? -1 : 1,
    );
  const sections: Section[] = [];
  const add = (kind: string, bytes: Buffer | string) => sections.push({ kind, bytes: Buffer.from(bytes) });
  const logs = partners.map((partner) => {
    const branches = branchesOf(partner).map((branch) => ({
      from: branch.parts?.from as number,
      of: 0,
      size: branch.entries.length,
    }));
    const claim = { by: partner.id, log: partner.log, size: size(partner) };
    return branches.length === 0 ? claim : { ...claim, branches };
  });
  const exportedBy = (partners[0] as Partner).id;
  add(
    "manifest",
    canonical({
      v: 1,
      net: world.net,
      exportedAt: epoch,
      exportedBy,
      software: "test",
      payloads: texts.length,
      logs,
    }),
  );
  add("charter", world.charter);
  for (const partner of partners) {
    const end = size(partner);
    const beyond = options.beyond?.(partner);
    const sizes =
      options.checkpointSizes?.(partner, end) ?? (end > 1 && beyond === undefined ? [1, end] : [1]);
    const checkpoints = sizes.length + (beyond === undefined ? 0 : 1);
    add("log", canonical({ by: partner.id, log: partner.log, net: world.net, size: end, checkpoints }));
    add(
      "entries",
      Buffer.concat(partner.entries.slice(0, end).flatMap(({ bytes }) => [bytes, Buffer.from("\n")])),
    );
    for (const at of sizes) {
      const signers = options.signers?.(partner, at) ?? [
        at > 1 ? partner.logKey : (partner.opener ?? partner.root),
      ];
      add("checkpoint", checkpoint(originOf(world.net, partner), partner.leaves, at, signers));
    }
    if (beyond !== undefined) {
      const proof = anchoredProof(partner.leaves.slice(0, beyond), end);
      const signers = options.signers?.(partner, beyond) ?? [partner.logKey];
      const note = checkpoint(originOf(world.net, partner), partner.leaves, beyond, signers);
      add("checkpoint", `${proof.map((one) => one.toString("base64")).join("\n")}\n\n${note}`);
    }
    for (const [index, { entries, leaves, parts }] of branchesOf(partner).entries()) {
      const from = parts?.from as number;
      const about = { by: partner.id, log: partner.log, net: world.net, size: entries.length };
      add("branch", canonical({ ...about, branch: index + 1, checkpoints: 1, from, of: 0 }));
      add("entries", Buffer.concat(entries.slice(from).flatMap(({ bytes }) => [bytes, Buffer.from("\n")])));
      const signers = [partner.logKey];
      add("checkpoint", checkpoint(originOf(world.net, partner), leaves, entries.length, signers));
    }
  }
  const lines = texts.map((entry) => {
    const state = options.withhold?.(entry);
    const { text, salt } = entry.body ?? { text: "", salt: "" };
    return `${canonical(state === undefined ? { ref: entry.ref, body: text, salt } : { ref: entry.ref, state })}\n`;
  });
  if (lines.length > 0) add("payloads", lines.join(""));
  return sections;
}

/** The file: sections one after another, and SHA-256 over them. */
export function assemble(sections: readonly Section[]): Buffer {
  const parts: Buffer[] = [Buffer.from("handfast/bundle/v1\n")];
  for (const { kind, bytes } of sections)
    parts.push(Buffer.from(`${kind} ${bytes.length}\n`), bytes, Buffer.from("\n"));
  const body = Buffer.concat(parts);
  return Buffer.concat([body, Buffer.from(`end ${hash("sha256", body, "hex")}\n`)]);
}

export function bundle(world: World, options?: BundleOptions): Buffer {
  return assemble(sectionsOf(world, options));
}
