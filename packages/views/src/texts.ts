/** What people wrote, as the file holds it: kept by the entry it belongs to, so that forgetting it is deleting one row. */
import type { DatabaseSync } from "node:sqlite";
import type { PayloadAnswer } from "@handfast/api/messages/ledger";
import { fromB64u, fromUtf8 } from "@handfast/protocol/bytes";
import type { Json } from "@handfast/protocol/canonical";
import type { Ref } from "@handfast/protocol/ids";
import type { StoredFacts } from "./stored-facts.ts";
import type { Text } from "./views/reading.ts";

export interface StoredTexts {
  of(ref: Ref): Text;
  ofPosition(position: number, payloadBytes: number | null): Text;
  /** Whether this node holds the texts of an entry. An entry without texts is held. */
  isHeld(ref: Ref): boolean;
}

export function openStoredTexts(database: DatabaseSync, facts: StoredFacts): StoredTexts {
  const read = database.prepare("SELECT state, body FROM texts WHERE position = ?");
  const ofPosition = (position: number, payloadBytes: number | null): Text => {
    if (payloadBytes === null) return { state: "none", body: null };
    const row = read.get(position) as
      | { state: "here" | "withheld" | "redacted"; body: string | null }
      | undefined;
    if (row === undefined) return { state: "not here yet", body: null };
    return { state: row.state, body: row.body === null ? null : (JSON.parse(row.body) as Text["body"]) };
  };
  const of = (ref: Ref): Text => {
    const entry = facts.entry(ref);
    return entry === undefined
      ? { state: "not here yet", body: null }
      : ofPosition(entry.position, entry.payloadBytes);
  };
  return {
    of,
    ofPosition,
    isHeld: (ref) => {
      const { state } = of(ref);
      return state === "here" || state === "none";
    },
  };
}

export interface TextWriter {
  /** Notes that an entry has texts that are not here. */
  await(position: number): void;
  /** Entries whose texts may come, after a position, oldest first. */
  awaited(after: number, limit: number): readonly { readonly position: number; readonly ref: Ref }[];
  /** Takes the ledger's answer. True: what a reader is shown changed. */
  keep(position: number, answer: PayloadAnswer): boolean;
  /** Takes what this node's own partner has just written. */
  keepBody(position: number, body: { readonly [member: string]: Json }): void;
}

export function createTextWriter(database: DatabaseSync, facts: StoredFacts): TextWriter {
  const put = database.prepare(
    `INSERT INTO texts (position, state, body) VALUES (?, ?, ?)
     ON CONFLICT (position) DO UPDATE SET state = excluded.state, body = excluded.body`,
  );
  const stateOf = database.prepare("SELECT state FROM texts WHERE position = ?");
  const addAwaited = database.prepare(
    "INSERT INTO awaited_texts (position) VALUES (?) ON CONFLICT DO NOTHING",
  );
  const dropAwaited = database.prepare("DELETE FROM awaited_texts WHERE position = ?");
  const awaited = database.prepare(
    "SELECT position FROM awaited_texts WHERE position > ? ORDER BY position LIMIT ?",
  );
  return {
    await: (position) => {
      addAwaited.run(position);
    },
    awaited: (after, limit) =>
      (awaited.all(after, limit) as { position: number }[]).flatMap(({ position }) => {
        const entry = facts.entryAt(position);
        return entry === undefined ? [] : [{ position, ref: entry.fact.ref }];
      }),
    keep: (position, answer) => {
      if ("body" in answer) {
        put.run(position, "here", bodyIn(answer.body));
        dropAwaited.run(position);
        return true;
      }
      // Withheld texts may be given later; redacted ones never come back.
      if (answer.state === "redacted") dropAwaited.run(position);
      if (answer.state !== "redacted" && answer.state !== "withheld") return false;
      const before = stateOf.get(position) as { state: string } | undefined;
      if (before?.state === answer.state) return false;
      put.run(position, answer.state, null);
      return true;
    },
    keepBody: (position, body) => {
      put.run(position, "here", JSON.stringify(body));
      dropAwaited.run(position);
    },
  };
}

/** Its author may have put anything there that hashes right; what is not an object says nothing. */
function bodyIn(encoded: string): string {
  const text = fromUtf8(fromB64u(encoded) ?? new Uint8Array()) ?? "null";
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? text : "{}";
}
