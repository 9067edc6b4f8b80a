// What pages say that were asked for something that is gone or that failed.
import { sentence } from "./parts/sentence.ts";
import { Empty } from "./parts/states.tsx";

/** A shared address may name what is served no more: another thing in its place would be taken for it. */
export function Gone({ what, onOther }: { readonly what: string; readonly onOther: () => void }) {
  return (
    <Empty title={`This ${what} is not here any more.`}>
      <p>The address names one that is not in the folders that are served. Serve its folder, or look at another one.</p>
      <button type="button" onClick={onOther}>
        Show the first {what}
      </button>
    </Empty>
  );
}

/** An error in the server's words: what, why, and how to mend it. */
export function Problem({ text }: { readonly text: string }) {
  const [first, ...rest] = text.split("\n");
  return (
    <div class="problem" role="alert">
      <strong>{first && sentence(first)}</strong>
      {rest.map((line) => (
        <div key={line}>{sentence(line)}</div>
      ))}
    </div>
  );
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
