/**
 * A network with real keys and charter for invented histories, and the audit bundle of what was said in it: every hash,
 * root and signature is true (docs/reference/bundle.md).
 */

import { logOf } from "@handfast/domain/fact";
import { sha256, toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { encodeHeader, type Header } from "@handfast/protocol/header";
import { type LineId, toMultikey } from "@handfast/protocol/ids";
import { createAuthor, partnerIdOf, testCharter, testKey } from "@handfast/testkit/author";
import type { Foundation, History, Identity } from "@handfast/testkit/histories";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { readerOf, rootAt } from "@handfast/tlog/hash-reader";
import { formatNote } from "@handfast/tlog/note";
import { publicKeyBytes } from "@handfast/tlog/signer";
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
};

/** Where a history of real partners begins. */
export function signedFoundation({ partners, founders, ahead, variant }: Founding): Foundation {
  const all = names.slice(0, partners).map((name) => `${name} ${variant}`);
  const { charter, net } = testCharter(...all.slice(0, founders));
  const calls = called[variant % called.length] ?? names;
  const identities = all.map((name, index) => identityOf(net, name, ahead[index] ?? 0, calls[index]));
  return {
    partners: identities,
    founders,
    net,
    charter,
    nextRootOf: ({ name }) => ({ root: multikeyOf(`${name} next`), next: "B".repeat(42).concat("A") }),
    hashOf: (header) => toB64u(leafHash(encodeHeader(header))),
    rootOf: (headers) => toB64u(rootOf(headers)),
    proofOf: (one, other, { name, by, log }) => {
      const origin = `handfast/v1/${net}/${by}/${log}`;
      const signed = [one, other].map((headers) => {
        const head = { origin, size: headers.length, root: rootOf(headers) };
        const [line] = signCheckpoint(head, testKey(`${name} log`)).signatures;
        const signature = Buffer.concat([
          Buffer.from(line?.id ?? "", "hex"),
          line?.signature ?? new Uint8Array(),
        ]);
        return { size: headers.length, root: toB64u(head.root), signature: toB64u(signature) };
      });
      return { log, checkpoints: signed, consistency: [] };
    },
  };
}

function identityOf(net: string, name: string, aheadMs: number, call = name): Identity {
  const { log, header } = createAuthor(net, name);
  return { name, by: partnerIdOf(name), log, opened: { ...header(0).x, name: call }, aheadMs };
}

const multikeyOf = (key: string): string => toMultikey(publicKeyBytes(testKey(key)));

/** Whose key signs the control checkpoint of an opening. */
function openerOf(bytes: Uint8Array | undefined, name: string): "root" | "next" | "log" {
  const { x } = JSON.parse(new TextDecoder().decode(bytes)) as {
    x: { root: string; previous?: { signed?: string } };
  };
  if (x.previous?.signed !== undefined) return "log";
  return x.root === multikeyOf(`${name} next`) ? "next" : "root";
}

const rootOf = (headers: readonly Header[]): Uint8Array =>
  rootAt(readerOf(headers.map((header) => leafHash(encodeHeader(header)))), headers.length);

/** A log or a branch of it, as a bundle lays it out. */
type Line = {
  readonly name: string;
  readonly line: LineId;
  readonly from: number;
  readonly headers: readonly Uint8Array[];
};

/** The bytes of a bundle with the whole of a history. */
export function bundleOf(history: History): Uint8Array {
  const { net, charter, partners, facts } = history;
  const sorted = partners
    .filter(({ parts }) => parts === undefined)
    .sort((a, b) => (`${a.by} ${a.log}` < `${b.by} ${b.log}` ? -1 : 1));
  const logs = sorted.map((one) => ({ ...one, lines: linesOf(one) }));
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
    logs: logs.map(({ by, log, lines: [main, ...branches] }) => ({
      by,
      log,
      size: main?.headers.length ?? 0,
      ...(branches.length === 0
        ? {}
        : {
            branches: branches.map((branch) => ({
              from: branch.from,
              of: besideOf(branch, [main as Line, ...branches]),
              size: branch.headers.length,
            })),
          }),
    })),
  });
  json("charter", charter as unknown as Json);
  for (const { by, log, lines } of logs) {
    for (const [number, { name, from, headers }] of lines.entries()) {
      const reader = readerOf(headers.map(leafHash));
      const size = headers.length;
      const sizes = number > 0 ? [size] : [...new Set([1, size])];
      const about = { net, by, log, size, checkpoints: sizes.length };
      if (number === 0) json("log", about);
      else json("branch", { ...about, branch: number, from, of: besideOf(lines[number] as Line, lines) });
      section("entries", Buffer.concat(headers.slice(from).flatMap((header) => [header, toBytes("\n")])));
      for (const at of sizes) {
        const head = { origin: `handfast/v1/${net}/${by}/${log}`, size: at, root: rootAt(reader, at) };
        const signer = testKey(`${name} ${at === 1 ? openerOf(headers[0], name) : "log"}`);
        section("checkpoint", toBytes(formatNote(signCheckpoint(head, signer))));
      }
    }
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, toBytes(`end ${Buffer.from(sha256(body)).toString("hex")}\n`)]);

  /** The history that was written first, then the others that were written at all. */
  function linesOf({ log, name }: Identity): readonly Line[] {
    const found = [...new Set(facts.filter((fact) => logOf(fact) === log).map((fact) => fact.log))];
    return found
      .sort((a, b) => (a === log ? -1 : b === log ? 1 : 0))
      .map((line) => {
        const own = facts.filter((fact) => fact.log === line);
        const from = own[0]?.seq ?? 0;
        const headers = history.lineOf(line).map(({ header }) => encodeHeader(header));
        return { name, line, from, headers };
      });
  }

  /** The number of the line that a branch parts from: the one that holds what is before it. */
  function besideOf({ line, from }: Line, lines: readonly Line[]): number {
    const before = history.lineOf(line)[from - 1];
    return lines.findIndex((one) => one.line === before?.log);
  }
}
