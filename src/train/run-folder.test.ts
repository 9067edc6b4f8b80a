import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../schema/index.ts";
import { cutEvents, EventLog, lockRun, removePartials, writeWhole } from "./run-folder.ts";
import { loggedEvents, messageOf, temporaryFolder } from "./train.fixture.ts";

const root = temporaryFolder();
let count = 0;
const fresh = (): string => {
  const folder = join(root, `run-${count++}`);
  mkdirSync(folder);
  return folder;
};
/** Above the largest process number that Linux gives out. */
const NOBODY = 2 ** 22 + 1;
const leaveLock = (folder: string, pid: number, host = hostname()) =>
  writeFileSync(join(folder, "run.lock"), JSON.stringify({ pid, host }));

describe("lockRun", () => {
  it("holds a folder for one at a time, also within a process, and gives it back", async () => {
    const folder = fresh();
    const unlock = await lockRun(folder);
    expect(await messageOf("run-locked", () => lockRun(folder))).toContain(`process ${process.pid} on`);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
    await (await lockRun(folder))();
  });
  it("refuses a folder that a living process holds", async () => {
    const folder = fresh();
    leaveLock(folder, process.ppid);
    expect(await messageOf("run-locked", () => lockRun(folder))).toContain(`process ${process.ppid} on`);
    expect(readdirSync(folder)).toEqual(["run.lock"]);
  });
  it("takes over what a process left that is gone, that had this one's number, or that wrote nonsense", async () => {
    for (const leave of [
      (folder: string) => leaveLock(folder, NOBODY),
      (folder: string) => leaveLock(folder, process.pid),
      (folder: string) => writeFileSync(join(folder, "run.lock"), "{"),
    ]) {
      const folder = fresh();
      leave(folder);
      const unlock = await lockRun(folder);
      expect(JSON.parse(readFileSync(join(folder, "run.lock"), "utf8")).pid).toBe(process.pid);
      await unlock();
    }
  });
  it("trusts a lock of another machine, where it cannot look", async () => {
    const folder = fresh();
    leaveLock(folder, NOBODY, "elsewhere");
    expect(await messageOf("run-locked", () => lockRun(folder))).toMatch(/on elsewhere.*\n.*\n.*delete run\.lock/);
  });
  it("says so when the folder cannot be made", async () => {
    writeFileSync(join(root, "a-file"), "");
    expect(await messageOf("cannot-write", () => lockRun(join(root, "a-file", "run")))).toContain("ENOTDIR");
  });
});

describe("writeWhole", () => {
  it("replaces a file at once, making its folder", async () => {
    const path = join(fresh(), "deep", "x.json");
    await writeWhole(path, "one");
    await writeWhole(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(readdirSync(join(path, ".."))).toEqual(["x.json"]);
  });
  it("leaves nothing behind when it fails, and says what to do", async () => {
    const folder = fresh();
    mkdirSync(join(folder, "taken", "by-a-folder"), { recursive: true });
    const message = await messageOf("cannot-write", () => writeWhole(join(folder, "taken"), "x"));
    expect(message).toMatch(/taken could not be written.*\n.*Earlier checkpoints are whole.*\n.*--resume/);
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});

it("removePartials clears what a killed process left, and nothing else", async () => {
  const folder = fresh();
  for (const name of [
    "checkpoints/a.safetensors",
    "checkpoints/a.json.partial-77",
    "samples/b.png.partial-1",
    "run.lock",
  ]) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
  await removePartials(folder);
  expect(readdirSync(folder, { recursive: true }).map(String).sort()).toEqual([
    "checkpoints",
    "checkpoints/a.safetensors",
    "run.lock",
    "samples",
  ]);
});

describe("the event log", () => {
  const event = (step: number): TrainEvent => ({ kind: "sample", time: "t", kimg: step, step, file: "f" });

  it("is cut after a checkpoint's step, with a line that the kill cut short", async () => {
    const folder = fresh();
    const log = new EventLog(folder);
    for (const step of [1, 2, 3]) log.append(event(step));
    log.close();
    const path = join(folder, "events.jsonl");
    writeFileSync(path, `${readFileSync(path, "utf8")}{"kind":"sam`);
    await cutEvents(folder, 2);
    const again = new EventLog(folder);
    again.append(event(3));
    again.close();
    expect(loggedEvents(folder).map(({ step }) => step)).toEqual([1, 2, 3]);
  });
  it("is made when it is missing", async () => {
    const folder = fresh();
    await cutEvents(folder, 0);
    expect(readFileSync(join(folder, "events.jsonl"), "utf8")).toBe("");
  });
  it.skipIf(!existsSync("/dev/full"))("says so when the disk is full", async () => {
    const folder = fresh();
    symlinkSync("/dev/full", join(folder, "events.jsonl"));
    const log = new EventLog(folder);
    expect(await messageOf("cannot-write", () => log.append(event(1)))).toMatch(/events\.jsonl.*\n.*ENOSPC/);
    log.close();
  });
});
