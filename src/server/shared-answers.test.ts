import { expect, it } from "vitest";
import { jsonBytes, SharedAnswers } from "./shared-answers.ts";

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

it("makes an answer once for all who ask at once, and hands all the same memory", async () => {
  const answers = new SharedAnswers(100);
  let nMade = 0;
  const make = async () => {
    nMade++;
    await turn();
    return jsonBytes(["µm"]);
  };
  const asked = await Promise.all([1, 2, 3].map(() => answers.ask("a", make, never)));
  asked.push(await answers.ask("a", make, never));
  expect(nMade).toBe(1);
  expect(new Set(asked).size).toBe(1);
  expect(new TextDecoder().decode(asked[0])).toBe('["µm"]');
  expect(asked[0]!.buffer.byteLength).toBe(asked[0]!.length);
});

it("keeps no more bytes than it may: those asked for longest ago go first", async () => {
  const answers = new SharedAnswers(25);
  const made: string[] = [];
  const ask = (key: string) =>
    answers.ask(
      key,
      async () => {
        made.push(key);
        return new Uint8Array(10);
      },
      never,
    );
  for (const key of ["a", "b", "a", "c", "a", "b"]) await ask(key);
  expect(made).toEqual(["a", "b", "c", "b"]);
  expect(answers.nBytes).toBe(20);
  await answers.ask("large", async () => new Uint8Array(1000), never);
  expect(answers.nBytes).toBe(0);
});

it("stops the making when the last who waits has gone, not before, and begins anew for the next", async () => {
  const answers = new SharedAnswers(100);
  let nMade = 0;
  const make = (signal: AbortSignal) => {
    nMade++;
    return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      if (nMade === 2) resolve(new Uint8Array(3));
    });
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [first, second].map(({ signal }) => answers.ask("a", make, signal));
  first.abort(new Error("first left"));
  await expect(asked[0]).rejects.toThrow("first left");
  expect(nMade).toBe(1);
  second.abort(new Error("second left"));
  await expect(asked[1]).rejects.toThrow("second left");
  expect((await answers.ask("a", make, never)).length).toBe(3);
  expect(nMade).toBe(2);
  await expect(answers.ask("b", make, AbortSignal.abort(new Error("gone before")))).rejects.toThrow("gone before");
  expect(nMade).toBe(2);
});

it("tries again what failed", async () => {
  const answers = new SharedAnswers(100);
  await expect(answers.ask("a", () => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
  expect((await answers.ask("a", async () => new Uint8Array(2), never)).length).toBe(2);
});
