/** `npm run bench [-- NAME...] [-- --quick] [-- --json]`: runs benchmarks one after another and prints what they find. */
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { append } from "./append.ts";
import { audit } from "./audit.ts";
import type { Benchmark } from "./benchmark.ts";
import { commands } from "./commands.ts";
import { createPrint } from "./print.ts";
import { replicate } from "./replicate.ts";
import { start } from "./start.ts";
import { views } from "./views.ts";
import { wholeNode } from "./whole-node.ts";

const all: readonly Benchmark[] = [append, commands, replicate, start, views, wholeNode, audit];

const usage = `usage: npm run bench [-- [NAME...] [--quick] [--json] [--beside CHECKOUT]]
${all.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n")}
`;

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      beside: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const chosen = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name));
  if (values.help || chosen.length < positionals.length) {
    process[values.help ? "stdout" : "stderr"].write(usage);
    return values.help ? 0 : 2;
  }
  const print = createPrint(values.json);
  const beside = values.beside === undefined ? null : resolve(values.beside);
  for (const benchmark of chosen) {
    print.begin(benchmark);
    using dir = mkdtempDisposableSync(join(tmpdir(), `handfast-bench-${benchmark.name}-`));
    const settings = { isQuick: values.quick, beside, dir: dir.path, say: print.say };
    for await (const finding of benchmark.run(settings)) print.finding(benchmark, finding);
  }
  return 0;
}

process.exitCode = await run();
