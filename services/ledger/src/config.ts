/** Settings of the ledger, from the environment: the only place in this service that looks at it. */
import { budgets, type MemberBudget } from "@handfast/protocol/budgets";
import { type BusSettings, busSettings, busSettingsOf } from "@handfast/service-kit/bus-settings";
import { AbsolutePath, type Env, parseSettings } from "@handfast/service-kit/settings";
import { z } from "zod";

const Count = z.coerce.number().int().min(1).max(1_000_000_000_000);

const Variables = z.object({
  ...busSettings,
  /** The node's data folder: the stores and `keys/`. */
  HANDFAST_DATA: AbsolutePath,
  /** A folder of this host, outside the data folder: how far its logs were signed. */
  HANDFAST_STATE_DIR: AbsolutePath,
  /** The founding charter's canonical bytes. */
  HANDFAST_CHARTER_FILE: AbsolutePath,
  /** What is taken of one member: entries and MiB of headers an hour, entries in all. */
  HANDFAST_MEMBER_ENTRIES_PER_HOUR: Count.default(budgets.member.entriesPerHour),
  HANDFAST_MEMBER_MEBIBYTES_PER_HOUR: Count.default(budgets.member.headerMebibytesPerHour),
  HANDFAST_MEMBER_ENTRIES: Count.default(budgets.member.entries),
});

export type LedgerSettings = {
  readonly bus: BusSettings;
  readonly dir: string;
  readonly stateDir: string;
  readonly charterFile: string;
  readonly member: Pick<MemberBudget, "entriesPerHour" | "headerMebibytesPerHour" | "entries">;
};

/** @throws {SettingsError} Naming every bad variable at once, and no value. */
export function readConfig(env: Env): LedgerSettings {
  const read = parseSettings(Variables, env);
  return {
    bus: busSettingsOf(read),
    dir: read.HANDFAST_DATA,
    stateDir: read.HANDFAST_STATE_DIR,
    charterFile: read.HANDFAST_CHARTER_FILE,
    member: {
      entriesPerHour: read.HANDFAST_MEMBER_ENTRIES_PER_HOUR,
      headerMebibytesPerHour: read.HANDFAST_MEMBER_MEBIBYTES_PER_HOUR,
      entries: read.HANDFAST_MEMBER_ENTRIES,
    },
  };
}
