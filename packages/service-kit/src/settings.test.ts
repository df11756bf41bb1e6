// Goal: wrong settings are all named at once, and no value is repeated, which may be a secret.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseSettings, SettingsError } from "./settings.ts";

const Env = z.object({
  HANDFAST_PORT: z.coerce.number().int().min(0).max(65_535).default(7_600),
  HANDFAST_KEY_FILE: z.string().startsWith("/"),
});

describe("settings", () => {
  it("are read once, with their defaults, and do not change", () => {
    const settings = parseSettings(Env, { HANDFAST_KEY_FILE: "/keys/log.json", PATH: "/bin" });
    expect(settings).toEqual({ HANDFAST_PORT: 7_600, HANDFAST_KEY_FILE: "/keys/log.json" });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it("name every bad variable, and no value", () => {
    const read = () => parseSettings(Env, { HANDFAST_PORT: "hunter2", HANDFAST_KEY_FILE: "hunter3" });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(/HANDFAST_PORT.*HANDFAST_KEY_FILE/);
    expect(read).not.toThrow(/hunter/);
  });
});
