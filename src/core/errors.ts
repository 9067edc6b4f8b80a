// The one error a user may see: what happened, why, and how to mend it. Impossible states are `Error("internal: …")` instead.

/** What a {@link GanDlError} says; every part is a sentence a user can act on. */
export interface ErrorText {
  /** What happened, naming the file, row and key it happened at. */
  readonly what: string;
  /** Why that is a problem here. */
  readonly why: string;
  /** The command or change that mends it. */
  readonly fix: string;
  /** The lower error, kept for `--verbose`. */
  readonly cause?: unknown;
}

/**
 * A user's mistake or a fault of their files or machine, never a bug of ours.
 *
 * `code` is kebab-case and stable: programs branch on it, people read `message`.
 * @example
 * ```ts
 * import { GanDlError } from "gan-dl/core";
 * const error = new GanDlError("bad-config", { what: "a.json has no seed.", why: "runs must repeat.", fix: "add \"seed\": 1." });
 * console.assert(error.message.includes("fix: add"));
 * ```
 */
export class GanDlError extends Error {
  override readonly name = "GanDlError";
  readonly code: string;
  /** The parts of the message. */
  readonly say: Readonly<Omit<ErrorText, "cause">>;

  constructor(code: string, say: ErrorText) {
    super(`${say.what}\n  why: ${say.why}\n  fix: ${say.fix}`, { cause: say.cause });
    this.code = code;
    this.say = { what: say.what, why: say.why, fix: say.fix };
  }
}

/** Narrows an unknown error to a {@link GanDlError}, optionally of one of `codes`. */
export function isGanDlError(error: unknown, ...codes: readonly string[]): error is GanDlError {
  return error instanceof GanDlError && (codes.length === 0 || codes.includes(error.code));
}
