/**
 * The entries of a busy network as a ledger hands them out, without cryptography: partners who promise, answer and keep, in
 * a tenth of the cases within initiatives and after challenges. As many as are asked for, the same ones each time.
 */
import type { LedgerEntry } from "@handfast/api/messages/ledger";
import { toB64u } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { type Charter, defaultParameters } from "@handfast/protocol/charter";
import type { Header } from "@handfast/protocol/header";
import { type NetworkId, pin, type Ref, refOf, toMultikey } from "@handfast/protocol/ids";

export type BusyEntry = {
  readonly entry: LedgerEntry;
  readonly ref: Ref;
  readonly text: Record<string, string> | null;
};

type Author = { readonly by: string; readonly log: string; seq: number; readonly known: Map<string, number> };
type Written = { readonly ref: Ref; readonly pinned: string; readonly author: Author; readonly seq: number };

const beginningMs = Date.UTC(2024, 0, 1);
const words = [
  "barn",
  "river",
  "seed",
  "school",
  "bridge",
  "garden",
  "bread",
  "light",
  "water",
  "wheel",
  "quarry",
  "meadow",
];

export function createBusyNetwork(partnerCount = 8) {
  const net: NetworkId = toB64u(new Uint8Array(32).fill(7));
  const authors: Author[] = Array.from({ length: partnerCount }, (_, index) => ({
    by: toMultikey(new Uint8Array(32).fill(index + 1)),
    log: toB64u(new Uint8Array(16).fill(index + 1)),
    seq: 0,
    known: new Map(),
  }));
  const charter: Charter = {
    name: "Busy",
    founders: authors.map(({ by }) => by).sort(),
    nonce: "A".repeat(22),
    parameters: defaultParameters,
  };

  function* entries(): Generator<BusyEntry> {
    let position = 0;
    let ms = beginningMs;
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const another = (than: Author): Author => {
      const other = authors[random(authors.length)] as Author;
      return other === than ? (authors[(authors.indexOf(than) + 1) % authors.length] as Author) : other;
    };
    const title = (): string =>
      [...Array.from({ length: 4 }, () => words[random(words.length)]), position].join(" ");
    let last: Written = { ref: "", pinned: "", author: authors[0] as Author, seq: -1 };

    const write = (
      author: Author,
      type: string,
      {
        subject = null,
        x = {},
        after = [],
        text = null,
      }: {
        subject?: Ref | null;
        x?: Record<string, unknown>;
        after?: readonly Written[];
        text?: Record<string, string> | null;
      },
    ): BusyEntry => {
      position += 1;
      ms += 1_000 * 60;
      const seq = author.seq++;
      const past: Record<string, number> = {};
      const learn = (log: string, upTo: number): void => {
        if (log === author.log || (author.known.get(log) ?? -1) >= upTo) return;
        author.known.set(log, upTo);
        past[log] = upTo;
      };
      for (const { author: other, seq: upTo } of after) {
        learn(other.log, upTo);
        for (const [log, known] of other.known) learn(log, Math.min(known, upTo));
      }
      const hash = new Uint8Array(32);
      new DataView(hash.buffer).setUint32(0, (position * 2_654_435_761) % 4_294_967_296);
      new DataView(hash.buffer).setUint32(8, position);
      const header = {
        v: 1,
        net,
        by: author.by,
        log: author.log,
        seq,
        at: [ms, 0],
        parents: after.map(({ pinned }) => pinned).sort(),
        type,
        subject,
        audience: "network",
        payload: text === null ? null : { hash: toB64u(hash), size: JSON.stringify(text).length },
        x,
      } as unknown as Header;
      const ref = refOf(author.log, seq);
      const encoded = toB64u(hash);
      last = { ref, pinned: pin(ref, encoded), author, seq };
      return {
        entry: { position, header: canonicalText(header as unknown as Json), hash: encoded, past },
        ref,
        text,
      };
    };

    for (const author of authors)
      yield write(author, "log.opened", {
        x: {
          root: author.by,
          keys: [author.by],
          witness: author.by,
          next: net,
          name: `Partner ${authors.indexOf(author) + 1}`,
        },
      });
    for (const author of authors) yield write(author, "charter.attested", { x: { charter: net } });

    const initiatives: Written[] = [];
    for (let count = 0; ; count++) {
      const owner = authors[random(authors.length)] as Author;
      if (count % 20 === 0) {
        yield write(owner, "initiative.proposed", { text: { title: title(), problem: title() } });
        const proposed = last;
        initiatives.push(proposed);
        for (let joined = 0; joined < 4; joined++)
          yield write(another(owner), "initiative.joined", { subject: proposed.ref, after: [proposed] });
        continue;
      }
      if (count % 20 === 10) {
        yield write(owner, "challenge.shared", { text: { title: title(), text: title() } });
        const shared = last;
        yield write(another(owner), "challenge.acknowledged", { subject: shared.ref, after: [shared] });
        yield write(another(owner), "help.offered", {
          subject: shared.ref,
          after: [shared],
          text: { title: title() },
        });
        continue;
      }
      const other = another(owner);
      const initiative =
        count % 7 === 0 ? initiatives.at(-1 - random(Math.min(50, initiatives.length))) : undefined;
      const due = new Date(ms + 86_400_000 * (random(120) - 20)).toISOString().slice(0, 10);
      const externalId = `CRM-${count}`;
      const isPledge = initiative !== undefined;
      yield write(owner, isPledge ? "commitment.pledged" : "commitment.offered", {
        x: { debtor: owner.by, beneficiaries: [initiative?.ref ?? other.by], due, externalId },
        after: initiative === undefined ? [] : [initiative],
        text: { title: title(), text: `${title()} ${title()} ${title()}` },
      });
      const opened = last;
      if (!isPledge) {
        if (random(10) === 0) continue;
        yield write(other, "commitment.accepted", {
          subject: opened.ref,
          x: { terms: opened.pinned },
          after: [opened],
        });
      }
      const accepted = last;
      if (random(10) < 3) continue;
      yield write(owner, "commitment.progressed", {
        subject: opened.ref,
        x: { part: 50 },
        after: [accepted],
        text: { text: title() },
      });
      const progressed = last;
      yield write(owner, "commitment.claimed", { subject: opened.ref, after: [progressed] });
      const claimed = last;
      if (isPledge || random(10) < 3) continue;
      yield write(other, "commitment.confirmed", {
        subject: opened.ref,
        x: { as: "full" },
        after: [claimed],
      });
    }
  }
  return { net, charter, self: authors[0]?.by ?? "", entries };
}
