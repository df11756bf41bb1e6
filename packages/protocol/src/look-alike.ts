/**
 * Whether two names look alike to a person. Each is reduced to a skeleton in which what is drawn alike is written alike (the idea
 * of Unicode TS 39, section 4, with a small table of our own); only the comparing of skeletons means anything.
 */

/**
 * What is drawn like a letter, digit or mark of ASCII, by that. Of the scripts whose letters pass for Latin ones; compatibility
 * forms are folded before by NFKC. Case is kept: it can be seen.
 */
const drawnAlike: Readonly<Record<string, string>> = {
  A: "АΑᎪꓮⲀ",
  B: "ВΒᏴꓐⲂ",
  C: "СϹᏟꓚⲤ",
  D: "Ꭰꓓᗞ",
  E: "ЕΕᎬꓰⲈ",
  F: "Ϝꓝ",
  G: "Ԍ\u13c0\ua4d6",
  H: "НΗᎻꓧⲎ",
  J: "ЈᎫꓙ",
  K: "КΚᏦꓗⲔ\u212a",
  L: "ᏞꓡԼ",
  M: "МΜᎷꓟⲘ",
  N: "ΝꓠⲚ",
  O: "0ОΟՕꓳⲞ",
  P: "РΡᏢꓑⲢ",
  Q: "Ԛ",
  R: "Ꭱꓣ",
  S: "ЅՏᏚꓢ",
  T: "ТΤᎢꓔⲦ",
  U: "Սꓴ",
  V: "ѴᏙꓦ",
  W: "ԜᎳꓪ",
  X: "ХΧꓫⲬ",
  Y: "УΥҮꓬⲨ",
  Z: "ΖᏃꓜ",
  a: "аαɑ",
  c: "сϲⲥ",
  d: "ԁ",
  e: "еҽ",
  f: "ꬵ",
  g: "ɡց",
  h: "һհ",
  i: "іıɩι",
  j: "јϳ",
  k: "кκ",
  l: "I1|ІΙӀӏᎥꓲⲒǀ",
  n: "ոп",
  o: "оοօⲟ",
  p: "рρⲣ",
  q: "ԛզ",
  r: "гᴦ",
  s: "ѕꜱ",
  t: "т",
  u: "υս",
  v: "νѵ",
  w: "ԝωᴡ",
  x: "хχ",
  y: "уγү",
  z: "ᴢ",
  rn: "m",
  "#": "♯⋕",
  "'": "‘’ʼ′`´",
  '"': "“”″",
  "-": "‐‑‒–—―−",
  ".": "·•",
};
const alike = new Map(
  Object.entries(drawnAlike).flatMap(([drawn, letters]) => [...letters].map((letter) => [letter, drawn])),
);

/** Scripts with letters that pass for another's: a word that mixes two of them is not what it looks like. */
const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Lisu}/u,
  /\p{Script=Coptic}/u,
];

/** Names are compared again and again, at every change of the network. */
const known = new Map<string, string>();
const knownAtMost = 4_096;

/** Equal for names that look alike. Never shown. */
export function skeletonOf(name: string): string {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (known.size >= knownAtMost) known.clear();
  const skeleton = Array.from(
    name
      .normalize("NFKC")
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "")
      .replaceAll(/\s+/gu, " ")
      .trim(),
    (letter) => alike.get(letter) ?? letter,
  ).join("");
  known.set(name, skeleton);
  return skeleton;
}

/**
 * Whether a name on its own may pass for something else: it holds a `#`, as only handles do; nothing of it can be seen; it means
 * the whole network; or a word of it mixes scripts that are drawn alike.
 */
export function isDeceptive(name: string): boolean {
  const skeleton = skeletonOf(name);
  if (skeleton === "" || skeleton.includes("#") || skeleton.toLowerCase() === "network") return true;
  return name
    .normalize("NFKC")
    .split(/[^\p{L}\p{M}]+/u)
    .some((word) => scripts.filter((script) => script.test(word)).length > 1);
}
