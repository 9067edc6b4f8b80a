import { expect, it } from "vitest";
import { atMost } from "./at-most.ts";

it("runs no more jobs at a time than it may, in order, and goes on after one that failed", async () => {
  const turn = atMost(3);
  const started: number[] = [];
  let [now, most] = [0, 0];
  const job = (i: number) => async () => {
    started.push(i);
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, i % 4));
    now--;
    if (i % 5 === 0) throw new Error(`job ${i}`);
    return i;
  };
  const done = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => turn(job(i))));
  expect(most).toBe(3);
  expect(started).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(done.map(({ status }) => status === "fulfilled")).toEqual(Array.from({ length: 40 }, (_, i) => i % 5 !== 0));
  await expect(turn(async () => "again")).resolves.toBe("again");
});

it("drops who goes while waiting, and lets the next one in", async () => {
  const turn = atMost(1);
  const [gone, done] = [new AbortController(), [] as string[]];
  let finish = () => {};
  const first = turn(() => new Promise<void>((resolve) => (finish = resolve)));
  const second = turn(async () => done.push("second"), gone.signal);
  const third = turn(async () => done.push("third"), new AbortController().signal);
  gone.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  finish();
  await Promise.all([first, third]);
  expect(done).toEqual(["third"]);
  await expect(turn(async () => done.push("late"), gone.signal)).rejects.toThrow("gone");
  await turn(async () => done.push("last"));
  expect(done).toEqual(["third", "last"]);
});
