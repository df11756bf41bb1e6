/**
 * The root key apart from the node: what `init` wrote into `keys/root.json`, taken away by its owner. Here it signs a request that
 * the node wrote into a file, and makes the file of the next root. Nothing here asks a node or the network.
 */
import { existsSync, readFileSync } from "node:fs";
import { toBytes } from "@handfast/protocol/bytes";
import { parseHeader } from "@handfast/protocol/header";
import { type Hash, toMultikey } from "@handfast/protocol/ids";
import { LogOpenedX } from "@handfast/protocol/log";
import { originOf, rootHash } from "@handfast/replica/authority";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { formatNote } from "@handfast/tlog/note";
import { generateKey, type KeyPair, publicKeyBytes, signerFrom } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { z } from "zod";
import { assertFile, readSecret, writeSecret } from "./data-folder.ts";
import { usage } from "./fault.ts";

const RootFile = z.strictObject({ v: z.literal(1), root: z.string(), next: z.string() });
const Request = z.strictObject({
  v: z.literal(1),
  kind: z.literal("handfast/root-request"),
  header: z.string().max(4_096),
});
const Answer = z.strictObject({
  v: z.literal(1),
  kind: z.literal("handfast/root-answer"),
  note: z.string().max(8_192),
});

export type RootKeys = { readonly root: KeyPair; readonly next: KeyPair };

/** @throws {NodeError} usage: where the file does not hold a root key. */
export function readRootFile(path: string): RootKeys {
  if (!existsSync(path))
    throw usage(`there is no file ${path}`, "name the file that init wrote as keys/root.json");
  const read = RootFile.safeParse(jsonIn(readSecret(path)));
  if (!read.success)
    throw usage(`${path} is not a root key`, "name the file that init wrote as keys/root.json");
  return { root: signerFrom(read.data.root), next: signerFrom(read.data.next) };
}

/** What the log commits to, and its owner gives to the node when the root changes. */
export type RootNames = { readonly key: string; readonly next: Hash };
export const namesOf = ({ root, next }: RootKeys): RootNames => ({
  key: toMultikey(publicKeyBytes(root)),
  next: rootHash(toMultikey(publicKeyBytes(next))),
});

/** Makes the file of the root that the one in `path` committed to, with a new successor. */
export function writeNextRoot(path: string, out: string): RootNames {
  const { next } = readRootFile(path);
  const after = generateKey();
  writeSecret(out, `${JSON.stringify({ v: 1, root: next.exportPem(), next: after.exportPem() })}\n`);
  return namesOf({ root: next, next: after });
}

export const requestText = (header: string): string =>
  `${JSON.stringify({ v: 1, kind: "handfast/root-request", header })}\n`;

/** What a request asks the root key to sign, for a person to compare. */
export type Signing = {
  readonly partner: string;
  readonly log: string;
  readonly closes: readonly { readonly log: string; readonly size: number }[];
  readonly root: string;
  readonly keys: readonly string[];
};

/**
 * Signs what a request asks for.
 *
 * @returns The answer's text, and what it signs.
 * @throws {NodeError} usage: for a file that is not a request, or a root key that it does not name.
 */
export function signRequest(
  requestFile: string,
  rootFile: string,
): { readonly answer: string; readonly signing: Signing } {
  const request = Request.safeParse(jsonIn(textIn(requestFile)));
  if (!request.success)
    throw usage(
      `${requestFile} is not a request to a root key`,
      "make one at the node: handfast keys request --out <file>",
    );
  const bytes = toBytes(request.data.header);
  const header = parseHeader(bytes);
  const x = header.ok ? LogOpenedX.safeParse(header.value.x) : null;
  if (!header.ok || !x?.success || x.data.previous === undefined || x.data.previous.signed !== undefined)
    throw usage(
      `${requestFile} does not ask for a log that a root key opens`,
      "make another request at the node",
    );
  const { root } = readRootFile(rootFile);
  if (toMultikey(publicKeyBytes(root)) !== x.data.root)
    throw usage(
      `the request is for the root key ${x.data.root}, and ${rootFile} holds another`,
      "name the right file with --key",
    );
  const { net, by, log } = header.value;
  const head = { origin: originOf(net, by, log), size: 1, root: leafHash(bytes) };
  const note = formatNote(signCheckpoint(head, root));
  const { previous, also = [], keys } = x.data;
  return {
    answer: `${JSON.stringify({ v: 1, kind: "handfast/root-answer", note })}\n`,
    signing: {
      partner: by,
      log,
      closes: [previous, ...also].map(({ log: closed, size }) => ({ log: closed, size })),
      root: x.data.root,
      keys,
    },
  };
}

/** @throws {NodeError} usage */
export function noteIn(answerFile: string): string {
  const answer = Answer.safeParse(jsonIn(textIn(answerFile)));
  if (answer.success) return answer.data.note;
  throw usage(
    `${answerFile} is not the answer of a root key`,
    "make it from the request: handfast keys sign",
  );
}

function textIn(file: string): string {
  if (!existsSync(file)) throw usage(`there is no file ${file}`, "is the path right?");
  assertFile(file);
  return readFileSync(file, "utf8");
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its reader says what it should have been.
    return undefined;
  }
}
