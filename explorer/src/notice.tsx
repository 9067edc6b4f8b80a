// Empty, loading and error states: each says what to do.
import type { ComponentChildren } from "preact";
import { sentence } from "./parts/states.tsx";

/** What is to be seen where there is nothing yet. */
export function Notice({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="notice">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** A shared address may name what is served no more: another thing in its place would be taken for it. */
export function Gone({ what, onOther }: { readonly what: string; readonly onOther: () => void }) {
  return (
    <Notice title={`This ${what} is not here any more.`}>
      <p>The address names one that is not in the folders that are served. Serve its folder, or look at another one.</p>
      <button type="button" onClick={onOther}>
        Show the first {what}
      </button>
    </Notice>
  );
}

/** An error in the server's words: what, why, and how to mend it. */
export function Problem({ text }: { readonly text: string }) {
  const [first, ...rest] = text.split("\n");
  return (
    <div class="problem" role="alert">
      <strong>{first}</strong>
      {rest.map((line) => (
        <div key={line}>{sentence(line)}</div>
      ))}
    </div>
  );
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
