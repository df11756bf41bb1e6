/** A reply with this many bytes of headers or texts still fits into one message. */
export const replyBytes = 700_000;
