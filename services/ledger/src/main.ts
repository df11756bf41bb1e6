import { createLogger, levelIn } from "@handfast/service-kit/logger";
import { run } from "@handfast/service-kit/run";
import { serveLedger } from "./serve.ts";

const logger = createLogger("ledger", levelIn(process.env));
await run((_stop, onProgress) => serveLedger(process.env, logger, onProgress), logger);
