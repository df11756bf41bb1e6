/** Keeps the rows of partners in step with the entries at network level. */
import type { DatabaseSync } from "node:sqlite";
import type { Fact } from "@handfast/domain/fact";
import { shownNames } from "@handfast/domain/shown-names";
import type { Cuts } from "./cuts.ts";
import type { Names } from "./names.ts";
import type { StoredFacts } from "./stored-facts.ts";
import type { ThingWriter } from "./thing-writer.ts";
import { partnerView } from "./views/partner.ts";
import { openReading, type Sources } from "./views/reading.ts";

export interface MemberWriter {
  /** Takes an entry at network level: who was heard of. */
  take(fact: Fact): void;
  /** Brings all names and rows of partners up to date, and what is asked of this node's own partner. */
  refresh(): void;
}

export function createMemberWriter(
  database: DatabaseSync,
  facts: StoredFacts,
  cuts: Cuts,
  sources: Sources,
  names: Names,
  things: Pick<ThingWriter, "setMoves">,
): MemberWriter {
  const { partners } = facts.numbers;
  const setName = database.prepare("UPDATE partners SET name = ? WHERE number = ? AND name IS NOT ?");
  const hear = database.prepare("INSERT INTO members (partner) VALUES (?) ON CONFLICT DO NOTHING");
  const readMember = database.prepare("SELECT view FROM members WHERE partner = ?");
  const setMember = database.prepare("UPDATE members SET state = ?, view = ? WHERE partner = ?");
  return {
    take: ({ told, by }) => {
      if (!told.ok) return;
      const { event } = told;
      if (event.type === "member.sponsored") hear.run(partners.intern(event.x.root));
      if (event.type === "log.opened") hear.run(partners.intern(by));
    },
    refresh: () => {
      for (const [id, name] of shownNames(cuts.now)) setName.run(name, partners.intern(id), name);
      names.reload();
      const reading = openReading(sources, cuts.now, Number.NEGATIVE_INFINITY, true);
      const { members } = cuts.now;
      for (const { id, state } of members.partners) {
        const number = partners.intern(id);
        hear.run(number);
        // The revision is the network's, and changes with every entry there: readers put it in.
        const view = JSON.stringify({ ...partnerView(id, reading), etag: "" });
        const before = readMember.get(number) as { view: string | null };
        if (before.view !== view) setMember.run(state, view, number);
      }
      things.setMoves(
        0,
        members.moves
          .filter(({ party }) => party === sources.self)
          .map(({ party, verb, sponsorship }) => ({ party, verb, by: null, ref: sponsorship })),
      );
    },
  };
}
