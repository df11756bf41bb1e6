// Goal: an id or a name that begins with a hyphen is taken wherever one can stand, and a mistyped option is still refused.
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { DashedIdCommand } from "./dashed-ids.ts";

const first = "-L6NCXX-AAAAAAAAAAAAAA.2";
const second = "--__AAAAAAAAAAAAAAAAAA.17";
const pinned = `${first}@${"A".repeat(43)}`;

function parsed(...argv: string[]): unknown {
  let seen: unknown;
  const program = new DashedIdCommand("handfast").option("--data <folder>");
  const verb = program
    .command("commitment")
    .command("accept <id> [more]")
    .option("--terms <text>")
    .option("--carry <values...>")
    .option("--yes")
    .action((id: string, more?: string) => {
      seen = { id, ...(more === undefined ? {} : { more }), ...verb.opts() };
    });
  for (const command of [program, ...program.commands, verb])
    command.exitOverride().configureOutput({ writeErr: () => {} });
  program.parse(["commitment", "accept", ...argv], { from: "user" });
  return seen;
}

describe("an id that begins with a hyphen", () => {
  it.each<[string, string[], unknown]>([
    ["alone", [first], { id: first }],
    ["pinned", [pinned], { id: pinned }],
    ["before options", [first, "--yes", "--data", "x"], { id: first, yes: true }],
    ["behind options", ["--yes", "--data", "x", second], { id: second, yes: true }],
    ["twice", [first, second], { id: first, more: second }],
    ["as a value", ["a", "--terms", pinned], { id: "a", terms: pinned }],
    ["as a value behind =", ["a", `--terms=${pinned}`], { id: "a", terms: pinned }],
    ["in a list", ["a", "--carry", first, "b", second], { id: "a", carry: [first, "b", second] }],
    [
      "in a list with commas",
      ["a", "--carry", `${first},${second}`],
      { id: "a", carry: [`${first},${second}`] },
    ],
    ["behind --", ["--", first], { id: first }],
    ["from elsewhere", ["-ext"], { id: "-ext" }],
    ["from elsewhere, behind an option", ["--yes", "-1"], { id: "-1", yes: true }],
    ["as a name", ["-Dash & <b>", "--Dash = x"], { id: "-Dash & <b>", more: "--Dash = x" }],
    ["as names in a list", ["a", "--carry", "-b c", "-d"], { id: "a", carry: ["-b c", "-d"] }],
    ["that reads like an option, behind --", ["--", "--yes"], { id: "--yes" }],
  ])("is taken %s", (_where, argv, expected) => {
    expect(parsed(...argv)).toEqual(expected);
  });

  it("is told from an option that there is not", () => {
    for (const word of ["--no-such-option", "--yess", "--terns=x", "-h"])
      expect(() => parsed(word)).toThrow(CommanderError);
    expect(() => parsed("a", "b", "-x")).toThrow(/too many arguments/);
    expect(() => parsed("a", "--no-such-option", first)).toThrow(/--no-such-option/);
  });
});
