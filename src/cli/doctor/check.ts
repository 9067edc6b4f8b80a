// One line of `gandl doctor`: what was looked at, how it stands, and the command that mends it.

/** A finding. `fix` is a command or a change, given whenever `status` is not `pass`. */
export interface Check {
  readonly name: string;
  readonly status: "pass" | "warning" | "fail";
  readonly detail: string;
  readonly fix: string | null;
}

export const pass = (name: string, detail: string): Check => ({ name, status: "pass", detail, fix: null });
export const warning = (name: string, detail: string, fix: string): Check => ({ name, status: "warning", detail, fix });
export const fail = (name: string, detail: string, fix: string): Check => ({ name, status: "fail", detail, fix });

/** Runs a check that may throw; what is thrown becomes a failure with `fix`. */
export async function guarded(name: string, fix: string, look: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    return fail(name, firstLine(error), fix);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

const MARK = { pass: "✓", warning: "!", fail: "✗" } as const;

/** The findings as aligned lines, with their fixes below them, and a closing sentence. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap((check) => [
    `${MARK[check.status]} ${check.name.padEnd(width)}  ${check.detail}`,
    ...(check.fix === null ? [] : [`  ${" ".repeat(width)}  fix: ${check.fix}`]),
  ]);
  const failed = checks.filter((check) => check.status === "fail").length;
  const warned = checks.filter((check) => check.status === "warning").length;
  const verdict =
    failed > 0
      ? `${failed} of ${checks.length} checks failed.`
      : warned > 0
        ? `Ready, with ${warned} warning${warned > 1 ? "s" : ""}.`
        : "Ready.";
  return [...lines, "", verdict].join("\n");
}
