/**
 * Test only: a story among partners who know what they have heard. `hear` lets some of them exchange everything, so a
 * partition is nothing but not hearing each other; what they then write is concurrent.
 */
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Timeline } from "../src/fold/book.ts";
import { type CommitmentRow, type InitiativeRow, type Replay, type Row, replay } from "../src/replay.ts";
import { verifyBundle } from "../src/verify.ts";
import {
  type BundleOptions,
  bundle,
  createSeededWorld,
  type Partner,
  type World,
  type Written,
  type X,
} from "./bundle-writer.ts";

export type Telling = {
  readonly rows: readonly Row[];
  /** What the fold made of an entry. */
  verdict(entry: Written): string | undefined;
  initiative(created: Written): InitiativeRow;
  commitment(created: Written): CommitmentRow;
};

export type Story = {
  readonly world: World;
  /** All given partners (or all) come to know what any of them knows. */
  hear(...partners: readonly Partner[]): void;
  /** `by` writes, naming everything it has heard. */
  does(by: Partner, type: string, subject?: Written | null, x?: X): Written;
  /** A newcomer with an open log. */
  opens(name: string): Partner;
  tell(cut?: { asOf?: number; timeline?: Timeline }, options?: BundleOptions): Telling;
};

/** A story among founders who know each other. */
export function begin<Name extends string>(...names: readonly Name[]): Story & Record<Name, Partner> {
  return beginWith("", ...names);
}

/** As `begin`; the seed changes keys and log ids, and with them the order of everything that has no other order. */
export function beginWith<Name extends string>(
  seed: string,
  ...names: readonly Name[]
): Story & Record<Name, Partner> {
  const world = createSeededWorld(seed, names);
  const heard = new Map<Partner, Map<Partner, Written>>();

  function note(listener: Partner, entry: Written): void {
    const mine = heard.get(listener) ?? new Map<Partner, Written>();
    heard.set(listener, mine);
    const before = mine.get(entry.partner);
    if (before === undefined || before.seq < entry.seq) mine.set(entry.partner, entry);
  }
  function hear(...listeners: readonly Partner[]): void {
    const group = listeners.length > 0 ? listeners : world.partners;
    const all = group.flatMap((partner) => [...(heard.get(partner)?.values() ?? [])]);
    for (const partner of group) for (const entry of all) note(partner, entry);
  }
  function does(by: Partner, type: string, subject: Written | null = null, x: X = {}): Written {
    const entry = world.act(by, type, { subject, x, after: [...(heard.get(by)?.values() ?? [])] });
    note(by, entry);
    return entry;
  }
  function opens(name: string): Partner {
    const partner = world.open(name);
    note(partner, partner.entries[0] as Written);
    return partner;
  }

  const founders = names.map((name) => {
    const partner = world.founder(name);
    note(partner, partner.entries[1] as Written);
    return [name, partner] as const;
  });
  hear();
  const people = Object.fromEntries(founders) as Record<Name, Partner>;
  return { ...people, world, hear, does, opens, tell: (cut, options) => tell(world, cut, options) };
}

/** Verifies and replays the bundle of a world. */
export function tell(
  world: World,
  { asOf = Number.MAX_SAFE_INTEGER, timeline = "recorded" }: { asOf?: number; timeline?: Timeline } = {},
  options: BundleOptions = {},
): Telling {
  using folder = mkdtempDisposableSync(join(tmpdir(), "audit-"));
  const path = join(folder.path, "bundle");
  writeFileSync(path, bundle(world, options));
  const { report, held } = verifyBundle(path, { keep: true });
  expect(report.problems).toEqual([]);
  return telling(replay(held as NonNullable<typeof held>, { asOf, timeline }));
}

function telling({ rows, verdicts }: Replay): Telling {
  const byRef = new Map([...verdicts()].map(({ id, verdict }) => [id, verdict]));
  return {
    rows,
    verdict: ({ ref }) => byRef.get(ref),
    initiative: ({ ref }) => rows.find((row) => row.id === ref) as InitiativeRow,
    commitment: ({ ref }) => rows.find((row) => row.id === ref) as CommitmentRow,
  };
}
