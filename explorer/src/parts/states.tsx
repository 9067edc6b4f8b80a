// What stands where an answer is not there: coming, failed, or nothing to show.
import type { ComponentChildren } from "preact";
import type { Answer } from "../api.ts";
import { sentence } from "./sentence.ts";

/** Draws `children` from an answer, or what is to be said until it is there. */
export function Loaded<T>(props: { of: Answer<T>; what: string; children: (value: T) => ComponentChildren }) {
  const { of, what, children } = props;
  if (of.state === "there") return <>{children(of.value)}</>;
  if (of.state === "coming") return <Waiting what={what} />;
  return <Failed error={of.error} again={of.again} />;
}

/** Shown only after a moment (by CSS), so that quick answers do not flicker. */
export function Waiting({ what }: { what: string }) {
  return (
    <p class="waiting" role="status">
      <span class="spinner" aria-hidden="true" /> Loading {what} …
    </p>
  );
}

/** The server's words: what, why, and how to mend it. */
export function Failed({ error, again }: { error: Error; again?: () => void }) {
  const [what, ...rest] = error.message.split("\n").map((line) => line.trim());
  return (
    <div class="failed" role="alert">
      <strong>{what && sentence(what)}</strong>
      <Lines lines={rest.slice(0, MOST_LINES)} />
      {rest.length > MOST_LINES + 1 && (
        <details>
          <summary>{rest.length - MOST_LINES - 1} more lines</summary>
          <Lines lines={rest.slice(MOST_LINES, -1)} />
        </details>
      )}
      <Lines lines={rest.slice(Math.max(MOST_LINES, rest.length - 1))} />
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** More of why is folded away; the last line says how to mend it. */
const MOST_LINES = 4;

const Lines = ({ lines }: { lines: readonly string[] }) => (
  <>
    {lines.map((line) => (
      <p key={line}>{sentence(line)}</p>
    ))}
  </>
);

/** Nothing to show: what is missing, why, and the command or the choice that makes it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
