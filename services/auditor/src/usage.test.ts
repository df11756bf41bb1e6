// Goal: every id can be given to --subject as it is, and wrong usage is answered in words of our own.
import { expect, it } from "vitest";
import { parseCommand } from "./usage.ts";

const replay = (...more: string[]) =>
  parseCommand(["replay", "b.hfbundle", "--as-of", "2026-03-01", ...more]);

it.each(["-L6NCXX-AAAAAAAAAAAAAA.2", "-x", "-ext 1", "--Dash", "-", "--", "kep-617"])(
  "takes %s as a subject",
  (subject) => {
    expect(replay("--subject", subject, "--json")).toMatchObject({ kind: "replay", subject, json: true });
    expect(replay(`--subject=${subject}`)).toMatchObject({ kind: "replay", subject });
  },
);

it("takes what reads like an option behind =", () => {
  expect(replay("--subject=--json")).toMatchObject({ subject: "--json", json: false });
});

it.each<[string[], string]>([
  [["--subject"], "--subject needs a value, for example --subject kep-617"],
  [["--subject", "--json"], "--subject needs a value, for example --subject kep-617"],
  // As an unset variable of a script leaves it.
  [["--subject", ""], "--subject needs a value, for example --subject kep-617"],
  [["--subject= "], "--subject needs a value, for example --subject kep-617"],
  [["--colour"], "--colour is not an option; see handfast-audit --help"],
  [["--constructor"], "--constructor is not an option; see handfast-audit --help"],
  [["-x"], "-x is not an option; see handfast-audit --help"],
  [["--json=yes"], "--json takes no value"],
])("says what is wrong with %s", (words, why) => {
  expect(replay(...words)).toEqual({ kind: "wrong", why });
});

it.each([[], [""], [" "]])("misses the bundle in %j", (...path) => {
  const why = "the bundle is missing: handfast-audit verify BUNDLE";
  expect(parseCommand(["verify", ...path])).toEqual({ kind: "wrong", why });
});
