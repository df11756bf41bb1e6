// Goal: wrong usage says which word it is about, what was given, what is expected, and a command as it can be typed; whatever the command.
import { exitCodes } from "@handfast/api/exit-codes";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { NodeError } from "../node/fault.ts";
import { createProgram } from "./program.ts";

async function refusalOf(...argv: string[]): Promise<NodeError> {
  const refused = await createProgram({})
    .parseAsync(argv, { from: "user" })
    .catch((err: unknown) => err);
  if (refused instanceof NodeError) return refused;
  throw new Error(`not refused: ${argv.join(" ")}`, { cause: refused });
}

function* leaves(command: Command, path: readonly string[] = []): Iterable<readonly string[]> {
  if (command.commands.length === 0) yield path;
  for (const one of command.commands) yield* leaves(one, [...path, one.name()]);
}

describe("wrong usage", () => {
  it.each<[string, string[], string]>([
    [
      "of an argument that is missing",
      ["commitment", "accept"],
      "<id>: is missing; expected an id, as lists and answers show it, for example RmBVbYlMcVbGdnqJIm2XAQ.12",
    ],
    [
      "of an option that is missing",
      ["commitment", "pledge", "--title", "x"],
      "--due: is missing; expected a day (YYYY-MM-DD), for example 2030-06-01",
    ],
    [
      "of an option without a value",
      ["commitment", "pledge", "--title", "x", "--due"],
      "--due: got nothing, expected a day (YYYY-MM-DD), for example 2030-06-01",
    ],
    [
      "of a required option that is mistyped",
      ["commitment", "pledge", "--titel", "x"],
      '--title: got "--titel", which is not an option here, expected what it is, in one line, for example "Mend the press"',
    ],
    [
      "of an option that there is not",
      ["events", "--typ", "x"],
      'handfast events: got "--typ", expected one of --after, --type,',
    ],
    [
      "of a word that is none of the choices",
      ["initiatives", "--state", "nope"],
      '--state: got "nope", expected one of proposed, active,',
    ],
    ["of a command that there is not", ["commitmen"], "did you mean commitment?"],
    [
      "of a value that was not quoted",
      ["commitment", "accept", "the", "fence"],
      'handfast commitment accept: got "the" "fence", expected only <id>',
    ],
  ])("%s says what", async (_what, argv, expected) => {
    const { message, hint, exitCode } = await refusalOf(...argv);
    expect(message).toContain(expected);
    expect(hint).toMatch(/^handfast .*; `handfast.* --help` says the rest$/);
    expect(exitCode).toBe(exitCodes.usage);
  });

  it("repeats the data folder that was named in what can be typed", async () => {
    const missing = ["commitment", "offer", "--title", "x"];
    expect((await refusalOf("--data", "/tmp/the node", ...missing)).hint).toContain(
      "handfast --data '/tmp/the node' commitment offer --title",
    );
    expect((await refusalOf(...missing)).hint).toMatch(/^handfast commitment offer --title/);
  });

  it("suggests words that begin alike, and no others", async () => {
    expect((await refusalOf("initiative", "step-up", "x", "--reason", "y")).message).not.toContain(
      "did you mean",
    );
    expect((await refusalOf("up", "--nats-host", "x")).message).toContain("did you mean --nats-port?");
  });

  it("of a group puts no act into anybody's hands", async () => {
    for (const path of [
      ["peers", "--foo"],
      ["log", "foo"],
      ["token", "x"],
    ]) {
      const { hint } = await refusalOf(...path);
      expect(hint, path.join(" ")).not.toMatch(/cut-off|confirm|restore|create|revoke/);
      expect(hint).toContain("--help");
    }
  });

  it("of every command is told in that form", async () => {
    for (const path of leaves(createProgram({}))) {
      const { message, hint, code } = await refusalOf(...path, "--no-such-option");
      expect([code, message], path.join(" ")).toEqual([
        "usage",
        expect.stringMatching(/(got|missing;) .*expected ./),
      ]);
      expect(hint).toContain(`handfast ${path.join(" ")}`);
    }
  });
});
