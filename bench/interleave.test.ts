import { describe, expect, it } from "vitest";
import { interleave } from "./interleave.ts";
import type { Variant } from "./row.ts";

/** A clock that only the work moves, and variants that take so many seconds by it. */
function bench() {
  let seconds = 0;
  const calls: string[] = [];
  const variant = (name: string, takes: number, amount = 1): Variant => ({
    ...{ name, amount },
    run: () => {
      calls.push(name);
      seconds += takes;
    },
  });
  const pass = (more: number): void => {
    seconds += more;
  };
  return { now: () => seconds, pass, calls, variant };
}

describe("interleaving", () => {
  it("measures every variant once a round, and lets another begin each time", async () => {
    const { now, calls, variant } = bench();
    const variants = [variant("a", 1), variant("b", 2, 10), variant("c", 4)];
    const speeds = await interleave(variants, { rounds: 3, now });
    expect(speeds).toEqual([
      [1, 1, 1],
      [5, 5, 5],
      [0.25, 0.25, 0.25],
    ]);
    expect(calls.slice(3).join("")).toBe("abcbcacab"); // after one run each to warm up
  });

  it("repeats what is short until a sample is long enough to time", async () => {
    const { now, calls, variant } = bench();
    const [speeds] = await interleave([variant("a", 0.001, 3)], { rounds: 2, now, minSampleSeconds: 0.1 });
    expect(speeds?.map(Math.round)).toEqual([3000, 3000]);
    expect(calls.length).toBeGreaterThan(200);
  });

  it("takes the seconds that a variant tells, and those of a promise", async () => {
    const { now, pass } = bench();
    const told: Variant = {
      ...{ name: "peer", amount: 6 },
      run: async () => {
        pass(100); // its way here and back
        return 2;
      },
    };
    expect(await interleave([told], { rounds: 2, now })).toEqual([[3, 3]]);
  });

  it("warms up as the variant says, and does not count it", async () => {
    const { now, pass, variant } = bench();
    let warmed = 0;
    const slowStart: Variant = {
      ...variant("a", 1),
      warmUp: () => {
        warmed++;
        pass(50);
      },
    };
    expect(await interleave([slowStart], { rounds: 2, now })).toEqual([[1, 1]]);
    expect(warmed).toBe(1);
  });

  it("tells each round", async () => {
    const { now, variant } = bench();
    const rounds: number[] = [];
    await interleave([variant("a", 1)], { rounds: 3, now, onRound: (done) => rounds.push(done) });
    expect(rounds).toEqual([1, 2, 3]);
  });
});
