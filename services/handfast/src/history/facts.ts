/**
 * A history file: what a network did before it had nodes, one JSON object a line, ascending `at`.
 *
 * Each line stands alone, so a line that does not fit is reported with its number and the others go on.
 */
import { createHash } from "node:crypto";
import { Day } from "@handfast/protocol/ids";
import { External, Name, Title } from "@handfast/protocol/text";
import { z } from "zod";

const common = {
  at: z.iso.datetime({ offset: true }),
  partner: Name,
  initiative: External,
} as const;

/** One fact. `partner` is who acts; ids are the source's own. */
export const Fact = z.discriminatedUnion("fact", [
  z.strictObject({ ...common, fact: z.literal("initiative.proposed"), title: Title }),
  z.strictObject({ ...common, fact: z.literal("lead.changed"), to: Name }),
  z.strictObject({ ...common, fact: z.literal("partner.joined") }),
  z.strictObject({ ...common, fact: z.literal("partner.left") }),
  z.strictObject({ ...common, fact: z.literal("initiative.status"), status: External }),
  z.strictObject({
    ...common,
    fact: z.literal("commitment.made"),
    commitment: External,
    title: Title,
    due: Day,
  }),
  z.strictObject({
    ...common,
    fact: z.literal("commitment.rescheduled"),
    commitment: External,
    title: Title.optional(),
    due: Day,
    was: Day.optional(),
    after_due: z.boolean().optional(),
  }),
  z.strictObject({
    ...common,
    fact: z.literal("commitment.withdrawn"),
    commitment: External,
    title: Title.optional(),
  }),
  z.strictObject({
    ...common,
    fact: z.literal("commitment.fulfilled"),
    commitment: External,
    title: Title.optional(),
  }),
]);
export type Fact = z.infer<typeof Fact>;

/** A line of the file, counted from 1. `key` is the same for the same text at the same occurrence, also in a longer file. */
export type Line =
  | { readonly line: number; readonly key: string; readonly fact: Fact; readonly occurredAt: number }
  | { readonly line: number; readonly malformed: string };

/** Every line of a history, the malformed ones with what is wrong; empty lines are passed over. */
export function readHistory(text: string): readonly Line[] {
  const seen = new Map<string, number>();
  const lines: Line[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    if (raw.trim() === "") continue;
    lines.push(readLine(index + 1, raw, seen));
  }
  return lines;
}

function readLine(line: number, raw: string, seen: Map<string, number>): Line {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    // The parser's own words would quote the line; its number is enough to find it.
    return { line, malformed: "not JSON" };
  }
  const parsed = Fact.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { line, malformed: `${issue?.path.join(".") || "line"}: ${issue?.message ?? "does not fit"}` };
  }
  const digest = createHash("sha256").update(raw.trim()).digest("base64url");
  const occurrence = seen.get(digest) ?? 0;
  seen.set(digest, occurrence + 1);
  return { line, key: `${digest}.${occurrence}`, fact: parsed.data, occurredAt: Date.parse(parsed.data.at) };
}

/** Partners by number of facts as `partner`, most first; ties by first appearance. */
export function mostActive(lines: readonly Line[], count: number): readonly string[] {
  const facts = new Map<string, number>();
  for (const line of lines)
    if ("fact" in line) facts.set(line.fact.partner, (facts.get(line.fact.partner) ?? 0) + 1);
  // The sort is stable and a Map keeps the order of first appearance.
  return [...facts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([partner]) => partner);
}
