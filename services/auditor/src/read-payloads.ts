/** The texts: each must hash to what its header committed to. What the exporter did not give is counted by its reason. */
import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { isB64u } from "./b64u.ts";
import { eventTypes } from "./fold/contract.ts";
import { type Entry, entriesAt, entryAt, type Held, lineOf, none } from "./held.ts";
import { parseObject } from "./manifest.ts";
import type { Problems } from "./problem.ts";
import { parseRef, type Ref } from "./ref.ts";

export type PayloadCounts = { given: number; withheld: number; redacted: number; notHeld: number };

export type PayloadsReader = {
  readonly counts: PayloadCounts;
  read(section: Buffer): void;
  finish(): void;
};

const domain = Buffer.from("handfast/payload/v1\0");
const states: Readonly<Record<string, keyof PayloadCounts>> = {
  withheld: "withheld",
  redacted: "redacted",
  "not-held": "notHeld",
};

/** Reads the payload sections, once all entries are held. */
export function createPayloadsReader(held: Held, problems: Problems, keep: boolean): PayloadsReader {
  const counts: PayloadCounts = { given: 0, withheld: 0, redacted: 0, notHeld: 0 };
  let lines = 0;
  let before = { log: "", branch: 0, seq: -1 };

  function readLine(bytes: Buffer): string | undefined {
    lines++;
    const value = parseObject(bytes);
    if (typeof value === "string") return `payload line ${lines}: ${value}`;
    const ref = parseRef(value["ref"]);
    const index = ref === undefined ? undefined : indexOf(ref);
    if (ref === undefined || index === undefined)
      return `payload line ${lines}: names no entry of the bundle`;
    const place = `payload of ${ref.log}.${ref.seq}`;
    const { log, seq } = ref;
    const branch = held.logs[lineOf(held, index)]?.branch ?? 0;
    const isInOrder =
      log > before.log ||
      (log === before.log && (branch > before.branch || (branch === before.branch && seq > before.seq)));
    if (!isInOrder) return `${place}: out of order`;
    before = { log, branch, seq };
    const size = held.payloadSizes[index] as number;
    if (size < 0) return `${place}: the entry has none`;
    const names = Object.keys(value).join(" ");
    if (names === "ref state" && Object.hasOwn(states, String(value["state"]))) {
      counts[states[String(value["state"])] as keyof PayloadCounts]++;
      return undefined;
    }
    const { body, salt } = value;
    if (names !== "body ref salt" || typeof body !== "string" || !isB64u(salt, 32))
      return `${place}: malformed`;
    const text = Buffer.from(body);
    if (text.length !== size) return `${place}: ${text.length} bytes, where the header says ${size}`;
    const actual = hash("sha256", Buffer.concat([domain, Buffer.from(salt, "base64url"), text]), "buffer");
    if (actual.compare(held.payloadHashes, 32 * index, 32 * index + 32) !== 0) return `${place}: other bytes`;
    counts.given++;
    if (keep && isTitled(held.entries[index])) keepTitle(index, body);
    return undefined;
  }

  /** An entry of a branch is named with its hash, any other without. */
  function indexOf({ log, seq, hash: pinned }: Ref): number | undefined {
    const main = held.logIndex.get(log);
    if (main === undefined) return undefined;
    if (pinned === undefined) return entryAt(held, main, seq);
    return entriesAt(held, log, seq).find(
      (index) =>
        held.logs[lineOf(held, index)]?.branch !== 0 &&
        held.hashes.toString("base64url", 32 * index, 32 * index + 32) === pinned,
    );
  }

  function keepTitle(index: number, body: string): void {
    const title = titleOf(body);
    if (title !== undefined) held.titles.set(index, title);
  }

  return {
    counts,
    read(section) {
      if (!isUtf8(section)) return problems.add({ code: "payload", detail: "not strict UTF-8" });
      for (let start = 0; start < section.length; ) {
        const stop = section.indexOf(10, start);
        const end = stop < 0 ? section.length : stop;
        const why = stop < 0 ? "a line without its line feed" : readLine(section.subarray(start, end));
        if (why !== undefined) problems.add({ code: "payload", detail: why });
        start = end + 1;
      }
    },
    finish() {
      const due = held.payloadSizes.reduce((sum, size) => sum + (size >= 0 ? 1 : 0), 0);
      if (lines !== due) {
        problems.add({
          code: "payload",
          detail: `${lines} payload lines, where ${due} entries have a payload`,
        });
      }
      if (lines !== held.manifest.payloads) {
        problems.add({ code: "manifest", detail: `${lines} payload lines, the manifest says otherwise` });
      }
    },
  };
}

/** Whether a title is shown: of what opens a thing, and of an offer of help, in whose words a commitment may be told. */
function isTitled(entry: Entry | undefined): boolean {
  return (
    entry !== undefined &&
    eventTypes.get(entry.type)?.hasTitle === true &&
    (entry.subject === none || entry.type === "help.offered")
  );
}

/** A body that is not what bodies are has no title; its hash was right all the same. */
function titleOf(body: string): string | undefined {
  try {
    const value = JSON.parse(body) as { title?: unknown } | null;
    return typeof value?.title === "string" ? value.title : undefined;
  } catch {
    return undefined;
  }
}
