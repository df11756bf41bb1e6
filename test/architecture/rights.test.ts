// Goal: no service asks the ledger for something that its login on the node's bus may not send. Such a question fails in real
// nodes only, where the service goes on without the answer. Method: every call of the ledger's client in the sources of the
// services, against the rights that a node gives each of them.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { services } from "../../services/handfast/src/node/services.ts";
import { root } from "./packages.ts";

const asking = ["partnership", "federation", "gateway"] as const;

describe.each(asking)("%s", (service) => {
  it("may send everything that it asks the ledger", () => {
    const asked = callsOfLedger(service);
    expect(asked).not.toHaveLength(0);
    const permitted: readonly string[] = services[service].rights.publish;
    expect(asked.filter((verb) => !permitted.includes(`hf.ledger.${verb}`))).toEqual([]);
  });
});

/** The verbs of the calls: each is the client's method in small letters, with hyphens. */
function callsOfLedger(service: (typeof asking)[number]): readonly string[] {
  const files = globSync("**/*.ts", { cwd: join(root, "services", service, "src") });
  const methods = files
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, "services", service, "src", file), "utf8"))
    .flatMap((text) => [...text.matchAll(/\bledger\.([a-z][A-Za-z]*)\(/g)].map(([, method = ""]) => method));
  return [...new Set(methods)].map((method) =>
    method.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
}
