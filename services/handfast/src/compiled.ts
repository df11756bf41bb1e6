/** Where Node keeps what it made of our TypeScript: stripping types and compiling are most of what a start costs. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/** Where it cannot be written nothing is kept, and starts cost more. */
const dir = join(import.meta.dirname, "..", "..", "..", "node_modules", ".cache", "compiled");

/** For a thread or a process of ours, which is given all of its environment. */
export const keptCompiled = { NODE_COMPILE_CACHE: dir } as const;

/** For this thread, and what it imports from now on. */
export const keepCompiled = (): void => void enableCompileCache(dir);
