/**
 * Whom the names in a history file mean in this network. A file calls organizations as its source did: by a name of old, in
 * capitals, with another Unicode form. Every node must read the names alike, or the nodes would plan differently.
 */
import { matchPartner, withSingleBlanks } from "@handfast/api/partner-name";

export type Named =
  | {
      readonly partner: string;
      /** Said in the report where the name is not the partner's own spelling. */
      readonly note?: string;
    }
  | {
      /** With single blanks in it, so that its lines stand together in the report. */
      readonly missing: string;
      readonly note?: string;
      /** Partners that the name could mean; none where the network has no such partner. */
      readonly candidates: readonly string[];
    };
const singleBlanksNote = "no-break or repeated blanks in it taken as one blank";

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
  const spaced = new Map([...aliases].map(([name, partner]) => [withSingleBlanks(name), partner]));
  const resolve = (name: string): Named => {
    const single = withSingleBlanks(name);
    const alias = aliases.get(name) ?? spaced.get(single);
    const match = matchPartner(alias ?? name, members);
    const note = single === name ? {} : { note: singleBlanksNote };
    if (!("found" in match))
      return { missing: single, candidates: match.candidates.map((candidate) => candidate.name), ...note };
    const partner = match.found.name;
    if (partner === name) return { partner };
    return partner === single ? { partner, ...note } : { partner, note: `${name} is taken as ${partner}` };
  };
  return (name) => {
    const named = known.get(name) ?? resolve(name);
    known.set(name, named);
    return named;
  };
}
