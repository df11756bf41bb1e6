/**
 * Progress where lines stay: at most one a second, none of work that is over within the first, and the last count of work that showed
 * some, so that a reader is never left with "1 of 4" of what was done.
 */
const everyMs = 1_000;

export interface PacedLines {
  /** The line to write now, if any. */
  next(text: string): string | null;
  /** The line that is still owed when something else is said; from here on other work begins. */
  end(said: string): string | null;
}

/** @param now A clock in milliseconds that never goes back. */
export function createPacedLines(now: () => number = () => performance.now()): PacedLines {
  let shownAt: number | null = null;
  let isShown = false;
  let owed: string | null = null;
  return {
    next: (text) => {
      shownAt ??= now();
      if (now() - shownAt < everyMs) {
        owed = text;
        return null;
      }
      shownAt = now();
      isShown = true;
      owed = null;
      return text;
    },
    end: (said) => {
      const last = isShown && owed !== null && !said.includes(owed) ? owed : null;
      shownAt = null;
      isShown = false;
      owed = null;
      return last;
    },
  };
}
