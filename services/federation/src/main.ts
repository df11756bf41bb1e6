import { createLogger, levelIn } from "@handfast/service-kit/logger";
import { run } from "@handfast/service-kit/run";
import { serveFederation } from "./serve.ts";

const logger = createLogger("federation", levelIn(process.env));
await run(() => serveFederation(process.env, logger), logger);
