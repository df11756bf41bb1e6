/** Names as people type them, for partners, networks and tokens. */
import { exitCodes } from "@handfast/api/exit-codes";
import { isNetworkWord } from "@handfast/api/partner-name";
import { limits } from "@handfast/protocol/limits";
import { Name } from "@handfast/protocol/text";
import { NodeError, usage } from "./fault.ts";

/**
 * The name in an option's value: blanks around it removed, in Unicode form NFC.
 *
 * @param flag As in `--name`, for the message.
 * @throws {NodeError} usage
 */
export function givenName(text: string, flag: string): string {
  const name = text.normalize("NFC").trim();
  if (name !== "" && Name.safeParse(name).success) return name;
  const found =
    name === ""
      ? "a blank name"
      : name.length > limits.nameLength
        ? `a name of ${name.length} characters`
        : "a name with a line break, a control or a direction character";
  throw usage(
    `${flag}: ${found} is not a name`,
    `give 1 to ${limits.nameLength} characters on one line, for example ${flag} "Orchard"`,
  );
}

/**
 * The name of a new partner.
 *
 * @throws {NodeError} usage; `name-reserved`: `network`, in any case.
 */
export function givenPartnerName(text: string, flag: string): string {
  const name = givenName(text, flag);
  if (!isNetworkWord(name)) return name;
  throw new NodeError(
    "name-reserved",
    `${flag}: got ${JSON.stringify(name)}, which means every partner where a promise names whom it is for`,
    { exitCode: exitCodes.usage, hint: `give another name, for example ${flag} "Orchard"` },
  );
}
