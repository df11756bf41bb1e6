/**
 * Delivery to one subscriber: in order, one at a time, from a queue with an end.
 *
 * The NATS client would queue without limit in front of a slow handler. Here what does not fit is
 * dropped, counted and logged once a burst: the bus is lossy by design, and heads and positions heal it.
 */
import type { Msg, NatsConnection, Subscription } from "nats";
import type { BusSubscription, MessageHandler, SubscribeOptions } from "./bus.ts";
import { fromNatsData, fromNatsHeaders } from "./headers.ts";
import { defaultMessageBytes, defaultPending } from "./limits.ts";
import type { Logger } from "./logger.ts";

/** A subscription that can be ended gently: what has arrived is handled first. */
export interface Delivery extends BusSubscription {
  drain(): Promise<void>;
}

/** Subscribes. `onEnd` is called when the subscriber has ended it. */
export function deliver(
  connection: NatsConnection,
  subject: string,
  handler: MessageHandler,
  options: SubscribeOptions & { readonly logger: Logger | undefined; readonly onEnd: () => void },
): Delivery {
  const { logger } = options;
  const maxBytes = options.maxMessageBytes ?? defaultMessageBytes;
  const maxPending = options.maxPending ?? defaultPending;
  const waiting: Msg[] = [];
  let dropped = 0;
  let isDropping = false;
  let pump: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
      try {
        await handler({
          subject: message.subject,
          data: fromNatsData(message.data),
          headers: fromNatsHeaders(message.headers),
        });
      } catch (err) {
        logger?.error({ event: "bus.handler-failed", subject: message.subject, err });
      }
    }
    isDropping = false;
    pump = null;
  };

  const accept = (message: Msg): void => {
    if (message.data.length > maxBytes || waiting.length >= maxPending) {
      dropped += 1;
      if (!isDropping)
        logger?.warn({ event: "bus.message-dropped", subject, bytes: message.data.length, dropped });
      isDropping = true;
      return;
    }
    waiting.push(message);
    pump ??= run();
  };

  const subscription: Subscription = connection.subscribe(subject, {
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    callback: (err, message) => {
      if (err === null) accept(message);
      else logger?.warn({ event: "bus.subscription-refused", subject, err });
    },
  });

  return {
    get dropped() {
      return dropped;
    },
    drain: async () => {
      if (!subscription.isClosed() && !subscription.isDraining()) await subscription.drain();
      await pump;
    },
    [Symbol.asyncDispose]: async () => {
      if (!subscription.isClosed() && !connection.isClosed()) subscription.unsubscribe();
      waiting.length = 0;
      options.onEnd();
      await pump;
    },
  };
}
