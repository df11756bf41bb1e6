/** Answers of any length, written piece by piece: no text longer than a piece is ever put together. */
import { once } from "node:events";
import type { Writable } from "node:stream";

const pieceLength = 65_536;

/** Writes lines, each followed by LF, and waits while the reader is slow. Stops when the reader is gone (`| head`). */
export async function writeLines(stream: Writable, lines: Iterable<string>): Promise<void> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceLength) continue;
    if (!(await writePiece(stream, piece))) return;
    piece = "";
  }
  if (piece !== "") await writePiece(stream, piece);
}

/** Answers whether there is still a reader. */
async function writePiece(stream: Writable, piece: string): Promise<boolean> {
  if (!stream.writable) return false;
  if (!stream.write(piece)) {
    const waiting = new AbortController();
    const { signal } = waiting;
    // A reader that goes away closes the stream; it never drains then.
    await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]).catch(
      () => {},
    );
    waiting.abort();
  }
  return stream.writable;
}
