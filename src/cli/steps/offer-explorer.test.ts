import { describe, expect, it } from "vitest";
import type { View } from "../view.ts";
import { type OfferOptions, offerExplorer, serveCommand } from "./offer-explorer.ts";

/** Offers, and tells in order what happened. */
async function offered(own: Partial<OfferOptions>, answers: boolean[] = []): Promise<string[]> {
  const seen: string[] = [];
  const view = { line: (text: string) => seen.push(text) } as unknown as View;
  const options: OfferOptions = {
    ...{ serve: true, isTerminal: true },
    start: async (folder) => {
      seen.push(`start ${folder}`);
      return { address: "http://127.0.0.1:1", close: async () => void seen.push("close") };
    },
    ask: async () => answers.shift() ?? false,
    open: (url) => seen.push(`open ${url}`),
    ...own,
  };
  await offerExplorer(view, "demo", options);
  return seen;
}

describe("the end of a demo", () => {
  it("gives scripts the command, and starts nothing", async () => {
    const told = ["Look at it in the explorer: gandl serve demo"];
    expect(await offered({ isTerminal: false })).toEqual(told);
    expect(await offered({ serve: false })).toEqual(told);
    expect(serveCommand("my demo")).toBe('gandl serve "my demo"');
  });

  it("serves on a terminal, opens a browser when wanted, and ends the server in every case", async () => {
    const served = ["start demo", "The explorer: http://127.0.0.1:1"];
    expect(await offered({})).toEqual([...served, "close"]);
    expect(await offered({}, [true])).toEqual([...served, "open http://127.0.0.1:1", "close"]);
    const broken = offered(
      {
        open: () => {
          throw new Error("no browser");
        },
      },
      [true],
    );
    await expect(broken).rejects.toThrow("no browser");
  });
});
