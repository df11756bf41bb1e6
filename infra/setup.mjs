/**
 * `node infra/setup.mjs`: makes this checkout ready to run, from a machine that has only some Node (18 or newer)
 * and npm. Every `npm run` here does the same first, so nobody has to call it. What it does: infra/setup/set-up.mjs.
 */
import { exitWith, say } from "./setup/say.mjs";
import { setUp } from "./setup/set-up.mjs";

await exitWith(async () => {
  await setUp();
  say("ready");
  return 0;
});
