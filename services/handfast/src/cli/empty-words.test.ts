// Goal: an empty word never stands for the current folder or for "none": it is wrong usage, told by what it should name.
import { exitCodes } from "@handfast/api/exit-codes";
import { expect, it } from "vitest";
import { createProgram } from "./program.ts";

const refused = async (argv: readonly string[]): Promise<unknown> =>
  createProgram({})
    .parseAsync([...argv], { from: "user" })
    .catch((err: unknown) => err);

it.each<[string[], string]>([
  [["--data", "", "init", "--name", "Orchard"], "--data: got an empty text, expected the node's data folder"],
  [["--data", " ", "status"], "--data: got an empty text"],
  [["--token-file", "", "status"], "--token-file: got an empty text"],
  [["invite", "--out", ""], "--out: got an empty text, expected a file"],
  [["demo", "--history", ""], "--history: got an empty text, expected a file"],
  [["keys", "answer", ""], "<file>: got an empty text, expected a file"],
  [
    ["keys", "sign", "", "--key", "k", "--out", "o"],
    "<request>: got an empty text, expected a file with a request",
  ],
  [["keys", "request", "--out", ""], "--out: got an empty text, expected a file"],
  [
    ["import", "history.ndjson", "--only", ""],
    "--only: got an empty text, expected partners that have a node",
  ],
  [
    ["import", "history.ndjson", "--as", " "],
    "--as: got an empty text, expected a name that this partner has",
  ],
  [["token", "revoke", ""], "<token-id>: got an empty text, expected the id of a token"],
  [["initiatives", "--partner", ""], "--partner: got an empty text, expected a partner by its name or id"],
  [["audit", "export", ""], "<file>: got an empty text, expected a file"],
  [["backup", ""], "<folder>: got an empty text"],
  [["restore", ""], "<backup>: got an empty text, expected a backup's folder"],
  [["demo", "--bundle", ""], "--bundle: got an empty text"],
  [["commitment", "accept", ""], "<id>: got an empty text, expected an id, as lists and answers show it"],
  [["commitments", "--initiative", ""], "--initiative: got an empty text"],
  [["admit", ""], "<partner>: got an empty text, expected a partner by its name or id"],
])("%j is wrong usage", async (argv, message) => {
  expect(await refused(argv)).toMatchObject({
    message: expect.stringContaining(message),
    hint: expect.stringMatching(/^handfast .*--help$/),
    exitCode: exitCodes.usage,
  });
});

it("names the variable that was empty", async () => {
  process.env["HANDFAST_DATA"] = "";
  try {
    expect(await refused(["status"])).toMatchObject({
      message: expect.stringContaining("HANDFAST_DATA: got an empty text"),
    });
  } finally {
    delete process.env["HANDFAST_DATA"];
  }
});
