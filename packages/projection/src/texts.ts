/**
 * What people wrote: fetched from the ledger when somebody asks, kept in a bounded cache, never needed for any state.
 *
 * Texts that are not at this node, or that the ledger cannot be asked for just now, are "not here yet"; a read goes on.
 */

import type { PayloadsReply } from "@handfast/api/messages/ledger";
import type { Texts as TextState } from "@handfast/api/views/named";
import type { Logger } from "@handfast/bus/logger";
import { fromB64u, fromUtf8 } from "@handfast/protocol/bytes";
import type { Json } from "@handfast/protocol/canonical";
import type { Ref } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import type { z } from "zod";
import type { Arrivals } from "./arrivals.ts";

export type Body = { readonly [key: string]: Json };
export type Text =
  | { readonly state: "here"; readonly body: Body }
  | { readonly state: Exclude<TextState, "here">; readonly body: null };

type Answer = z.infer<typeof PayloadsReply>["payloads"][number];

export interface Texts {
  /** Fetches those that are not in the cache, in as few questions as fit on the bus. Resolves in any case. */
  load(refs: Iterable<Ref>): Promise<void>;
  /** What is known after a `load`. */
  of(ref: Ref): Text;
  /** Whether this node holds the texts; undefined where that was not asked yet. An entry without texts is held. */
  isHeld(ref: Ref): boolean | undefined;
}

/** Characters of bodies that stay in memory. */
const cacheCharacters = 32 * 1024 * 1024;
/** Of bodies asked for at once: quoted as JSON they still fit into one message. */
const askedBytes = 384 * 1024;
/** Answers other than a body: a text that comes later is seen at the next asking. */
const absentKept = 4_096;

export function createTexts(ledger: LedgerClient, arrivals: Arrivals, logger?: Logger): Texts {
  const held = new Map<Ref, { readonly body: Body; readonly size: number }>();
  const absent = new Map<Ref, Exclude<TextState, "here" | "none">>();
  let size = 0;

  const keep = (ref: Ref, encoded: string): void => {
    const text = fromUtf8(fromB64u(encoded) ?? new Uint8Array()) ?? "null";
    const read: unknown = JSON.parse(text);
    // Its author may have put anything there that hashes right; what is no object says nothing.
    const body = typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Body) : {};
    absent.delete(ref);
    held.set(ref, { body, size: text.length });
    size += text.length;
    // Maps remember the order of setting, so the first is the one least lately used.
    for (const [oldest, one] of held) {
      if (size <= cacheCharacters) break;
      held.delete(oldest);
      size -= one.size;
    }
  };
  const miss = (ref: Ref, state: Exclude<TextState, "here" | "none">): void => {
    absent.set(ref, state);
    for (const oldest of absent.keys()) {
      if (absent.size <= absentKept) break;
      absent.delete(oldest);
    }
  };
  const take = (answer: Answer): void => {
    if ("body" in answer) keep(answer.ref, answer.body);
    else miss(answer.ref, asState[answer.state]);
  };

  /** The ledger answers for as many as fit into one message, from the first on. */
  const ask = async (asked: readonly Ref[]): Promise<void> => {
    for (let rest = [...asked]; rest.length > 0; ) {
      const { payloads } = await ledger.payloads({ refs: rest });
      for (const answer of payloads) take(answer);
      if (payloads.length === 0) throw new Error("the ledger answered for none of them");
      rest = rest.slice(payloads.length);
    }
  };

  return {
    load: async (refs) => {
      const wanted: { readonly ref: Ref; readonly bytes: number }[] = [];
      for (const ref of new Set(refs)) {
        const known = held.get(ref);
        const bytes = arrivals.of(ref)?.payloadBytes ?? null;
        if (known !== undefined) {
          held.delete(ref);
          held.set(ref, known);
        } else if (bytes !== null) wanted.push({ ref, bytes });
      }
      for (const asked of portions(wanted)) {
        try {
          await ask(asked);
        } catch (err) {
          logger?.warn({ event: "texts.not-fetched", count: asked.length, err });
          for (const ref of asked) miss(ref, "not here yet");
        }
      }
    },
    of: (ref) => {
      const body = held.get(ref)?.body;
      if (body !== undefined) return { state: "here", body };
      const bytes = arrivals.of(ref)?.payloadBytes;
      return { state: bytes === null ? "none" : (absent.get(ref) ?? "not here yet"), body: null };
    },
    isHeld: (ref) => {
      const arrival = arrivals.of(ref);
      if (arrival === undefined) return false;
      if (arrival.payloadBytes === null || held.has(ref)) return true;
      return absent.has(ref) ? false : undefined;
    },
  };
}

const asState = {
  withheld: "withheld",
  redacted: "redacted",
  "not-held": "not here yet",
  unknown: "not here yet",
} as const;

/** Refs in portions that fit into one question and its answer into one message. */
function* portions(wanted: readonly { readonly ref: Ref; readonly bytes: number }[]): Generator<Ref[]> {
  let portion: Ref[] = [];
  let bytes = 0;
  for (const one of wanted) {
    if (portion.length > 0 && (portion.length >= limits.payloadRefs || bytes + one.bytes > askedBytes)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(one.ref);
    bytes += one.bytes;
  }
  if (portion.length > 0) yield portion;
}
