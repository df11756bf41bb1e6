/**
 * A network with real keys and charter for invented histories, and the audit bundle of what was said in it: every hash,
 * root and signature is true (docs/reference/bundle.md).
 */
import { sha256, toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { encodeHeader } from "@handfast/protocol/header";
import { createAuthor, partnerIdOf, testCharter, testKey } from "@handfast/testkit/author";
import type { Foundation, History, Identity } from "@handfast/testkit/histories";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { readerOf, rootAt } from "@handfast/tlog/hash-reader";
import { formatNote } from "@handfast/tlog/note";
import { leafHash } from "@handfast/tlog/tree";

const names = ["Orchard", "Millrace", "Ferry", "Heron"];
/** What partners call themselves: their names, or what looks like another's, or like no name at all. */
const called: readonly (readonly string[])[] = [
  names,
  ["Orchard", "Orchard", "Orchard", "Orchard"],
  ["Orchard", "\u041erchard", "0rchard", "Orchard#abcdef"],
  ["Ferry", "Heron", "Network", "Ferry"],
];

export type Founding = {
  readonly partners: number;
  readonly founders: number;
  readonly ahead: readonly number[];
  /** Chooses keys, and with them the order of everything that has no other order. */
  readonly variant: number;
  /** The first partner goes on in a second log, and writes both. */
  readonly hasTwoLogs: boolean;
};

/** Where a history of real partners begins. */
export function signedFoundation({ partners, founders, ahead, variant, hasTwoLogs }: Founding): Foundation {
  const all = names.slice(0, partners).map((name) => `${name} ${variant}`);
  const { charter, net } = testCharter(...all.slice(0, founders));
  const calls = called[variant % called.length] ?? names;
  const identities = all.map((name, index) => identityOf(net, name, ahead[index] ?? 0, calls[index]));
  const second =
    hasTwoLogs && identities[0] !== undefined ? [secondLogOf(identities[0], calls[variant % 3])] : [];
  return {
    partners: [...identities, ...second],
    founders,
    net,
    charter,
    hashOf: (header) => toB64u(leafHash(encodeHeader(header))),
  };
}

function identityOf(net: string, name: string, aheadMs: number, call = name): Identity {
  const { log, header } = createAuthor(net, name);
  return { name, by: partnerIdOf(name), log, opened: { ...header(0).x, name: call }, aheadMs };
}

/** Partners that found a network and write so many logs each: first all first logs, then all second ones. */
export function signedLogs(partners: number, logsEach: number): Foundation {
  const half = signedFoundation({ partners, founders: partners, ahead: [], variant: 0, hasTwoLogs: false });
  const further = Array.from({ length: logsEach - 1 }, (_, nth) =>
    half.partners.map((one) => furtherLogOf(one, `${one.log} ${nth}`)),
  );
  return { ...half, partners: [...half.partners, ...further.flat()] };
}

function secondLogOf(identity: Identity, call: string | undefined): Identity {
  const further = furtherLogOf(identity, identity.log);
  return call === undefined ? further : { ...further, opened: { ...further.opened, name: call } };
}

function furtherLogOf(identity: Identity, seed: string): Identity {
  const log = toB64u(sha256(seed).subarray(0, 16));
  const previous = { log: identity.log, size: 1, root: toB64u(sha256("unknown to the fold")) };
  return { ...identity, log, opened: { ...identity.opened, previous } };
}

/** The bytes of a bundle with the whole of a history. */
export function bundleOf({ net, charter, partners, facts }: History): Uint8Array {
  const sorted = [...partners].sort((a, b) => (`${a.by} ${a.log}` < `${b.by} ${b.log}` ? -1 : 1));
  const logs = sorted.map((one) => ({ ...one, headers: headersOf(one.log) }));
  const parts: Uint8Array[] = [toBytes("handfast/bundle/v1\n")];
  const section = (kind: string, bytes: Uint8Array): void => {
    parts.push(toBytes(`${kind} ${bytes.length}\n`), bytes, toBytes("\n"));
  };
  const json = (kind: string, value: Json): void => section(kind, toBytes(canonicalText(value)));

  json("manifest", {
    v: 1,
    net,
    exportedAt: 0,
    exportedBy: sorted[0]?.by ?? "",
    software: "test",
    payloads: 0,
    logs: logs.map(({ by, log, headers }) => ({ by, log, size: headers.length })),
  });
  json("charter", charter as unknown as Json);
  for (const { name, by, log, headers } of logs) {
    const reader = readerOf(headers.map(leafHash));
    const sizes = [...new Set([1, headers.length])];
    json("log", { net, by, log, size: headers.length, checkpoints: sizes.length });
    section("entries", Buffer.concat(headers.flatMap((header) => [header, toBytes("\n")])));
    for (const size of sizes) {
      const origin = `handfast/v1/${net}/${by}/${log}`;
      const head = { origin, size, root: rootAt(reader, size) };
      const signer = testKey(`${name} ${size === 1 ? "root" : "log"}`);
      section("checkpoint", toBytes(formatNote(signCheckpoint(head, signer))));
    }
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, toBytes(`end ${Buffer.from(sha256(body)).toString("hex")}\n`)]);

  function headersOf(log: string): readonly Uint8Array[] {
    return facts.filter((fact) => fact.log === log).map((fact) => encodeHeader(fact.header));
  }
}
