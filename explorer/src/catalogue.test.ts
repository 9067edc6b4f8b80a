import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../src/schema/explorer.ts";
import { watchCatalogue } from "./catalogue.ts";

const EMPTY: Catalogue = { version: "1", folders: ["a"], entries: [], hasEncoderPage: false };
const RUN = { id: "r", kind: "run", name: "a/r", title: "r", detail: "", synthetic: false } as const;

/** Answers in turn, the last one ever after, until one of them is `gone`: what was told is given back. */
async function told(answers: readonly (Catalogue | "gone")[]): Promise<Catalogue[]> {
  const seen: Catalogue[] = [];
  let nAsked = 0;
  const stop = watchCatalogue(
    EMPTY,
    async () => {
      const answer = answers[Math.min(nAsked++, answers.length - 1)]!;
      if (answer === "gone") throw new Error("the server does not answer");
      return structuredClone(answer);
    },
    (now) => seen.push(now),
    1,
  );
  await expect.poll(() => nAsked).toBeGreaterThan(answers.length + 2);
  stop();
  const nAtStop = nAsked;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(nAsked).toBeLessThanOrEqual(nAtStop + 1); // one may have been under way
  return seen;
}

describe("what there is to look at", () => {
  it("is told when it changes, once", async () => {
    const withRun = { ...EMPTY, entries: [RUN] };
    expect(await told([EMPTY, EMPTY, withRun, withRun])).toEqual([withRun]);
    expect(await told([EMPTY])).toEqual([]);
  });

  it("stays while the server does not answer, and is looked at again", async () => {
    const withRun = { ...EMPTY, entries: [RUN] };
    expect(await told(["gone", "gone", withRun])).toEqual([withRun]);
  });
});
