/**
 * How events are declared: one row for each event, from which everything else is derived (types, what opens a thing, levels, cited
 * refs, texts, `docs/reference/events.json`).
 */
import { z } from "zod";
import { formats } from "../formats.ts";
import { namesPartner, PinnedRef, Ref } from "../ids.ts";
import { provenance } from "./provenance.ts";

/** What an entry folds with: the network as a whole, its own log, or the thing it is about. */
export type Level = "network" | "log" | "thing";
/** The machine that judges an event; `any` for what may be said of every subject. */
export type Machine = "network" | "initiative" | "challenge" | "commitment" | "conversation" | "any";

/** A condition over several members of `x`, with the name and sentence by which the document states it. */
export type Rule = {
  readonly id: string;
  readonly states: string;
  /** Asked of an `x` whose members fit. */
  readonly holds: (x: never) => boolean;
};

export type EventRow = {
  /** Members of `x`, beside those that every event may carry. */
  readonly x: z.ZodRawShape;
  /** For control events: the whole `x`, exactly. */
  readonly control?: z.ZodObject;
  readonly rule?: Rule;
  /** `true`: `subject` is null, and the entry opens a thing. `either`: it may be about one that exists. Default: `false`. */
  readonly opens?: true | "either";
  /** Where it differs from that of its machine. */
  readonly level?: Level;
  /** Members of the payload that people write. Nothing ever follows from them. */
  readonly texts?: readonly string[];
};

/** Steps into `x` to what is sought there; `*` stands for every item of a list. */
export type Path = readonly string[];

type XShape<Row extends EventRow> = Omit<typeof provenance, keyof Row["x"]> & Row["x"];
type XSchema<Row extends EventRow> = Row extends { readonly control: infer Whole extends z.ZodObject }
  ? Whole
  : z.ZodObject<XShape<Row>>;

export type EventDefinition<M extends Machine = Machine, Row extends EventRow = EventRow> = {
  readonly machine: M;
  readonly level: Level;
  readonly opens: Row extends { readonly opens: infer Opens } ? Opens : false;
  readonly isControl: boolean;
  readonly x: XSchema<Row>;
  /** The event's own members of `x`. */
  readonly members: Row["x"];
  readonly rule: Rule | null;
  /** Where `x` names entries that must be in this entry's past. */
  readonly refs: readonly Path[];
  /** Where `x` names partners. Beside one, the same place may hold a ref or the word `network`. */
  readonly partners: readonly Path[];
  readonly texts: Row extends { readonly texts: infer Texts extends readonly string[] } ? Texts : readonly [];
};

/** A machine, the first words of its events' names, and the level of all of them, also of those this release does not know. */
export type About<M extends Machine, Noun extends string> = {
  readonly machine: M;
  readonly nouns: readonly Noun[];
  readonly level: Level;
};

/** The events of one machine. The compiler refuses a name whose first word is not among the machine's nouns. */
export function defineEvents<
  const M extends Machine,
  const Noun extends string,
  const Rows extends { readonly [name: string]: EventRow },
>(
  about: About<M, Noun>,
  rows: Rows & { readonly [Name in Exclude<keyof Rows, `${Noun}.${string}`>]: never },
): {
  readonly about: About<M, Noun>;
  readonly rows: { readonly [N in keyof Rows]: EventDefinition<M, Rows[N]> };
} {
  const defined = Object.entries<EventRow>(rows).map(([name, row]) => [name, define(about, row)]);
  return { about, rows: Object.fromEntries(defined) };
}

function define<M extends Machine>({ machine, level }: About<M, string>, row: EventRow): EventDefinition<M> {
  const { rule = null } = row;
  // Members that this release does not know are passed over, except in control events.
  const members: z.ZodObject = row.control ?? z.object({ ...provenance, ...row.x });
  const x =
    rule === null ? members : members.refine((value) => rule.holds(value as never), { message: rule.states });
  return {
    machine,
    level: row.level ?? level,
    opens: row.opens ?? false,
    isControl: row.control !== undefined,
    x,
    members: row.x,
    rule,
    refs: pathsTo(members, (schema) => cited.has(schema)),
    partners: pathsTo(members, namesPartner),
    texts: row.texts ?? [],
  } as EventDefinition<M>;
}

/** Schemas of refs that must be in the entry's past. */
const cited = z.registry<{ readonly isCited: true }>();

const citing = (schema: typeof Ref): typeof Ref =>
  schema
    // With its own definition, or zod would take the copy for a child that stands beside its parent.
    .clone(schema._zod.def)
    .register(formats, formats.get(schema) ?? {})
    .register(cited, { isCited: true });
const citedRef = citing(Ref);
const citedPinnedRef = citing(PinnedRef);

/** A ref to an entry in the past: `log.seq`. */
export const ref = () => citedRef;
/** A ref to the exact bytes of an entry in the past: `log.seq@hash`. */
export const pinnedRef = () => citedPinnedRef;

/** Every place in a schema where one that is sought stands, alone or among others. */
function pathsTo(schema: z.core.$ZodType, isSought: (schema: z.core.$ZodType) => boolean): readonly Path[] {
  if (isSought(schema)) return [[]];
  if (schema instanceof z.ZodObject) {
    return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([name, member]) =>
      pathsTo(member, isSought).map((path) => [name, ...path]),
    );
  }
  if (schema instanceof z.ZodArray) return pathsTo(schema.element, isSought).map((path) => ["*", ...path]);
  if (schema instanceof z.ZodOptional) return pathsTo(schema.unwrap(), isSought);
  if (schema instanceof z.ZodUnion) {
    return schema.options.some((option) => pathsTo(option, isSought).length > 0) ? [[]] : [];
  }
  return [];
}
