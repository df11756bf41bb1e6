/** Files of an import as people hand them over: read whole, as UTF-8, up to a size; what is wrong is said in words. */
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { usage } from "../node/fault.ts";
import { cleanText } from "./clean-fact.ts";
import { exampleLine, type Line, readHistory } from "./read-history.ts";

const maxBytes = 256 * 1_024 * 1_024;

/** @throws {NodeError} usage: the file cannot be read, is not UTF-8, too large, or of another form: a table, a JSON array, no line at all. */
export function readHistoryFile(file: string): readonly Line[] {
  const text = readText(file);
  const lines = readHistory(text);
  const [first] = lines;
  if (first === undefined) throw usage(`${file} holds no line`, wantedLine);
  const begins = text.replace(/^\ufeff/, "").trimStart();
  const isHistory = lines.some((line) => "fact" in line) && !begins.startsWith("[");
  if (isHistory) return lines;
  if (!begins.startsWith("{") || "fact" in first)
    throw usage(
      `${file}: line ${first.line} is not a JSON object: it begins with ${beginningOf(begins)}`,
      wantedLine,
    );
  throw usage(`no line of ${file} is a fact; line ${first.line}: ${first.malformed.join("; ")}`, wantedLine);
}

const wantedLine = `a history holds one JSON object on each line, such as ${exampleLine}`;

/** Of a line, quoted: as much as shows what kind of file it is. */
const beginningOf = (text: string): string => JSON.stringify(/^.{0,40}/u.exec(text)?.[0] ?? "");

const NamesFile = z.record(z.string(), z.string());

/** @throws {NodeError} usage */
export function readNamesFile(file: string): ReadonlyMap<string, string> {
  const text = readText(file);
  const wanted =
    'a JSON object of names in the history and partners of the network, such as {"Old Orchard": "Orchard"}';
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw usage(`--names: ${file} is not JSON`, `it holds ${wanted}`);
  }
  const names = NamesFile.safeParse(value);
  if (!names.success) throw usage(`--names: ${file} has another form`, `it holds ${wanted}`);
  return new Map(Object.entries(names.data).map(([name, partner]) => [cleanText(name), cleanText(partner)]));
}

function readText(file: string): string {
  try {
    const found = statSync(file);
    // A device or a pipe has no size that could be bounded, and need never end.
    if (!found.isFile() && !found.isDirectory()) throw usage(`${file} is not a file`, "name a file");
    if (found.size > maxBytes)
      throw usage(`${file} is larger than ${maxBytes / 1_024 / 1_024} MiB`, "split it by initiative");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw usage(`${file} is not UTF-8 text`, "save it again with the encoding UTF-8");
    if (code === "ENOENT") throw usage(`there is no file ${file}`, "is the path right?");
    if (code === "EISDIR") throw usage(`${file} is a folder`, "name a file");
    if (code === "EACCES") throw usage(`${file} may not be read by this user`);
    throw cause;
  }
}
