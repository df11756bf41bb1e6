/**
 * The founding charter: its bytes are the network's name, its founders the first members. Its parameters are for
 * those who decide; an audit asks that they are in range, and uses two of them for views at a moment.
 */
import { hash } from "node:crypto";
import { isB64u } from "./b64u.ts";
import { whyNotKey } from "./ed25519.ts";
import { parseObject } from "./manifest.ts";
import { decodeMultikey } from "./multikey.ts";
import { isName } from "./name.ts";

/** Days, or a number of initiatives: 0 to ten years. */
const parameterMax = 3650;
const parameterNames =
  "ackByWorkingDays confirmWindowDays disputeCloseDays graceDays leadSoftCap noticeDays objectionDays sponsors";

/** How long others are waited for, in days: it decides views at a moment, no state. */
type Patience = { readonly graceDays: number; readonly confirmWindowDays: number };

export type Charter = {
  readonly net: string;
  /** The form of all headers of the network. */
  readonly headers: 1 | 2;
  readonly name: string;
  readonly founders: readonly string[];
  readonly patience: Patience;
};

/** Parses the charter, or says why it is not one. */
export function parseCharter(bytes: Buffer): Charter | string {
  const value = parseObject(bytes);
  if (typeof value === "string") return value;
  const members = Object.keys(value).join(" ");
  const isLater = members === "founders headers name nonce parameters";
  if (!isLater && members !== "founders name nonce parameters") return "unexpected members";
  const { name, founders, headers, nonce, parameters } = value;
  if (isLater && headers !== 2) return "headers of a later version: upgrade";
  if (!isName(name)) return "the charter's name is missing or malformed";
  if (!isB64u(nonce, 16)) return "the charter's nonce is not 16 bytes in base64url";
  if (!Array.isArray(founders) || founders.length < 1 || founders.length > 16)
    return "the charter does not have 1 to 16 founders";
  if (founders.some((founder, place) => place > 0 && !(founders[place - 1] < founder))) {
    return "founders not ascending";
  }
  for (const founder of founders as unknown[]) {
    const key = typeof founder === "string" ? decodeMultikey(founder) : undefined;
    const why = key === undefined ? "not a multikey" : whyNotKey(key);
    if (why !== undefined) return `a founder's key: ${why}`;
  }
  if (!areParameters(parameters)) return "malformed parameters";
  const { graceDays, confirmWindowDays } = parameters;
  const patience = { graceDays, confirmWindowDays };
  return { net: networkId(bytes), headers: isLater ? 2 : 1, name, founders: founders as string[], patience };
}

/** b64u(SHA-256(`handfast/charter/v1` NUL bytes)). */
function networkId(bytes: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from("handfast/charter/v1\0"), bytes]), "base64url");
}

function areParameters(value: unknown): value is Patience {
  if (typeof value !== "object" || value === null) return false;
  const parameters = value as Record<string, unknown>;
  return (
    Object.keys(parameters).join(" ") === parameterNames &&
    Object.values(parameters).every(
      (count) => Number.isSafeInteger(count) && (count as number) <= parameterMax,
    ) &&
    parameters["sponsors"] === 1
  );
}
