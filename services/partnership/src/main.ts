import { createLogger, levelIn } from "@handfast/service-kit/logger";
import { run } from "@handfast/service-kit/run";
import { servePartnership } from "./serve.ts";

const logger = createLogger("partnership", levelIn(process.env));
await run((_stop, onProgress) => servePartnership(process.env, logger, onProgress), logger);
