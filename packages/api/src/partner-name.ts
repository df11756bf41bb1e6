/**
 * Which partner a person or a file means by a name: an id, the exact spelling, or else the only name that differs in
 * nothing but case, Unicode form and blanks (around it, repeated or no-break). One rule for HTTP, the command line, the import and the demo.
 */

/** No match: no candidates. Several candidates: the name is ambiguous. */
export type NameMatch<Partner> =
  | { readonly found: Partner; readonly isExact: boolean }
  | { readonly candidates: readonly Partner[] };

type Bearer = { readonly name: string; readonly id?: string };

export function matchPartner<Partner extends Bearer>(
  wanted: string,
  partners: readonly Partner[],
): NameMatch<Partner> {
  const exact = partners.filter((one) => one.id === wanted || one.name === wanted);
  if (exact[0] !== undefined)
    return exact.length === 1 ? { found: exact[0], isExact: true } : { candidates: exact };
  const similar = partners.filter((one) =>
    [one.name, baseName(one)].some((name) => folded(name) === folded(wanted)),
  );
  return similar.length === 1 && similar[0] !== undefined
    ? { found: similar[0], isExact: false }
    : { candidates: similar };
}

/** A candidate as a refusal names it: `Orchard#a1b2c3 (z6Mk...)`. */
export const candidateText = ({ name, id }: Bearer): string => (id === undefined ? name : `${name} (${id})`);

/** The items of lists in which a partner's name may hold the comma that parts them: the longest name wins. */
export const splitNames = (items: readonly string[], isName: (text: string) => boolean): readonly string[] =>
  items.flatMap((item) => splitItem(item.split(","), isName));

function splitItem(pieces: readonly string[], isName: (text: string) => boolean): readonly string[] {
  const names: string[] = [];
  const text = (from: number, to: number) => pieces.slice(from, to).join(",").trim();
  for (let from = 0, to: number; from < pieces.length; from = to) {
    to = pieces.length;
    while (to > from + 1 && !isName(text(from, to))) to--;
    if (text(from, to) !== "") names.push(text(from, to));
  }
  return names;
}

/** Without the end of the id that views add where two partners bear one name. */
const baseName = ({ name, id }: Bearer): string =>
  id !== undefined && name.endsWith(`#${id.slice(-6)}`) ? name.slice(0, -7) : name;

/**
 * Whether a text means the whole network where a partner may be named: `network` in any case. No partner is made with this
 * name; one that bears it all the same is meant by its id.
 */
export const isNetworkWord = (text: string): boolean => folded(text) === "network";

/** With single plain blanks in it and none around it: `Café  Verein` and `Café\u00a0Verein` are `Café Verein`. */
export const withSingleBlanks = (name: string): string => name.replaceAll(/\s+/g, " ").trim();

const folded = (name: string): string => withSingleBlanks(name.normalize("NFC")).toLowerCase();
