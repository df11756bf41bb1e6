import { keepCompiled } from "./compiled.ts";

keepCompiled();
const { runProgram } = await import("./cli/program.ts");

// A reader that has seen enough (`| head`) is not an error, and nobody is left to print for.
process.stdout.on("error", (err: NodeJS.ErrnoException) => {
  if (err.code !== "EPIPE") throw err;
  process.exit();
});

await runProgram(process.argv.slice(2), process.env);
