/**
 * `handfast join`: takes up an invitation. The first one brings the node into a network (its log is opened, and the link is made when
 * the node comes up); a further one adds a link to one more partner of the same network.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { exitCodes } from "@handfast/api/exit-codes";
import { type ReadInvitation, readInvitation } from "@handfast/federation/service";
import { networkIdOf } from "@handfast/protocol/charter";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import type { NodeApi } from "../cli/node-api.ts";
import { assertNode, type DataFolder } from "./data-folder.ts";
import { NodeError, usage } from "./fault.ts";
import { readPartner } from "./init.ts";
import { enterNetwork } from "./init-command.ts";

export type JoinDone = {
  readonly network: string;
  readonly inviter: string;
  readonly fingerprint: string;
  readonly state: "waits-for-start" | "linked";
  readonly told: readonly string[];
};

export async function joinCommand(
  folder: DataFolder,
  given: string,
  flags: { readonly fingerprint?: string; readonly yes?: boolean },
  api: () => Promise<NodeApi>,
  nowMs: number,
): Promise<JoinDone> {
  assertNode(folder);
  const text = given.startsWith("hfinv1.") ? given : textOf(given);
  const { invitation, charter, charterBytes } = check(text, nowMs);
  const fingerprint = fingerprintOf(invitation.inviter.partner);
  const inviter = invitation.inviter.name;
  if (flags.yes !== true && flags.fingerprint?.trim().toLowerCase() !== fingerprint) {
    const seen = flags.fingerprint === undefined ? "" : "; that is not what you were told: do not go on";
    throw new NodeError("fingerprint-not-compared", `${inviter}'s fingerprint is ${fingerprint}${seen}`, {
      exitCode: exitCodes.usage,
      hint: `ask ${inviter}'s operator to read theirs to you, then: handfast join ... --fingerprint ${fingerprint}`,
    });
  }
  const { net: network } = invitation;
  const { name } = charter;
  if (!existsSync(folder.charter)) {
    const partner = readPartner(folder);
    writeFileSync(folder.pendingInvitation, text, { mode: 0o600 });
    await enterNetwork(folder, partner, charterBytes);
    const told = [
      `This node now belongs to "${name}", invited by ${inviter}.`,
      `Your fingerprint is ${fingerprintOf(partner.id)}: read it to ${inviter}'s operator.`,
      "Next: handfast up (it connects, and waits for the members' votes)",
    ];
    return { network, inviter, fingerprint, state: "waits-for-start", told };
  }
  if (networkIdOf(readFileSync(folder.charter)) !== network) {
    throw usage(
      `this node belongs to another network than "${name}"`,
      "one data folder holds one network: make another with --data",
    );
  }
  await (await api()).acceptInvitation(text);
  return { network, inviter, fingerprint, state: "linked", told: [`Linked to ${inviter}.`] };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    // It is neither an invitation's text nor a file that can be read.
    throw usage(
      `${file} is no invitation`,
      "an invitation begins with hfinv1.; give its text, or a file that holds it",
    );
  }
}

/** All that can be known before anyone is asked: nobody enters a network by words that its inviter did not sign. */
function check(text: string, nowMs: number): ReadInvitation {
  const read = readInvitation(text, nowMs);
  if (read.ok) return read;
  const isTampered = read.code === "invitation-tampered";
  const isExpired = read.code === "invitation-expired";
  const what = isTampered ? "is not as its inviter signed it" : isExpired ? "has expired" : "is damaged";
  throw new NodeError(
    isTampered || isExpired ? read.code : "invitation-malformed",
    `the invitation ${what}${isExpired || read.detail === undefined ? "" : `: ${read.detail}`}`,
    { exitCode: exitCodes.invalid, hint: isExpired ? "ask for a new one" : "ask for it again, as a file" },
  );
}
