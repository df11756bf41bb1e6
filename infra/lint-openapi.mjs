/**
 * Lints docs/reference/openapi.json, the document that a test holds equal to what a node serves: every reference resolves, every
 * operation is named and answers, as Redocly's recommended rules have it. A warning fails too.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { root } from "./setup/places.mjs";

const file = join(root, "docs", "reference", "openapi.json");
const config = await createConfig({ extends: ["recommended"] });
const problems = await lintFromString({ source: readFileSync(file, "utf8"), absoluteRef: file, config });
for (const { severity, ruleId, message, location } of problems)
  process.stdout.write(`${severity} ${ruleId} at ${location[0]?.pointer ?? "#"}: ${message}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
