/** A whole node as an operator runs it: founded, up in a process of its own with its own nats-server, and tokens for its callers. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { handfastMain, type ServerProcess, startServerProcess, thisCheckout } from "./server-process.ts";

export interface BenchNode extends ServerProcess {
  /** One a caller: each may send only so many requests a minute. */
  readonly tokens: readonly string[];
  /** The headers and the payloads of a type, as the node's audit bundle has them. */
  entriesOf(
    type: string,
  ): Promise<{ readonly headers: readonly string[]; readonly payloads: readonly string[] }>;
}

/** @param checkout Of the release that it runs. Default: this one. */
export async function openBenchNode(
  dir: string,
  callers: number,
  checkout = thisCheckout,
): Promise<BenchNode> {
  const main = handfastMain(checkout);
  const data = join(dir, "node");
  // By the environment, since release 0.1.0 has no flag for it.
  process.env["HANDFAST_STATE_DIR"] = join(dir, "state");
  const found = ["init", "--name", "Orchard", "--network", "Valley", "--http-port", "0", "--nats-port", "0"];
  execFileSync(process.execPath, [main, "--data", data, "--json", ...found], { stdio: "ignore" });
  const { openTokens }: typeof import("@handfast/gateway/tokens") = await import(
    join(checkout, "services", "gateway", "src", "tokens.ts")
  );
  using tokens = openTokens(join(data, "gateway"));
  const create = (name: string, role: "member" | "auditor") => tokens.create({ name, role }, Date.now()).text;
  const members = Array.from({ length: callers }, (_, index) => create(`caller ${index}`, "member"));
  const auditor = create("auditor", "auditor");
  const up = ["--data", data, "--json", "up", "--log-level", "error", "--stop-with-stdin"];
  const { url, pid, cpuMs, [Symbol.asyncDispose]: stop } = await startServerProcess(main, ...up);
  return {
    url,
    pid,
    cpuMs,
    tokens: members,
    entriesOf: async (type) => {
      const answer = await fetch(`${url}/v1/audit/bundle`, {
        headers: { authorization: `Bearer ${auditor}` },
      });
      const lines = (await answer.text()).split("\n");
      const headers = lines.filter((line) => line.includes(`"type":"${type}"`));
      return { headers, payloads: lines.filter((line) => line.startsWith('{"body":')) };
    },
    [Symbol.asyncDispose]: stop,
  };
}
