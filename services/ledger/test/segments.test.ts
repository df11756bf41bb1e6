// Goal: what a ledger reads from its kept segments is what it would know had it never let go of anything: pasts, heads, roots and
// proofs, over several segments, logs that name each other, and restarts. Method: a long history in a folder, opened again and
// again, beside an index of all of it in memory.

import { subjectOf } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { createHeads } from "@handfast/replica/heads";
import { createPasts } from "@handfast/replica/pasts";
import { segmentEntries } from "@handfast/replica/segment";
import { createTree } from "@handfast/replica/tree";
import { createAuthor } from "@handfast/testkit/author";
import { anchoredProof } from "@handfast/tlog/proofs";
import { leafHash } from "@handfast/tlog/tree";
import { expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import type { OpenLedger } from "../src/ledger.ts";
import { append, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

const rounds = 12;
const entriesARound = 48;
const checked = 97;

it("goes on over segments and restarts as if everything were in memory", { timeout: 240_000 }, async () => {
  using folder = await ledgerFolder();
  const authors = ["millrace", "ferry"].map((name) => createAuthor(network.net, name));
  for (let round = 0; round < rounds; round++) {
    await using ledger = await folder.open();
    const { log } = ledger.identity;
    const own = ledger.rounds.held.replica.logs.get(log);
    for (const [place, author] of authors.entries()) {
      const other = authors[1 - place];
      const from = author.size;
      for (let count = 0; count < entriesARound; count++) {
        // Named are entries of both other logs, the newest and ones of long ago; some entries name none.
        const parents = [
          ...(count % 3 === 0 && own !== undefined && own.held > 1
            ? [refIn(ledger, log, (own.held * (count + 1)) / (entriesARound + 1))]
            : []),
          ...(count % 5 === 0 && other !== undefined && round > 0
            ? [other.ref(Math.floor((round * other.size) / rounds))]
            : []),
        ].sort();
        author.write({ type: "org.example.said", parents, at: [startMs + 1 + author.size, place] });
      }
      if (from === 1) await ledger.rounds.ingest(author.frame(0, 1), 1);
      const reply = await ledger.rounds.ingest(author.frame(from, author.size), 1);
      expect(reply).toMatchObject({ ok: true, pending: 0 });
    }
    const { heads } = createEndpoints(ledger).subjectHeads({ subjects: [network.net] }).subjects[0] ?? {
      heads: [],
    };
    const drafts = Array.from({ length: entriesARound }, () => draft());
    taken(await ledger.rounds.append(append(drafts, { expect: [{ subject: network.net, heads }] })));
  }

  await using ledger = await folder.open();
  const endpoints = createEndpoints(ledger);
  const { replica } = ledger.rounds.held;
  const entries: { header: string; past: Record<string, number> }[] = [];
  for (let after = 0, head = 1; after < head; after = entries.length) {
    const page = await endpoints.read({ after, limit: checked });
    head = page.head;
    entries.push(...page.entries);
  }
  const pasts = createPasts();
  const heads = createHeads();
  const trees = new Map<string, ReturnType<typeof createTree>>();
  for (const { header: text, past } of entries) {
    const header = JSON.parse(text) as Header;
    const known = pasts.add(header);
    expect(past).toEqual(Object.fromEntries(pasts.learned(header.log, header.seq)));
    const tree = trees.get(header.log) ?? createTree();
    trees.set(header.log, tree);
    const hash = leafHash(new TextEncoder().encode(text));
    tree.push(hash);
    const b64u = Buffer.from(hash).toString("base64url");
    heads.add(subjectOf(header), { log: header.log, seq: header.seq, hash: b64u }, known);
  }
  expect(trees.size).toBe(3);
  for (const [log, tree] of trees) {
    const held = replica.logs.get(log);
    expect(tree.size).toBeGreaterThan(2 * segmentEntries);
    expect(held?.kept).toBe(Math.floor(tree.size / segmentEntries));
    for (let size = 1; size <= tree.size; size += checked) {
      expect(held?.tree.root(size)).toEqual(tree.root(size));
      expect(held?.ats.at(size - 1)).toEqual((await headerAt(ledger, log, size - 1)).at);
      for (const other of trees.keys())
        expect(replica.pasts.of(log, size - 1)(other)).toBe(pasts.of(log, size - 1)(other));
      const proof = endpoints.proof({ log, from: size, to: tree.size });
      const expected = size === tree.size ? [tree.root(size)] : anchoredProof(tree.read, size, tree.size);
      expect("proof" in proof ? proof.proof : proof).toEqual(
        expected.map((hash) => Buffer.from(hash).toString("base64")),
      );
    }
  }
  const subjects = [...heads.changed.keys()].filter((_, index) => index % checked === 0).slice(0, 64);
  for (const { subject, heads: found } of endpoints.subjectHeads({ subjects }).subjects)
    expect(found).toEqual(heads.of(subject));
});

const refIn = (ledger: OpenLedger, log: string, seq: number): string => {
  const place = Math.floor(seq);
  const found = ledger.rounds.held.replica.find(log, place);
  return `${log}.${place}@${Buffer.from(found?.hash ?? []).toString("base64url")}`;
};
async function headerAt(ledger: OpenLedger, log: string, seq: number): Promise<Header> {
  const [bytes] = await ledger.stores.logs.read(log, seq, seq + 1);
  return JSON.parse(new TextDecoder().decode(bytes)) as Header;
}
