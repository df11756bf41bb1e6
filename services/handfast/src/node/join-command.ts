/**
 * `handfast join`: takes up an invitation. The first one brings the node into a network (its log is opened, and the link is made when
 * the node comes up); a further one adds a link to one more partner of the same network.
 */

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { exitCodes } from "@handfast/api/exit-codes";
import { type ReadInvitation, readInvitation } from "@handfast/federation/service";
import { networkIdOf } from "@handfast/protocol/charter";
import { fingerprintOf } from "@handfast/protocol/fingerprint";
import { shellWord } from "@handfast/service-kit/shell";
import type { NodeApi } from "../cli/node-api.ts";
import { assertNode, commandIn, type DataFolder } from "./data-folder.ts";
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
  flags: { readonly fingerprint?: string; readonly yes?: boolean; readonly stateDir: string },
  api: () => Promise<NodeApi>,
  nowMs: number,
): Promise<JoinDone> {
  assertNode(folder);
  const text = given.startsWith("hfinv1.") ? given : textOf(given);
  const { invitation, charter, charterBytes } = check(text, nowMs);
  const fingerprint = fingerprintOf(invitation.inviter.partner);
  const inviter = invitation.inviter.name;
  if (flags.yes !== true) compare(flags.fingerprint, fingerprint, inviter);
  const { net: network } = invitation;
  const { name } = charter;
  if (!existsSync(folder.charter)) {
    const partner = readPartner(folder);
    writeFileSync(folder.pendingInvitation, text, { mode: 0o600 });
    try {
      await enterNetwork(folder, partner, charterBytes, flags.stateDir);
    } catch (err) {
      rmSync(folder.pendingInvitation, { force: true });
      throw err;
    }
    const told = [
      `This node now belongs to "${name}", invited by ${inviter}.`,
      `Your fingerprint is ${fingerprintOf(partner.id)}: read it to ${inviter}'s operator.`,
      `Next: ${commandIn(folder, "up")} (it connects, and waits for the members' votes)`,
    ];
    return { network, inviter, fingerprint, state: "waits-for-start", told };
  }
  if (networkIdOf(readFileSync(folder.charter)) !== network) {
    throw usage(
      `this node belongs to another network than "${name}"`,
      "a data folder holds one network: make another node with `handfast --data <folder> init`",
    );
  }
  await (await api()).acceptInvitation(text);
  return { network, inviter, fingerprint, state: "linked", told: [`Linked to ${inviter}.`] };
}

/**
 * What is compared came by another way than the invitation, so a refusal must never say what would have been right: a
 * reader who copies it from there has compared nothing.
 */
function compare(given: string | undefined, fingerprint: string, inviter: string): void {
  if (given !== undefined && spelled(given) === fingerprint) return;
  const refuse = (code: string, message: string, hint: string) => {
    throw new NodeError(code, message, { exitCode: exitCodes.usage, hint });
  };
  const ask = `ask ${inviter}'s operator to read you their fingerprint (\`handfast status\` shows it)`;
  // A variable that a script did not set compares nothing.
  const isBlank = given?.trim() === "";
  if (given === undefined || isBlank)
    refuse(
      "fingerprint-not-compared",
      `${isBlank ? "--fingerprint: got an empty text, and " : ""}nothing shows yet that this invitation comes from ${inviter}`,
      `${ask}, then add --fingerprint "<four words>"; or --yes if you got it from their own hands`,
    );
  else
    refuse(
      "fingerprint-differs",
      `${JSON.stringify(given)} is not the fingerprint of the node that made this invitation: do not join`,
      `${ask} again; if it still differs, the invitation is not from ${inviter}`,
    );
}

/** As people type what was read to them: capitals, and blanks or any dash between the words. */
const spelled = (given: string): string =>
  given
    .normalize("NFC")
    .trim()
    .toLowerCase()
    .replaceAll(/[\s\p{Pd}]+/gu, "-");

const example = "an invitation begins with hfinv1.; give its text, or a file that holds it";

function textOf(file: string): string {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there === undefined)
    throw usage(`there is no file ${shortened(file)}, and that is not the text of an invitation`, example);
  if (!there.isFile()) throw usage(`${shortened(file)} is not a file`, example);
  const text = there.size > maxFileBytes ? "" : readFileSync(file, "utf8").trim();
  if (there.size === 0)
    throw usage(
      `${file} is empty: the command that should have written an invitation into it failed`,
      `at the inviter's node, make another: handfast invite --out ${shellWord(file)} --force`,
    );
  if (!text.startsWith("hfinv1.")) throw usage(`${file} does not hold an invitation`, example);
  return text;
}

/** Larger than any invitation. */
const maxFileBytes = 1_048_576;
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** All that can be known before anyone is asked: nobody enters a network by an invitation that its inviter did not sign. */
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
