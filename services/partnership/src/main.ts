import { createLogger, levelIn } from "@handfast/service-kit/logger";
import { run } from "@handfast/service-kit/run";
import { servePartnership } from "./serve.ts";

const logger = createLogger("partnership", levelIn(process.env));
await run(() => servePartnership(process.env, logger), logger);
