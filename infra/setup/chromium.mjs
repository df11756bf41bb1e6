/**
 * Installs Chromium where one test wants it and Debian's package manager may be used. Nothing else needs it: without it that test is
 * skipped, and says so.
 */
import { say } from "./say.mjs";
import { findCommand, installByApt, privileges } from "./system.mjs";

const names = ["chromium", "chromium-browser", "google-chrome"];

export function offerChromium() {
  if (names.some((name) => findCommand(name) !== undefined)) return;
  const privilege = findCommand("apt-get") === undefined ? undefined : privileges();
  if (privilege !== undefined) installByApt("chromium", privilege);
  if (!names.some((name) => findCommand(name) !== undefined)) {
    say("no Chromium on this machine: test/browser will be skipped");
  }
}
