/**
 * Names that look alike to a person (fold.md section 8). A skeleton writes alike what is drawn alike; only comparing two of them
 * means anything.
 */

/** ASCII, then what is drawn like it. */
const drawnAlike: readonly (readonly [string, string])[] = [
  ["A", "АΑᎪꓮⲀ"],
  ["B", "ВΒᏴꓐⲂ"],
  ["C", "СϹᏟꓚⲤ"],
  ["D", "Ꭰꓓᗞ"],
  ["E", "ЕΕᎬꓰⲈ"],
  ["F", "Ϝꓝ"],
  ["G", "Ԍ\u13c0\ua4d6"],
  ["H", "НΗᎻꓧⲎ"],
  ["J", "ЈᎫꓙ"],
  ["K", "КΚᏦꓗⲔ\u212a"],
  ["L", "ᏞꓡԼ"],
  ["M", "МΜᎷꓟⲘ"],
  ["N", "ΝꓠⲚ"],
  ["O", "0ОΟՕꓳⲞ"],
  ["P", "РΡᏢꓑⲢ"],
  ["Q", "Ԛ"],
  ["R", "Ꭱꓣ"],
  ["S", "ЅՏᏚꓢ"],
  ["T", "ТΤᎢꓔⲦ"],
  ["U", "Սꓴ"],
  ["V", "ѴᏙꓦ"],
  ["W", "ԜᎳꓪ"],
  ["X", "ХΧꓫⲬ"],
  ["Y", "УΥҮꓬⲨ"],
  ["Z", "ΖᏃꓜ"],
  ["a", "аαɑ"],
  ["c", "сϲⲥ"],
  ["d", "ԁ"],
  ["e", "еҽ"],
  ["f", "ꬵ"],
  ["g", "ɡց"],
  ["h", "һհ"],
  ["i", "іıɩι"],
  ["j", "јϳ"],
  ["k", "кκ"],
  ["l", "I1|ІΙӀӏᎥꓲⲒǀ"],
  ["n", "ոп"],
  ["o", "оοօⲟ"],
  ["p", "рρⲣ"],
  ["q", "ԛզ"],
  ["r", "гᴦ"],
  ["s", "ѕꜱ"],
  ["t", "т"],
  ["u", "υս"],
  ["v", "νѵ"],
  ["w", "ԝωᴡ"],
  ["x", "хχ"],
  ["y", "уγү"],
  ["z", "ᴢ"],
  ["rn", "m"],
  ["#", "♯⋕"],
  ["'", "‘’ʼ′`´"],
  ['"', "“”″"],
  ["-", "‐‑‒–—―−"],
  [".", "·•"],
];
const asDrawn = new Map<string, string>();
for (const [ascii, letters] of drawnAlike) for (const letter of letters) asDrawn.set(letter, ascii);

export function skeletonOf(name: string): string {
  let skeleton = "";
  for (const letter of name.normalize("NFKC")) {
    if (/\p{Default_Ignorable_Code_Point}/u.test(letter)) continue;
    if (!/\s/.test(letter)) skeleton += asDrawn.get(letter) ?? letter;
    else if (!skeleton.endsWith(" ")) skeleton += " ";
  }
  return skeleton.trim();
}

/** Letters of two of these in one word are not what they look like. */
const scripts = ["Latin", "Greek", "Cyrillic", "Armenian", "Cherokee", "Lisu", "Coptic"].map(
  (script) => new RegExp(`\\p{Script=${script}}`, "u"),
);

/** Whether a name passes for a handle, for the whole network, for nothing, or for a word of another script. */
export function isDeceptive(name: string): boolean {
  const skeleton = skeletonOf(name);
  if (skeleton === "" || skeleton.includes("#") || skeleton.toLowerCase() === "network") return true;
  const words = name.normalize("NFKC").match(/[\p{L}\p{M}]+/gu) ?? [];
  return words.some((word) => scripts.filter((script) => script.test(word)).length > 1);
}
