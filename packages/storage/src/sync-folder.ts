/** The names in a folder, made to survive a power cut. */
import { closeSync, fsyncSync, openSync } from "node:fs";

/** After a file in it was made or renamed. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
