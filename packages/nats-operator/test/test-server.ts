/**
 * A real nats-server for one test: own identity, own certificates, own folder, a free port; about 0.1 s.
 *
 * Test only. Exported as `@handfast/nats-operator/test-server`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CertifiedKey, createAuthority, createServerCertificate } from "../src/certificates.ts";
import { createOperator, type OperatorIdentity } from "../src/identity.ts";
import { type NatsServer, startNatsServer } from "../src/server.ts";

export interface TestNatsServer extends AsyncDisposable {
  readonly server: NatsServer;
  readonly identity: OperatorIdentity;
  readonly dir: string;
  readonly authority: CertifiedKey;
  /** Ends the server if it still runs and starts it again: same folder, same identity, same port. */
  restart(): Promise<void>;
}

/** Starts one, with TLS unless told otherwise. Disposing it stops the server and removes the folder. */
export async function startTestNatsServer(
  options: { readonly name?: string; readonly tls?: boolean } = {},
): Promise<TestNatsServer> {
  const dir = mkdtempSync(join(tmpdir(), "handfast-nats-"));
  const identity = createOperator(options.name ?? "orchard");
  const authority = await createAuthority(identity.name, Date.now());
  const certificate = await createServerCertificate(authority, [], Date.now());
  const tls = options.tls === false ? {} : { tls: { caPem: authority.certificatePem, server: certificate } };
  let server = await startNatsServer({ dir, identity, ...tls });
  return {
    get server() {
      return server;
    },
    identity,
    dir,
    authority,
    restart: async () => {
      await server[Symbol.asyncDispose]();
      server = await startNatsServer({ dir, identity, ...tls, port: server.port });
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
