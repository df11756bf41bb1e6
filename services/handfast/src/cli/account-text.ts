/** The report of an import or of the demo, for people. */
import { counted } from "@handfast/service-kit/progress";
import type { Account } from "../history/account.ts";
import { type Row, table } from "./table.ts";

/** For people: what was placed first, then every line that was not, and why. */
export function accountText(account: Account, partner?: string): string {
  const { facts, placed, alreadyPlaced, byOthers, repeated, leftOut, notPlaced, normalized, noted, changed } =
    account;
  const few = [
    ...(alreadyPlaced === 0 ? [] : [`${alreadyPlaced} placed by an earlier import`]),
    ...(byOthers === 0 ? [] : [`${byOthers} for other partners' nodes to place`]),
    ...(repeated.length === 0
      ? []
      : [`${repeated.length} ${repeated.length === 1 ? "repeats" : "repeat"} another line`]),
    ...(leftOut.length === 0
      ? []
      : [`${leftOut.reduce((sum, one) => sum + one.count, 0)} of partners without a node`]),
    ...(notPlaced.length === 0 ? [] : [`${notPlaced.length} not placed`]),
  ];
  const whose = partner === undefined ? "" : ` for ${partner}`;
  return [
    `placed ${placed} of ${counted(facts, "fact")}${whose}${few.map((text) => `; ${text}`).join("")}`,
    ...section(
      "Left out, because these partners have no node here:",
      ["partner", "facts", "lines"],
      leftOut.map((one) => [one.partner, one.count, ranges(one.lines)]),
    ),
    ...section(
      "Not placed:",
      ["line", "reason", ""],
      notPlaced.flatMap(({ line, reasons }) =>
        reasons.map(({ reason, detail }, index) => [index === 0 ? line : "", reason, detail ?? ""]),
      ),
    ),
    ...section(
      "Repeated:",
      ["line", "says the same as line"],
      repeated.map((one) => [one.line, one.of]),
    ),
    ...section(
      "Placed before, in other words; what is recorded stays:",
      ["line", ""],
      changed.map((one) => [one.line, one.detail]),
    ),
    ...section(
      "Placed and only noted; the state of the initiative did not change:",
      ["status", "why", "lines"],
      [...Map.groupBy(noted, ({ status, why }) => `${status}\n${why}`).values()].map((alike) => [
        alike[0]?.status,
        alike[0]?.why,
        ranges(alike.map((one) => one.line)),
      ]),
    ),
    ...section(
      "Taken in another form:",
      ["member", "what was done", "lines"],
      [...Map.groupBy(normalized, ({ member, note }) => `${member}\n${note}`).values()].map((alike) => [
        alike[0]?.member,
        alike[0]?.note,
        ranges(alike.map((one) => one.line)),
      ]),
    ),
  ].join("\n");
}

/** Wide enough that no reason is cut. */
const maxWidth = 120;

const section = (title: string, head: readonly string[], rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? [] : ["", title, table(head, rows, maxWidth)];

/** `3-7, 9`: ascending lines, neighbours drawn together. */
function ranges(lines: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const line of lines) {
    const open = parts.at(-1);
    if (open !== undefined && line <= open[1] + 1) open[1] = line;
    else parts.push([line, line]);
  }
  return parts.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(", ");
}
