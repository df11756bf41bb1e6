/**
 * Which partner a person or a file means by a name: an id, the exact spelling, or else the only name that differs in
 * nothing but case, Unicode form and blanks around it. One rule for the command line, the import and the demo.
 */

/** No match: no candidates. Several candidates: the name is ambiguous. */
export type NameMatch<Partner> =
  | { readonly found: Partner; readonly isExact: boolean }
  | { readonly candidates: readonly Partner[] };

export function matchPartner<Partner extends { readonly name: string; readonly id?: string }>(
  wanted: string,
  partners: readonly Partner[],
): NameMatch<Partner> {
  const exact = partners.filter((one) => one.id === wanted || one.name === wanted);
  if (exact[0] !== undefined)
    return exact.length === 1 ? { found: exact[0], isExact: true } : { candidates: exact };
  const similar = partners.filter((one) => folded(one.name) === folded(wanted));
  return similar.length === 1 && similar[0] !== undefined
    ? { found: similar[0], isExact: false }
    : { candidates: similar };
}

/** Name lists of the command line: an item that names a partner is taken whole, commas and all; else it is a list. */
export const splitNames = (items: readonly string[], isName: (text: string) => boolean): readonly string[] =>
  items.flatMap((item) =>
    isName(item.trim())
      ? [item.trim()]
      : item
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
  );

const folded = (name: string): string => name.normalize("NFC").trim().toLowerCase();
