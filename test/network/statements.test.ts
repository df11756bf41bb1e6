// Goal: after a partner has set its keys anew it invites and joins as before, and what a stolen old key signs lets nobody in where the
// change is known. Method: real nodes; keys set by the command line; a thief with the old log key and an invitation to sign again.
import { mkdtempDisposableSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitForConvergence } from "@handfast/handfast/demo/convergence";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import { type DemoNode, demoNode } from "@handfast/handfast/demo/node";
import { createUserKey } from "@handfast/nats-operator/keys";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import {
  formatInvitation,
  type Invitation,
  invitationHash,
  type Join,
  parseInvitation,
  type StatementKind,
  statementMessage,
  unsignedText,
} from "@handfast/protocol/federation";
import { eventually } from "@handfast/testkit/eventually";
import { signerFrom } from "@handfast/tlog/signer";
import { expect, it } from "vitest";
import { commandsOf, handfast } from "./command-line.ts";
import { sendJoin } from "./stranger.ts";

const longMs = 90_000;
const shapeOf = (text: string): Invitation => {
  const parsed = parseInvitation(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};
const isLinked = async (node: DemoNode, other: string): Promise<boolean> =>
  (await node.api.peers()).some((peer) => peer["name"] === other && peer["state"] === "connected");
const areLinked = (node: DemoNode, other: string) =>
  eventually(`${node.name} is linked to ${other}`, () => isLinked(node, other), {
    withinMs: longMs,
    everyMs: 200,
  });

it("speak for a partner only while they are in force", { timeout: 400_000 }, async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-statements-"));
  await using cleanup = new AsyncDisposableStack();
  const partners = ["Orchard", "Millrace"];
  const network = cleanup.use(
    await openDemoNetwork({ name: "Valley", partners, dir: temp.path, say: () => {} }),
  );
  const [orchard, millrace] = network.nodes as readonly [DemoNode, DemoNode];
  const command = commandsOf(orchard);
  const invite = async (host: DemoNode) =>
    (await host.api.invite({ validHours: 1, endpoints: [`tls://localhost:${host.natsPort}`] })).invitation;
  /** A new partner's node, made and joined by the command line. */
  const joins = async (name: string, invitation: string): Promise<void> => {
    const dir = join(temp.path, name);
    const made = await handfast(
      ...["--data", dir, "init", "--name", name, "--http-port", "0", "--nats-port", "0"],
      ...["--state-dir", `${dir}-state`],
    );
    expect(made).toMatchObject({ code: 0 });
    const node = demoNode(name, dir, 0);
    expect(await commandsOf(node)("join", invitation, "--yes")).toMatchObject({ code: 0 });
    cleanup.use(node);
    await node.start();
    await areLinked(node, "Orchard");
    await eventually(
      `${name} is seen by Millrace`,
      async () => (await millrace.api.memberState(name)) === "sponsored",
      { withinMs: longMs, everyMs: 200 },
    );
  };

  const before = await invite(orchard);
  const logKey = () =>
    JSON.parse(readFileSync(join(orchard.folder.dir, "keys", "log.json"), "utf8")) as { key: string };
  const stolen = signerFrom(logKey().key);
  const forge = <Statement extends { readonly sig: string }>(
    kind: StatementKind,
    statement: Omit<Statement, "sig">,
  ): Statement => {
    const sig = toB64u(stolen.sign(statementMessage(kind, unsignedText(statement))));
    return { ...statement, sig } as unknown as Statement;
  };
  const { sig: _sig, ...unsigned } = shapeOf(before);
  const theirs = forge<Invitation>("invitation", { ...unsigned, endpoints: ["tls://localhost:1"] });

  const [root, request, answer] = ["root.json", "request", "answer"].map((name) => join(temp.path, name)) as [
    string,
    string,
    string,
  ];
  renameSync(orchard.folder.rootKey, root);
  for (const args of [
    ["keys", "request", "--out", request],
    ["keys", "sign", request, "--key", root, "--out", answer],
    ["keys", "answer", answer],
  ])
    expect(await command(...args)).toMatchObject({ code: 0 });
  await waitForConvergence([orchard, millrace], longMs, () => {});

  await joins("Ferry", await invite(orchard));
  // A newcomer who holds nothing yet cannot know that the key was replaced; the host honours what it made, and shows its new keys.
  await joins("Granary", before);

  for (const text of [formatInvitation(theirs), formatInvitation(forge<Invitation>("invitation", unsigned))])
    await expect(millrace.api.acceptInvitation(text)).rejects.toMatchObject({
      message: expect.stringContaining("key-replaced"),
    });

  // With its new keys Orchard joins elsewhere, and its old key does not.
  const second = shapeOf(await invite(millrace));
  const unsignedJoin: Omit<Join, "sig"> = {
    v: 1,
    net: second.net,
    invitation: invitationHash(second.lobby.token),
    opened: unsigned.inviter.opened,
    userKey: createUserKey().user,
  };
  const sent = forge<Join>("join", unsignedJoin);
  expect(await sendJoin(second, toBytes(canonicalText(sent as unknown as Json)))).toMatchObject({
    ok: false,
    code: "key-replaced",
  });
  await orchard.api.acceptInvitation(formatInvitation(second));
  await areLinked(millrace, "Orchard");
});
