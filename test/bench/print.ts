/** Findings for people, and one line of JSON each for programs. */
import type { Benchmark, Finding } from "./benchmark.ts";
import type { Rate } from "./race.ts";

export type Print = {
  begin(benchmark: Benchmark): void;
  finding(benchmark: Benchmark, finding: Finding): void;
  say(text: string): void;
};

export function createPrint(isJson: boolean): Print {
  const out = (text: string) => process.stdout.write(`${text}\n`);
  const say = (text: string) => process.stderr.isTTY && process.stderr.write(`  ... ${text}\n`);
  if (isJson)
    return {
      begin: () => {},
      finding: ({ name }, finding) => out(JSON.stringify(lineOf(name, finding))),
      say,
    };
  return {
    begin: ({ name, about }) => out(`\n${name}: ${about}`),
    finding: (_benchmark, finding) => out(textOf(finding)),
    say,
  };
}

const lineOf = (benchmark: string, { what, raced, goal, facts = {} }: Finding) => ({
  benchmark,
  what,
  ...raced,
  ...(goal === undefined ? {} : { goal: goal.text, isMet: goal.isMet }),
  facts,
});

function textOf({ what, raced: { ours, beside }, goal, facts = {} }: Finding): string {
  const width = Math.max(...[ours, ...beside].map(({ name }) => name.length));
  const row = (rate: Rate, end: string) =>
    `    ${rate.name.padEnd(width)}  ${whole(rate.perSecond).padStart(11)}/s${latencyOf(rate)}${end}`;
  return [
    "",
    `  ${what}`,
    row(ours, ""),
    ...beside.map((rate) => row(rate, `   ours is ${ratioText(rate.ratio)}${spreadOf(rate.ratios)}`)),
    ...Object.entries(facts).map(
      ([name, value]) => `    ${name}: ${typeof value === "number" ? whole(value) : value}`,
    ),
    ...(goal === undefined ? [] : [`    goal: ${goal.text}: ${goal.isMet ? "met" : "not met"}`]),
  ].join("\n");
}

const latencyOf = ({ p50Ms, cpuUs }: Rate): string =>
  (p50Ms === undefined ? "" : `, p50 ${p50Ms.toFixed(2)} ms`) +
  (cpuUs === undefined ? "" : `, ${cpuUs.toFixed(1)} us of CPU each`);

const spreadOf = (ratios: readonly number[]): string =>
  ratios.length < 2
    ? ""
    : ` (${ratioText(Math.min(...ratios))} to ${ratioText(Math.max(...ratios))} in ${ratios.length} rounds)`;

const ratioText = (ratio: number): string => `${ratio.toPrecision(2)}x`;

const whole = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
