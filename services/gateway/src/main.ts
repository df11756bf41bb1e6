import { createLogger, levelIn } from "@handfast/service-kit/logger";
import { run } from "@handfast/service-kit/run";
import { serveGateway } from "./serve.ts";

const logger = createLogger("gateway", levelIn(process.env));
await run(() => serveGateway(process.env, logger), logger);
