/** frames.json: how runs of entries travel. */
import { millLog, orchardLog } from "./network.ts";
import { anchoredProof, base64, hex, utf8 } from "./primitives.ts";

const cases = [
  { why: "a log's first batch", log: orchardLog, from: 0, to: 1, size: 1 },
  { why: "a batch of one", log: orchardLog, from: 1, to: 2, size: 2 },
  { why: "a batch of three", log: orchardLog, from: 2, to: 5, size: 5 },
  { why: "two batches as one range", log: millLog, from: 1, to: 4, size: 4 },
  {
    why: "a range that ends inside a batch, with a proof to its end",
    log: orchardLog,
    from: 1,
    to: 3,
    size: 5,
  },
  {
    why: "the same at a power of two: the proof begins with the hash there",
    log: orchardLog,
    from: 2,
    to: 4,
    size: 5,
  },
  { why: "two signatures under the note", log: millLog, from: 0, to: 1, size: 1 },
];

const whole = orchardLog.frame(1, 3, 5);
const [first, ...rest] = whole.split("\n") as [string, ...string[]];
const after = `\n${rest.join("\n")}`;
const [label, net, log] = first.split(" ") as [string, string, string];
const proofLine = base64(anchoredProof(3, orchardLog.leaves)[0] as Buffer);

const begin = (why: string, line: string) => ({ why, text: `${line}${after}` });
const rewrite = (why: string, from: string, to: string) => {
  const text = whole.replace(from, to);
  if (text === whole) throw new Error(`${why}: nothing was rewritten`);
  return { why, text };
};
const cutAfter = (why: string, lines: number) => ({
  why,
  text: `${whole.split("\n").slice(0, lines).join("\n")}\n`,
});

const malformed = [
  { why: "nothing", text: "" },
  { why: "an error reply", text: '{"code":"busy"}' },
  begin("another label", `handfast/batch/v2 ${net} ${log} 1 3`),
  begin("two spaces", `${label}  ${net} ${log} 1 3`),
  begin("a sixth word", `${first} x`),
  begin("a carriage return", `${first}\r`),
  begin("a net that is none", `${label} net ${log} 1 3`),
  begin("a net with spare bits", `${label} ${"A".repeat(42)}B ${log} 1 3`),
  begin("a log with spare bits", `${label} ${net} ${"A".repeat(21)}B 1 3`),
  begin("no numbers", `${label} ${net} ${log} a b`),
  begin("a leading zero", `${label} ${net} ${log} 01 3`),
  begin("a sign", `${label} ${net} ${log} +1 3`),
  begin("an exponent", `${label} ${net} ${log} 1 3e0`),
  begin("a fraction", `${label} ${net} ${log} 1.0 3`),
  begin("no entries", `${label} ${net} ${log} 3 3`),
  begin("backwards", `${label} ${net} ${log} 3 1`),
  begin("more entries than a range may have", `${label} ${net} ${log} 0 1025`),
  begin("beyond 2^53-1", `${label} ${net} ${log} 9007199254740990 9007199254740992`),
  begin("fewer entries than it says", `${label} ${net} ${log} 1 4`),
  begin("more entries than it says", `${label} ${net} ${log} 1 2`),
  cutAfter("cut after the first line", 1),
  cutAfter("cut among the entries", 2),
  cutAfter("cut before the empty line", 3),
  cutAfter("cut after the first empty line", 4),
  cutAfter("cut within the proof", 5),
  rewrite(
    "a proof hash in base64url",
    proofLine,
    proofLine.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""),
  ),
  rewrite("a proof hash of 31 bytes", proofLine, base64(Buffer.alloc(31))),
  rewrite("a proof hash with spare bits", proofLine, `${"A".repeat(42)}B=`),
  rewrite("a space behind a proof hash", proofLine, `${proofLine} `),
  rewrite("65 proof hashes", proofLine, Array.from({ length: 65 }, () => proofLine).join("\n")),
];

export const frameVectors = {
  source: "made by this project from log.json",
  valid: cases.map(({ why, log: of, from, to, size }) => ({
    why,
    frame: of.frame(from, to, size),
    net,
    log: of.of.log,
    from,
    to,
    headers: of.lines.slice(from, to),
    proof: to === size ? [] : anchoredProof(to, of.leaves.slice(0, size)).map(hex),
    note: of.noteAt(size),
  })),
  malformed: [
    ...malformed.map(({ why, text }) => ({ why, bytes: base64(utf8(text)) })),
    {
      why: "a note that is not UTF-8",
      bytes: base64(Buffer.concat([utf8(whole), Buffer.of(0xff)])),
    },
  ],
};
