/**
 * `node infra/run.mjs [--only-node] FILE ARGS...`: sets up what is missing, then runs a TypeScript file of this
 * repository under the pinned Node. FILE is relative to the repository; paths among ARGS are relative to where
 * the person stands, also when npm has moved us to the repository's root.
 */
import { join } from "node:path";
import { node, root } from "./setup/places.mjs";
import { runToEnd } from "./setup/run-to-end.mjs";
import { exitWith } from "./setup/say.mjs";
import { setUp, setUpNode } from "./setup/set-up.mjs";

await exitWith(async () => {
  const isOnlyNode = process.argv[2] === "--only-node";
  const [file = "", ...args] = process.argv.slice(isOnlyNode ? 3 : 2);
  // What Node makes of the TypeScript of a program and of all that it starts is kept; services/handfast/src/compiled.ts says where.
  const compiled = join(root, "node_modules", ".cache", "compiled");
  const env = isOnlyNode ? await setUpNode() : { NODE_COMPILE_CACHE: compiled, ...(await setUp()) };
  const cwd = process.cwd() === root ? (process.env["INIT_CWD"] ?? root) : process.cwd();
  return runToEnd(node, [join(root, file), ...args], { env, cwd });
});
