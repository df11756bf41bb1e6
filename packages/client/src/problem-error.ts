/** A node's no, as a typed refusal: match on `code`, never on text. */
import { Problem } from "@handfast/api/views/answers";

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** The bare code, the same at every node. */
  readonly code: string;
  readonly status: number;
  readonly problem: Problem;
  /** Whether the same request may do better later: it names an idempotency key, so it is safe to send again. */
  readonly retry: "never" | "later";
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null) {
    super(problemText(problem));
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retry = problem.status === 429 || problem.status === 503 ? "later" : "never";
    this.retryAfterMs = retryAfterMs;
  }
}

/** A problem in one sentence or two: each place that does not fit is named. */
export function problemText({ title, detail, errors = [] }: Problem): string {
  const places = errors.map((error) => `${error.pointer.replace(/^#?\//, "")}: ${error.detail}`);
  // A detail is a sentence of its own here, and a part of one beside its code.
  const sentence = detail?.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
  return [
    title,
    ...(sentence === undefined ? [] : [sentence]),
    ...(places.length > 0 ? [places.join("; ")] : []),
  ].join(" ");
}

/** The node could not be reached, or the connection broke on the way: the outcome of a command is then unknown. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  readonly code = "unreachable";
  readonly retry = "later";
}

/** What answered does not speak this protocol. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly code = "answer-malformed";
  readonly retry = "never";
}

/** The refusal in an answer that is none of success. */
export async function problemIn(answer: Response): Promise<ProblemError | AnswerError> {
  const text = await answer.text();
  const parsed = Problem.safeParse(jsonOf(text));
  if (!parsed.success)
    return new AnswerError(`the answer has status ${answer.status} and is not a problem document`);
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  return new ProblemError(parsed.data, Number.isFinite(seconds) ? seconds * 1_000 : null);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a problem document; the caller says so.
    return null;
  }
}
