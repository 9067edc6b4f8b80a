import { expect, it } from "vitest";
import { Kept } from "./kept.ts";

const opened = (name: string, log: string[]) => async () => {
  log.push(`open ${name}`);
  return name;
};

it("opens a thing once for many, and closes the one asked for longest ago", async () => {
  const log: string[] = [];
  const kept = new Kept<string>(2, (name) => log.push(`close ${name}`));
  await Promise.all(["a", "a", "b", "a", "c"].map((name) => kept.use(name, opened(name, log), async () => {})));
  await Promise.resolve();
  expect(log).toEqual(["open a", "open b", "open c", "close b"]);
});

it("never closes what is in use", async () => {
  const log: string[] = [];
  const kept = new Kept<string>(1, (name) => log.push(`close ${name}`));
  let finish = () => {};
  const using = kept.use("a", opened("a", log), () => new Promise<void>((resolve) => (finish = resolve)));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await kept.use("b", opened("b", log), async () => {});
  kept.close();
  await Promise.resolve();
  expect(log).toEqual(["open a", "open b", "close b"]);
  finish();
  await using;
  await Promise.resolve();
  expect(log.at(-1)).toBe("close a");
});

it("tries again what could not be opened", async () => {
  const kept = new Kept<string>(1, () => {});
  await expect(
    kept.use(
      "a",
      () => Promise.reject(new Error("no")),
      async () => {},
    ),
  ).rejects.toThrow("no");
  expect(
    await kept.use(
      "a",
      async () => "there",
      async (name) => name,
    ),
  ).toBe("there");
});
