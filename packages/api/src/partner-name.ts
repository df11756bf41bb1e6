/**
 * Which partner a person or a file means by a name: an id, the name as it is shown, the name with the partner's own handle, its
 * exact spelling, or else the only name that differs in nothing but case, Unicode form and blanks (around it, repeated or
 * no-break). Never by a guess; but somebody who is not admitted makes no member's name ambiguous. One rule for HTTP, the
 * command line, the import and the demo.
 */
import type { PartnerView } from "./views/partner.ts";

/** No match: no candidates. Several candidates: the name is ambiguous. */
export type NameMatch<Partner> =
  | { readonly found: Partner; readonly isExact: boolean }
  | { readonly candidates: readonly Partner[] };

type Bearer = {
  /** As it is shown: bare, or with `#` and the end of the id where it is not the first of its name. */
  readonly name: string;
  readonly id?: string;
  readonly state?: PartnerView["state"];
};

export function matchPartner<Partner extends Bearer>(
  wanted: string,
  partners: readonly Partner[],
): NameMatch<Partner> {
  const named = partners.find(({ id }) => id === wanted);
  if (named !== undefined) return { found: named, isExact: true };
  const spelled = partners.filter((partner) => spellings(partner).includes(wanted));
  if (spelled.length > 0) return among(wanted, spelled, true);
  const text = folded(wanted);
  return among(
    wanted,
    partners.filter((partner) => spellings(partner).some((spelling) => folded(spelling) === text)),
    false,
  );
}

/** As it is shown, as it calls itself, and with its handle: what people may have noted down. */
function spellings({ name, id }: Bearer): readonly string[] {
  if (id === undefined) return [name];
  const bare = baseName(name, id);
  return [name, bare, `${bare}#${id.slice(-6)}`];
}

/** A member goes before somebody who is not admitted, and the one that is shown so before one that has a handle. */
function among<Partner extends Bearer>(
  wanted: string,
  partners: readonly Partner[],
  isExact: boolean,
): NameMatch<Partner> {
  const members = partners.filter(({ state }) => state !== "sponsored" && state !== "endorsed");
  const candidates = members.length > 0 ? members : partners;
  const [first] = candidates;
  if (first !== undefined && candidates.length === 1) return { found: first, isExact };
  const shown = candidates.find(({ name }) => isExact && name === wanted);
  // One that left does not stand in the way of a member of the same name, nor the other way round.
  if (shown === undefined || shown.state === "left") return { candidates };
  return candidates.filter(({ name }) => name === wanted).length === 1
    ? { found: shown, isExact }
    : { candidates };
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

/** Without the end of the id, or the whole of it, that views add where a name is not the partner's alone. */
function baseName(name: string, id: string): string {
  const handle = [id, id.slice(-6)].find((end) => name.endsWith(`#${end}`));
  return handle === undefined ? name : name.slice(0, -(handle.length + 1));
}

/**
 * Whether a text means the whole network where a partner may be named: `network` in any case. No partner is made with this
 * name; one that bears it all the same is meant by its id.
 */
export const isNetworkWord = (text: string): boolean => folded(text) === "network";

/** With single plain blanks in it and none around it: `Café  Verein` and `Café\u00a0Verein` are `Café Verein`. */
export const withSingleBlanks = (name: string): string => name.replaceAll(/\s+/g, " ").trim();

const folded = (name: string): string => withSingleBlanks(name.normalize("NFC")).toLowerCase();
