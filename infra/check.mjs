/** `npm run check`: form, fences, types, promises, unit and contract tests. Stops at the first that fails. */
import { exitWith } from "./setup/say.mjs";
import { setUp } from "./setup/set-up.mjs";
import { judges, runTool } from "./tools.mjs";

await exitWith(async () => {
  const env = await setUp();
  for (const [tool, ...args] of judges) {
    const code = await runTool(env, tool, ...args);
    if (code !== 0) return code;
  }
  return runTool(
    env,
    "vitest",
    "run",
    "--project",
    "unit",
    "--project",
    "contract",
    ...process.argv.slice(2),
  );
});
