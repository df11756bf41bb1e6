/**
 * The event types of this release, read from `events.json`: a copy of the document `docs/reference/events.json`, which
 * the nodes' code is held against as well. Reading the same document keeps the auditor independent; sharing the code
 * that applies it would not.
 */
import document from "../events.json" with { type: "json" };
import { isPartnerId } from "../multikey.ts";
import { isPlainRef } from "../ref.ts";
import { type Check, createCheck, type Schema } from "./x-check.ts";

/** Which section of fold.md judges a type, and so what kind of thing an entry can be about. */
export type Machine = "network" | "initiative" | "challenge" | "commitment" | "conversation" | "any";

/** A type this release can apply, by name. */
type EventName = keyof typeof document.events;
/** Those whose name begins with some noun. A machine that asks for all of them by name leaves none without a judge. */
export type EventOf<Noun extends string> = Extract<EventName, `${Noun}.${string}`>;

type X = Readonly<Record<string, unknown>>;

export type EventType = {
  readonly machine: Machine;
  /** Whether `subject` is null. */
  readonly opens: "always" | "never" | "either";
  /** Opens or changes a log: judged where the log is read. */
  readonly isControl: boolean;
  readonly fits: (x: X) => boolean;
  /** What `x` names that must be in the entry's past. */
  readonly refsIn: (x: X) => readonly unknown[];
  /** Whether its payload may hold a title. */
  readonly hasTitle: boolean;
};

type Row = {
  readonly machine: string;
  readonly opens: string;
  readonly control?: boolean;
  readonly x: Schema;
  readonly refs: readonly string[];
  readonly texts: readonly string[];
  readonly rules?: readonly string[];
};

/** What a schema cannot say, by the names that the document gives it. */
const rules: Readonly<Record<string, (x: X) => boolean>> = {
  "between-partners": ({ beneficiaries, debtor }) =>
    Array.isArray(beneficiaries) && beneficiaries.every((to) => isPartnerId(to) && to !== debtor),
};

const fitsCommon = createCheck(document.common);

/** Every type this release can apply, by name. */
export const eventTypes: ReadonlyMap<string, EventType> = new Map(
  Object.entries(document.events as Readonly<Record<string, Row>>).map(([name, row]) => [name, readRow(row)]),
);

function readRow({ machine, opens, control, x, refs, texts, rules: named = [] }: Row): EventType {
  const checks: Check[] = [...(control ? [] : [fitsCommon]), createCheck(x), ...named.map(ruleOf)];
  const paths = refs.map(pathOf);
  return {
    machine: machine as Machine,
    opens: opens as EventType["opens"],
    isControl: control ?? false,
    fits: (value) => checks.every((check) => check(value)),
    refsIn: (value) => (paths.length === 0 ? [] : paths.flatMap((path) => path(value))),
    hasTitle: texts.includes("title"),
  };
}

function ruleOf(name: string): Check {
  const rule = rules[name];
  if (rule === undefined) throw new Error(`events.json: the rule ${name} is not known`);
  return (x) => rule(x as X);
}

/** Reads `member`, `member.inner`, or, of a list in which refs stand beside other things, `member[]`. */
function pathOf(path: string): (x: X) => readonly unknown[] {
  const [, member = "", suffix = ""] = /^([^.[]+)(\[\]|\.[^.[]+)?$/.exec(path) ?? [];
  if (member === "") throw new Error(`events.json: the path ${path} is not known`);
  if (suffix === "[]") {
    return (x) => ((x[member] ?? []) as readonly unknown[]).filter(isPlainRef);
  }
  const inner = suffix.slice(1);
  return (x) => {
    const value = inner === "" ? x[member] : (x[member] as X | undefined)?.[inner];
    return value === undefined ? [] : [value];
  };
}

const networkNouns: ReadonlySet<string> = new Set(
  Object.values(document.machines)
    .filter(({ level }) => level !== "thing")
    .flatMap(({ nouns }) => nouns),
);

/** Whether entries of a type, be it an unknown one, belong to the network as a whole rather than to a thing. */
export function isOfNetwork(type: string): boolean {
  return networkNouns.has(type.slice(0, type.indexOf(".")));
}

/** Whether `x` says what a reader must understand. This release knows no extension by name, so it never does. */
export function hasMust({ must }: X): boolean {
  return Array.isArray(must) && must.length > 0;
}
