/**
 * Names and exact meanings of the formats that recur in events. They become the definitions of `docs/reference/events.json`,
 * where other implementations read what a pattern alone cannot say.
 */
import { z } from "zod";

export const formats = z.registry<{ readonly id?: string; readonly description?: string }>();
