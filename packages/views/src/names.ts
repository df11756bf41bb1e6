/**
 * Partners by the names that are shown, as the writer found them by what all partners call themselves.
 *
 * A stored view holds a partner's number in the place of its id and name: half of a view would be these, and a partner that
 * is renamed is right in all of them at once.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Named } from "@handfast/api/views/named";
import type { PartnerId } from "@handfast/protocol/ids";
import { createLru } from "./lru.ts";
import type { Numbers } from "./numbers.ts";

export interface Names {
  /** With the name shown; a partner whose log is not here is named by the end of its id. */
  named(partner: PartnerId): Named;
  /** What a stored view holds in its place. */
  stored(partner: PartnerId): Named;
  /** The JSON of a stored view as it is shown: every stored partner replaced. */
  fill(view: string): string;
  /** Forgets names: one may have changed. */
  reload(): void;
}

type Stored = { readonly "#": number };

export function openNames(database: DatabaseSync, partners: Numbers): Names {
  const shown = createLru<PartnerId, Named>(4_096);
  const read = database.prepare("SELECT name FROM partners WHERE id = ?");
  const named = (id: PartnerId): Named => {
    const known = shown.get(id);
    if (known !== undefined) return known;
    const row = read.get(id) as { name: string | null } | undefined;
    const found = { id, name: row?.name ?? `#${id.slice(-6)}` };
    shown.set(id, found);
    return found;
  };
  return {
    named,
    stored: (partner) => ({ "#": partners.intern(partner) }) satisfies Stored as unknown as Named,
    // In text that people wrote the quotes have a backslash before them, so this finds stored partners alone.
    fill: (view) =>
      view.replaceAll(/\{"#":(\d+)\}/g, (_, number) => JSON.stringify(named(partners.text(Number(number))))),
    reload: () => shown.clear(),
  };
}
