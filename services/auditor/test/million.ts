/**
 * Test only: writes a large bundle of plausible history, every byte and signature of it true, to measure an audit by.
 * `node services/auditor/test/million.ts FILE [ENTRIES] [PARTNERS]`
 */
import { createHash, hash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import {
  canonical,
  createWorld,
  originOf,
  type Partner,
  signNote,
  type World,
  type Written,
} from "./bundle-writer.ts";

const batch = 64;

/** Writes the history of a network, in rounds: pledges to initiatives, revised and claimed, help asked and given. */
function live(world: World, partners: readonly Partner[], count: number): void {
  let written = 0;
  const last = new Map<Partner, Written>();
  const act: World["act"] = (by, type, rest) => {
    const entry = world.act(by, type, rest);
    last.set(by, entry);
    written++;
    return entry;
  };
  const started = new Set<Partner>();
  for (let round = 0; written < count; round++) {
    const one = partners[round % partners.length] as Partner;
    const other = partners[(round * 7 + 1) % partners.length] as Partner;
    if (one === other) continue;
    const seen = started.size > 0 ? [...last.values()].slice(0, 3) : [];
    started.add(one);
    const due = `2027-0${1 + (round % 9)}-11`;
    const initiative = act(one, "initiative.proposed", { after: seen, x: { externalId: `item-${round}` } });
    act(other, "initiative.joined", { subject: initiative, after: [initiative] });
    act(one, "initiative.adopted", { subject: initiative, x: { term: 1 } });
    const pledge = act(one, "commitment.pledged", {
      x: {
        debtor: one.id,
        beneficiaries: [initiative.ref],
        due,
        seat: { initiative: initiative.ref, term: 1 },
        occurredAt: 1_700_000_000_000 + round,
      },
    });
    act(one, "commitment.revision-proposed", {
      subject: pledge,
      x: { base: pledge.pinned, due: "2027-12-31" },
    });
    for (const status of ["in progress", "in review", "done"]) {
      act(one, "initiative.status-noted", { subject: initiative, x: { term: 1, externalStatus: status } });
    }
    act(one, "commitment.claimed", { subject: pledge });
    const asked = act(other, "commitment.requested", {
      after: [pledge],
      x: { debtor: one.id, beneficiaries: [other.id], due },
    });
    const agreed = act(one, "commitment.accepted", {
      subject: asked,
      after: [asked],
      x: { terms: asked.pinned },
    });
    for (let step = 0; step < 4; step++)
      act(one, "commitment.progressed", { subject: asked, x: { part: 20 * step + 10 } });
    const claimed = act(one, "commitment.claimed", { subject: asked });
    act(other, "commitment.confirmed", { subject: asked, after: [agreed, claimed], x: { as: "full" } });
  }
}

/** Streams the bundle of `world`, a checkpoint every 64 entries. */
function write(world: World, path: string): void {
  const file = openSync(path, "w");
  const digest = createHash("sha256");
  const put = (bytes: Buffer) => {
    digest.update(bytes);
    writeSync(file, bytes);
  };
  const section = (kind: string, bytes: Buffer) =>
    put(Buffer.concat([Buffer.from(`${kind} ${bytes.length}\n`), bytes, Buffer.from("\n")]));
  const partners = [...world.partners].sort((a, b) => (a.id < b.id ? -1 : 1));
  const logs = partners.map(({ id, log, entries }) => ({ by: id, log, size: entries.length }));
  put(Buffer.from("handfast/bundle/v1\n"));
  const exportedBy = String(partners[0]?.id);
  const facts = { v: 1, net: world.net, exportedAt: 1, exportedBy, software: "test", payloads: 0, logs };
  section("manifest", Buffer.from(canonical(facts)));
  section("charter", world.charter);
  for (const partner of partners) {
    const size = partner.entries.length;
    const sizes = [1];
    for (let at = batch; at < size; at += batch) sizes.push(at);
    sizes.push(size);
    const { id: by, log } = partner;
    section("log", Buffer.from(canonical({ by, log, net: world.net, size, checkpoints: sizes.length })));
    for (let start = 0; start < size; start += 4000) {
      const headers = partner.entries
        .slice(start, start + 4000)
        .flatMap(({ bytes }) => [bytes, Buffer.from("\n")]);
      section("entries", Buffer.concat(headers));
    }
    const origin = originOf(world.net, partner);
    const peaks: { hash: Buffer; size: number }[] = [];
    let done = 0;
    for (const at of sizes) {
      for (; done < at; done++) push(peaks, partner.leaves[done] as Buffer);
      const root = peaks.reduceRight((right, left) => ({ hash: node(left.hash, right.hash), size: 0 })).hash;
      section(
        "checkpoint",
        Buffer.from(signNote(origin, at, root, [at === 1 ? partner.root : partner.logKey])),
      );
    }
  }
  writeSync(file, `end ${digest.digest("hex")}\n`);
  closeSync(file);
}

function node(left: Buffer, right: Buffer): Buffer {
  return hash("sha256", Buffer.concat([Buffer.of(1), left, right]), "buffer");
}

function push(peaks: { hash: Buffer; size: number }[], leaf: Buffer): void {
  let top = { hash: leaf, size: 1 };
  while (peaks.at(-1)?.size === top.size) {
    const left = peaks.pop() as { hash: Buffer; size: number };
    top = { hash: node(left.hash, top.hash), size: 2 * top.size };
  }
  peaks.push(top);
}

const [path, count = "1000000", width = "8"] = process.argv.slice(2);
if (path === undefined) throw new Error("name the file to write");
const names = Array.from({ length: Number(width) }, (_unused, index) => `partner-${index}`);
const world = createWorld(...names);
live(
  world,
  names.map((name) => world.founder(name)),
  Number(count),
);
write(world, path);
