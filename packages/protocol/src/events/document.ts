/**
 * `docs/reference/events.json`: every event as data, for readers that share no code with this package. `x` is JSON Schema
 * (2020-12); what a schema cannot say is in the description of its definition or in `rules`.
 */
import { z } from "zod";
import { formats } from "../formats.ts";
import { reasons } from "../reasons.ts";
import { events, machines } from "./events.ts";
import { provenance } from "./provenance.ts";

type Schema = { readonly [keyword: string]: unknown };

export function eventsDocument() {
  const definitions = new Map<string, unknown>();
  const schemaOf = (schema: z.ZodType): Schema => {
    const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { metadata: formats, io: "input" });
    for (const [id, definition] of Object.entries($defs)) definitions.set(id, without(definition, "id"));
    return rest;
  };
  const rows = Object.entries(events).map(
    ([name, { machine, level, opens, isControl, x, rule, refs, texts }]) => [
      name,
      {
        machine,
        level,
        opens: opens === true ? "always" : opens === "either" ? "either" : "never",
        ...(isControl ? { control: true } : {}),
        x: isControl ? schemaOf(x) : ownMembers(schemaOf(x)),
        ...(rule === null ? {} : { rules: [rule.id] }),
        refs: refs.map((path) => path.join(".").replaceAll(".*", "[]")),
        texts,
      },
    ],
  );
  const stated = Object.values(events).flatMap(({ rule }) => (rule === null ? [] : [[rule.id, rule.states]]));
  return {
    about: [
      "Every event type of this release. Read with docs/reference/fold.md, whose section 7 explains the columns.",
      "machine: which section of fold.md judges it. level: what it folds with: the network, its log, or a thing (its subject).",
      "opens: whether `subject` is null (always, never, either). control: `x` is exactly this; of all others unknown members are ignored,",
      "and `x` must fit `common` as well. refs: where `x` names entries that must be in this entry's past. texts: members of the payload.",
      "Lengths count UTF-16 code units.",
    ],
    version: 1,
    machines: Object.fromEntries(machines.map(({ machine, nouns, level }) => [machine, { nouns, level }])),
    common: schemaOf(z.object(provenance)),
    events: Object.fromEntries(rows),
    rules: Object.fromEntries(stated),
    reasons,
    $defs: Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The schema without the members that every event may carry, except where the event requires one of them. */
function ownMembers(schema: Schema): Schema {
  const { properties = {}, required = [] } = schema as {
    properties?: { readonly [member: string]: unknown };
    required?: readonly string[];
  };
  const own = Object.entries(properties).filter(
    ([member]) => !Object.hasOwn(provenance, member) || required.includes(member),
  );
  return { ...schema, properties: Object.fromEntries(own), required };
}

const without = (definition: unknown, keyword: string): unknown =>
  Object.fromEntries(Object.entries(definition as object).filter(([name]) => name !== keyword));

/** The committed text: indented by two, and whatever fits in 120 characters on one line. */
export function formatDocument(value: unknown, indent = ""): string {
  const line = onOneLine(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= 120) return line;
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => formatDocument(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${formatDocument(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${indent}${close}`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${onOneLine(item)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
