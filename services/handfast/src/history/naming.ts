/**
 * Whom the names in a history file mean in this network. A file calls organizations as its source did: by a name of old, in
 * capitals, with another Unicode form. Every node must read the names alike, or the nodes would plan differently.
 */
import { matchPartner } from "@handfast/api/partner-name";

export type Named =
  | {
      readonly partner: string;
      /** Said in the report where the name is not the partner's own spelling. */
      readonly note?: string;
    }
  | {
      readonly missing: string;
      /** Partners that the name could mean; none where the network has no such partner. */
      readonly candidates: readonly string[];
    };
export type Naming = (name: string) => Named;

/**
 * @param partners Names of the partners that have a node.
 * @param aliases Names of the file that mean one of them, by the name in the file.
 */
export function createNaming(
  partners: readonly string[],
  aliases: ReadonlyMap<string, string> = new Map(),
): Naming {
  const members = partners.map((name) => ({ name }));
  const known = new Map<string, Named>();
  const resolve = (name: string): Named => {
    const alias = aliases.get(name);
    const match = matchPartner(alias ?? name, members);
    if (!("found" in match))
      return { missing: name, candidates: match.candidates.map((candidate) => candidate.name) };
    const partner = match.found.name;
    return partner === name ? { partner } : { partner, note: `${name} is taken as ${partner}` };
  };
  return (name) => {
    const named = known.get(name) ?? resolve(name);
    known.set(name, named);
    return named;
  };
}
