/** One word, one meaning, in plain English: the words that this repository does not use, where it does not, and why. */
import type { Source } from "./packages.ts";

type Ban = { readonly word: RegExp; readonly within: RegExp; readonly because: string };

const everywhere = /^(packages|services)\/[^/]+\/src\//;
/** All code and pages but the makers of vectors, whose words stand in files that must not change. */
const allText = /^(?!test\/vectors\/)/;

const bans: readonly Ban[] = [
  { word: /\bcommit\(/, within: everywhere, because: "we append; a commitment is something else" },
  { word: /\bownerOf\b/, within: everywhere, because: "nobody owns; somebody leads" },
  {
    word: /(?<!wal_auto)checkpoint/i,
    within: /^packages\/views\/src\//,
    because: "how far a reader got is a cursor",
  },
  {
    word: /\b(userId|actorId|user_id)\b/,
    within: /^packages\/(protocol|domain|replica)\/src\//,
    because: "the partner in whose log an entry stands is its author",
  },
  {
    // "There is no such file" and "is no longer" are plain.
    word: /(?<!there )\b(is|are) no (?!longer\b)[a-z]/i,
    within: allText,
    because: 'write "is not a"',
  },
  { word: /\bwhoever\b/i, within: allText, because: "name the person or part that does it" },
  { word: /\bfor ever\b/i, within: allText, because: "it is one word: forever" },
  { word: /\bwhat (became|becomes) of\b/i, within: allText, because: "it is called the outcome" },
  { word: /\border of visiting\b/i, within: allText, because: "it is called fold order" },
  { word: /\bthe pen\b/i, within: allText, because: "the ledger appends and signs" },
];

const vagueFolders = /(^|\/)(common|shared|utils|helpers|core|lib|types)(\/|\.ts$)/;

/** The banned words of one file, one sentence each. */
export function breachesOfVocabulary({ path, text }: Source): readonly string[] {
  const words = bans
    .filter(({ word, within }) => within.test(path) && word.test(text))
    .map(({ word, because }) => `${path} says ${word.source}: ${because}`);
  return vagueFolders.test(path) ? [...words, `${path} is named by what it is not`] : words;
}
