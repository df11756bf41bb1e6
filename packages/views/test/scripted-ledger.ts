/**
 * A ledger that says what a test tells it to, on a real bus: for what a real one never does (entries that cannot be read, hints that get
 * lost, texts that come late). Headers are plain; who reads here trusts the ledger to have verified them.
 */

import type { HeadNotice, TextsNotice } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import type { Header } from "@handfast/protocol/header";
import { type PartnerId, type Ref, refOf } from "@handfast/protocol/ids";
import { partnerIdOf, testCharter, testEpochMs } from "@handfast/testkit/author";
import { startHomeBus } from "@handfast/testkit/nats-server";

export const network = testCharter("Orchard");
export const orchard: PartnerId = partnerIdOf("Orchard");
const log = "A".repeat(22);
const hash = "A".repeat(43);

export type Written = Partial<Pick<Header, "type" | "subject" | "x" | "parents" | "by" | "log">> & {
  readonly body?: Json;
};

export async function openScriptedLedger() {
  const home = await startHomeBus("orchard");
  const texts: string[] = [];
  const bodies = new Map<Ref, string>();
  let refusals = 0;
  let payloadQuestions = 0;
  const sizes = new Map<string, number>();

  const answer = (value: object) => toBytes(JSON.stringify(value));
  const ask = <Request>(data: Uint8Array) => JSON.parse(new TextDecoder().decode(data)) as Request;
  const entryAt = (position: number) => ({ position, header: texts[position - 1] ?? "", hash, past: {} });
  await home.bus.serve({
    name: "ledger",
    version: "1.0.0",
    endpoints: [
      {
        name: "read",
        subject: subjects.service("ledger", "read"),
        handler: async (data) => {
          if (refusals-- > 0) return { failure: { code: "busy", status: 503 } };
          const { after, limit } = ask<{ after: number; limit: number }>(data);
          // Pages of three, so that a handful of entries is several pages.
          const last = Math.min(texts.length, after + Math.min(limit, 3));
          const entries = Array.from({ length: Math.max(0, last - after) }, (_, index) =>
            entryAt(after + index + 1),
          );
          return answer({ entries, head: texts.length });
        },
      },
      {
        name: "payloads",
        subject: subjects.service("ledger", "payloads"),
        handler: async (data) => {
          payloadQuestions += 1;
          const { refs } = ask<{ refs: Ref[] }>(data);
          const of = (ref: Ref) => {
            const body = bodies.get(ref);
            return body === undefined
              ? { ref, state: "not-held" }
              : { ref, salt: hash, body: toB64u(toBytes(body)) };
          };
          // Two at a time: as many as "fit" into one message.
          return answer({ payloads: refs.slice(0, 2).map(of) });
        },
      },
    ],
  });

  return {
    bus: await home.connect("reader"),
    get payloadQuestions() {
      return payloadQuestions;
    },
    /** Writes an entry, without telling anybody. */
    write: (written: Written): Ref => {
      const author = { by: orchard, log, ...written };
      const seq = sizes.get(author.log) ?? 0;
      sizes.set(author.log, seq + 1);
      const { type = "challenge.shared", subject = null, x = {}, parents = [], body } = written;
      const payload = body === undefined ? null : { hash, size: canonicalText(body).length };
      const at = [testEpochMs + texts.length, 0];
      const header = {
        v: 1,
        net: network.net,
        by: author.by,
        log: author.log,
        seq,
        at,
        parents,
        type,
        subject,
        audience: "network",
        payload,
        x,
      };
      texts.push(JSON.stringify(header));
      const ref = refOf(author.log, seq);
      if (body !== undefined) bodies.set(ref, canonicalText(body));
      return ref;
    },
    /** As the ledger hands it out. */
    entryAt,
    /** Text that is not a header, in an entry's place. */
    writeRaw: (text: string): void => void texts.push(text),
    hint: (): void => {
      const notice: HeadNotice = { position: texts.length, isOwn: true };
      home.bus.publish(subjects.headNotice, answer(notice));
    },
    /** The texts of an entry are not here until they are given back, of which the reader is told. */
    withhold: (ref: Ref): (() => void) => {
      const body = bodies.get(ref) ?? "{}";
      bodies.delete(ref);
      return () => {
        bodies.set(ref, body);
        const notice: TextsNotice = { refs: [ref] };
        home.bus.publish(subjects.textsNotice, answer(notice));
      };
    },
    failReads: (count: number): void => {
      refusals = count;
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

/** What begins every log here: its opening, and the founder's attestation. */
export const opening: readonly Written[] = [
  {
    type: "log.opened",
    x: { root: orchard, keys: [orchard], witness: orchard, next: hash, name: "Orchard" },
  },
  { type: "charter.attested", x: { charter: network.net } },
];
