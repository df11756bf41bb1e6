/**
 * The line between a service and the program that started it: a service says once that it is up or why it is not, and is told to
 * stop. It is the IPC channel of a child process or the port of a worker thread; a service that was started by hand has none.
 */
import { isMainThread, parentPort } from "node:worker_threads";
import { z } from "zod";

/** What a service says to its supervisor. */
export const ServiceReport = z.discriminatedUnion("state", [
  /** While a start takes long: how far it is, in words. */
  z.strictObject({ state: z.literal("starting"), progress: z.string() }),
  z.strictObject({ state: z.literal("up"), facts: z.record(z.string(), z.json()) }),
  z.strictObject({
    state: z.literal("failed"),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    exitCode: z.int(),
  }),
]);
export type ServiceReport = z.infer<typeof ServiceReport>;

/** The one thing a supervisor says. */
export const stopRequest = "stop";

export interface Supervisor extends Disposable {
  report(report: ServiceReport): void;
  /** Calls the listener when the supervisor asks to stop, or is gone. */
  onStop(listener: (reason: string) => void): void;
}

/** The supervisor of this process or thread. */
export function supervisor(): Supervisor {
  if (!isMainThread && parentPort !== null) return threadSupervisor(parentPort);
  const send = process.send?.bind(process);
  return send === undefined ? nobody : processSupervisor(send);
}

const nobody: Supervisor = { report: () => {}, onStop: () => {}, [Symbol.dispose]: () => {} };

const threadSupervisor = (port: NonNullable<typeof parentPort>): Supervisor => ({
  report: (report) => port.postMessage(report),
  onStop: (listener) => port.on("message", (said) => said === stopRequest && listener(stopRequest)),
  // An open port would keep the thread alive.
  [Symbol.dispose]: () => port.close(),
});

function processSupervisor(send: (report: ServiceReport) => boolean): Supervisor {
  return {
    report: (report) => void send(report),
    onStop: (listener) => {
      process.on("message", (said) => said === stopRequest && listener(stopRequest));
      process.once("disconnect", () => listener("supervisor gone"));
    },
    [Symbol.dispose]: () => {
      if (process.connected) process.disconnect?.();
    },
  };
}
