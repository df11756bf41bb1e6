/** `npm run fix`: puts into form what a tool can. */
import { exitWith } from "./setup/say.mjs";
import { setUp } from "./setup/set-up.mjs";
import { runTool } from "./tools.mjs";

await exitWith(async () => runTool(await setUp(), "biome", "check", "--write", "."));
