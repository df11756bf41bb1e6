/**
 * The text of `nats-server.conf`, and nothing that is not needed: no monitoring port, no leaf node,
 * gateway, route, websocket or MQTT listener, no JetStream, no login without a JWT.
 *
 * Every limit is in `serverLimits`; nats-server 2.9.10 takes them all.
 */
import { join } from "node:path";
import type { NodeJwts } from "./accounts.ts";
import { accountIdOf, nodeAccountNames, type OperatorIdentity } from "./identity.ts";

/** Where the server keeps what, inside its folder. */
export function serverFiles(dir: string) {
  return {
    configuration: join(dir, "nats-server.conf"),
    pid: join(dir, "nats-server.pid"),
    log: join(dir, "nats-server.log"),
    /** The server writes one file here that names the port it got. */
    ports: join(dir, "ports"),
    accounts: join(dir, "accounts"),
    certificate: join(dir, "server-cert.pem"),
    key: join(dir, "server-key.pem"),
  } as const;
}

export type ServerSettings = {
  readonly dir: string;
  readonly identity: OperatorIdentity;
  readonly jwts: NodeJwts;
  readonly host: string;
  /** 0 = one that is free. */
  readonly port: number;
  readonly isTls: boolean;
};

const serverLimits = {
  payloadBytes: 1_048_576,
  /** One protocol line. CONNECT carries a JWT of about 1 KiB, so 1 KiB would let nobody in. */
  controlLineBytes: 4_096,
  /** What the server holds for a client that does not read, before it drops the client. */
  pendingBytes: 8 * 1_048_576,
  writeDeadlineSeconds: 5,
  loginSeconds: 2,
  connections: 4_096,
  accounts: 10_000,
  logBytes: 16 * 1_048_576,
} as const;

/** Writes the configuration for one server in operator mode. */
export function serverConfiguration(settings: ServerSettings): string {
  const { identity, jwts, isTls } = settings;
  const files = serverFiles(settings.dir);
  const preload = nodeAccountNames.map((name) => `  ${accountIdOf(identity, name)}: ${jwts[name]}`);
  const tls = `tls { cert_file: ${quote(files.certificate)}, key_file: ${quote(files.key)}, timeout: ${serverLimits.loginSeconds} }`;
  return `# Written by Handfast at every start; changes here are lost.
server_name: ${quote(`handfast ${identity.name}`)}
host: ${quote(settings.host)}
port: ${settings.port === 0 ? -1 : settings.port}
pid_file: ${quote(files.pid)}
ports_file_dir: ${quote(files.ports)}
log_file: ${quote(files.log)}
logfile_size_limit: ${serverLimits.logBytes}

max_payload: ${serverLimits.payloadBytes}
max_control_line: ${serverLimits.controlLineBytes}
max_pending: ${serverLimits.pendingBytes}
max_connections: ${serverLimits.connections}
write_deadline: "${serverLimits.writeDeadlineSeconds}s"
authorization { timeout: ${serverLimits.loginSeconds} }
${isTls ? tls : "# no TLS: loopback only"}

operator: ${jwts.operator}
system_account: ${accountIdOf(identity, "system")}
resolver {
  type: full
  dir: ${quote(files.accounts)}
  allow_delete: true
  interval: "2m"
  limit: ${serverLimits.accounts}
  # There is no other server to ask about an account that is not here.
  timeout: "100ms"
}
resolver_preload {
${preload.join("\n")}
}
`;
}

/** A string of the configuration language; its escapes are those of JSON for the characters a path may hold. */
function quote(text: string): string {
  return JSON.stringify(text);
}
