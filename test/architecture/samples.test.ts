// Goal: what the documents tell people to type exists. Method: every `handfast` line in a code block is held against the
// command line's own tree of commands and flags, every `npm run` against the scripts, every path in backticks against the tree.
import { existsSync, globSync, readFileSync } from "node:fs";
import { createProgram } from "@handfast/handfast/cli/program";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";

const documents = ["README.md", "CONTRIBUTING.md", "FEDERATION.md", ...globSync("docs/**/*.md")];
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The lines of all code blocks in shell, comments cut off. */
const shellLines = (text: string): readonly string[] =>
  [...text.matchAll(/```(?:sh|bash)\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block
      .replaceAll("\\\n", " ")
      .split("\n")
      .map((line) => line.replace(/\s#.*$/, "").trim()),
  );

/** What is wrong with a `handfast` line; null when it can be typed. */
function faultOf(line: string): string | null {
  const words = [...line.matchAll(/"[^"]*"|\S+/g)]
    .map(([word]) => word)
    .filter((word) => !["|", ">"].includes(word));
  let command: Command = createProgram({});
  const known = (): readonly string[] =>
    [command, ...ancestors(command)].flatMap((one) => one.options.map((option) => option.long ?? ""));
  for (let index = words.indexOf("handfast") + 1; index < words.length; index++) {
    const word = words[index] as string;
    if (word.startsWith("--")) {
      if (!known().includes(word)) return `${word} is not a flag of ${command.name()}`;
      if (!isFlag(command, word)) index++;
      continue;
    }
    const next = command.commands.find((one) => one.name() === word);
    if (next !== undefined) command = next;
    else if (command.commands.length > 0 && command.registeredArguments.length === 0)
      return `${word} is not a command of ${command.name()}`;
  }
  return null;
}

const ancestors = (command: Command): readonly Command[] =>
  command.parent === null ? [] : [command.parent, ...ancestors(command.parent)];
const isFlag = (command: Command, long: string): boolean =>
  [command, ...ancestors(command)]
    .flatMap((one) => one.options)
    .find((option) => option.long === long)
    ?.isBoolean() ?? true;

it("tells lines that can be typed from mistyped ones", () => {
  expect(faultOf("handfast --data ./x comitment accept a.1")).toBe("comitment is not a command of handfast");
  expect(faultOf("handfast commitment accept a.1 --soon")).toBe("--soon is not a flag of accept");
});

describe.each(documents)("%s", (path) => {
  const text = readFileSync(path, "utf8");

  it("names commands and flags that exist", () => {
    const lines = shellLines(text).flatMap(
      (line) => /(?:^|\(|\$\()handfast [^)]*/.exec(line)?.[0].replace(/^[($]+/, "") ?? [],
    );
    expect(lines.map((line) => [line, faultOf(line)] as const).filter(([, fault]) => fault !== null)).toEqual(
      [],
    );
  });

  it("names scripts that exist", () => {
    const scripts = [...text.matchAll(/npm run (?:--silent )?([a-z-]+)/g)].map(([, name = ""]) => name);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it("names files and folders that exist", () => {
    const paths = [...text.matchAll(/`((?:docs|infra|packages|services|test)\/[A-Za-z0-9_./-]+)`/g)].map(
      ([, named = ""]) => named,
    );
    expect(
      paths.filter(
        (named) =>
          !existsSync(named) &&
          !existsSync(named.replace(/^infra\/runtime.*/, "infra/runtime")) &&
          globSync(`${named}*`).length === 0,
      ),
    ).toEqual([]);
  });
});
