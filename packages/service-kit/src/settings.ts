/** Settings from the environment, read once and frozen; every bad one is named at once, and no value, which may be a secret. */
import { isAbsolute } from "node:path";
import { z } from "zod";

export type Env = Readonly<Record<string, string | undefined>>;

/** A path that means the same wherever the process stands. */
export const AbsolutePath = z.string().refine(isAbsolute, "is not an absolute path");

export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly code = "settings-invalid";
  readonly retry = "never";
}

/** @throws {SettingsError} Naming every bad variable, with what it should be. */
export function parseSettings<Schema extends z.ZodObject>(
  schema: Schema,
  env: Env,
): Readonly<z.infer<Schema>> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return Object.freeze(parsed.data);
  const bad = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.code}`);
  throw new SettingsError(`could not read the settings: ${bad.join("; ")}`);
}
