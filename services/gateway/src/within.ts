/** An answer, or null where it does not come within the limit, or not at all: for questions whose silence is an answer. */
export async function within<Answer>(limitMs: number, asking: Promise<Answer>): Promise<Answer | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), limitMs);
  try {
    return await Promise.race([asking, late]);
  } catch {
    // A part of the node that is down shows as a trouble of its own.
    return null;
  } finally {
    clearTimeout(timer);
  }
}
