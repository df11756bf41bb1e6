/**
 * What tells one data folder on one machine from its copies: the machine's id, where it has one, and the folder's inode. The number
 * of the device is left out: it changes when containers and disks are attached in another order, and a fence that disagrees for
 * no reason holds up a node that is cut off.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { sha256, toB64u } from "@handfast/protocol/bytes";

const machineIdFiles = ["/etc/machine-id", "/var/lib/dbus/machine-id"] as const;

/** b64u of 32 bytes; the same at every start while the folder stays where it is. */
export function placeOf(folder: string): string {
  const { ino } = statSync(folder, { bigint: true });
  return toB64u(sha256(`handfast/place/v1\0${machineId()}\0${ino}`));
}

function machineId(): string {
  for (const path of machineIdFiles) {
    if (!existsSync(path)) continue;
    const id = readFileSync(path, "utf8").trim();
    if (id !== "") return id;
  }
  return "";
}
