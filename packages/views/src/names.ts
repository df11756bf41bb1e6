/** Partners by their names: what each said of itself when it opened its log, told apart where two say the same. */
import type { DatabaseSync } from "node:sqlite";
import type { PartnerId } from "@handfast/protocol/ids";
import { createLru } from "./lru.ts";

export interface Names {
  /** The name shown; a partner whose log is not here is named by the end of its id. */
  of(partner: PartnerId): string;
  reload(): void;
}

export function openNames(database: DatabaseSync): Names {
  const shown = createLru<PartnerId, string>(4_096);
  const read = database.prepare(
    "SELECT name, (SELECT count(*) FROM partners AS others WHERE others.name = partners.name) AS bearers FROM partners WHERE id = ?",
  );
  return {
    of: (partner) => {
      const known = shown.get(partner);
      if (known !== undefined) return known;
      const row = read.get(partner) as { name: string | null; bearers: number } | undefined;
      const end = partner.slice(-6);
      const name = row?.name ?? null;
      const text = name === null ? `#${end}` : (row?.bearers ?? 0) > 1 ? `${name}#${end}` : name;
      shown.set(partner, text);
      return text;
    },
    reload: () => shown.clear(),
  };
}
