// Two hundred readers of `gandl serve` while a real training runs beside it on the same machine: each follower is told what stands in the log,
// no answer differs by a byte, and the training ends whole. GANDL_LOAD_SECONDS asks for more or less of it.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { readSafetensors } from "../../src/tensor/index.ts";
import { listCheckpoints } from "../../src/train/index.ts";
import { courseOf, PLATEAU_MIB } from "./memory-course.ts";
import type { EventCheck } from "./reader.ts";
import { isBuilt, main, ServeProcess, tellsMemory } from "./serve-process.ts";
import { writeStudyFolder } from "./study-folder.ts";
import { tell, underLoad } from "./under-load.ts";

const LOAD_MS = 500 * Number(process.env.GANDL_LOAD_SECONDS ?? 240);
const N_READERS = 200;
const root = mkdtempSync(join(tmpdir(), "gandl-load-"));
const [served, run] = [join(root, "served"), join(root, "served", "run")];
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Small and quick: many lines, checkpoints and grids in a short time. */
const SETTINGS = [
  ...["data.resolutionPx=16", "schedule.durationKimg=100000", "schedule.tickEverySteps=1"],
  ...["schedule.checkpointEveryKimg=0.25", "schedule.sampleEveryKimg=0.25", "schedule.keepCheckpoints=3"],
];

/** `gandl train` in a process of its own, once it has written a checkpoint and both kinds of grids. */
async function training(): Promise<ChildProcess> {
  const sets = SETTINGS.flatMap((setting) => ["--set", setting]);
  const args = [main, "train", "--data", join(served, "dataset"), "--out", run, ...sets];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const has = (text: string) => existsSync(join(run, "events.jsonl")) && logOf().some((line) => line.includes(text));
  await expect.poll(() => has('"sample"') && has('"checkpoint"'), { timeout: 120_000 }).toBe(true);
  return child;
}

const logOf = () => readFileSync(join(run, "events.jsonl"), "utf8").trimEnd().split("\n");

/** What is told stands in the log, in its place. */
function asInLog(): EventCheck {
  let lines: string[] = [];
  return (event, at) => {
    if (at >= lines.length) lines = logOf();
    const line = lines[at];
    if (line === undefined) return `event ${at} does not stand in the log`;
    return isDeepStrictEqual(event, JSON.parse(line)) ? null : `event ${at} is not ${line}`;
  };
}

describe.skipIf(!isBuilt || !tellsMemory)("gandl serve beside gandl train (built by npm run setup)", () => {
  it(`answers ${N_READERS} readers, and follows the training to the letter`, {
    timeout: LOAD_MS + 400_000,
  }, async () => {
    mkdirSync(served);
    await writeStudyFolder(served, root, { sidePx: 64, cellsPerImage: 100 });
    const child = await training();
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const server = await ServeProcess.start(served);
    const idleMiB = server.residentMiB();
    const nBefore = logOf().length;
    const { tally, wrong, course } = await underLoad(server, {
      nReaders: N_READERS,
      loadMs: LOAD_MS,
      check: asInLog(),
    });
    const nLines = logOf().length - nBefore;
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(await server.stop()).toBe(0);
    const { meanMiB, mostMiB, growthMiBPerMinute } = courseOf(course, 0.5);
    tell({
      ...{ seconds: LOAD_MS / 1000, answers: tally.nAnswers, events: tally.nEvents, linesWritten: nLines },
      ...{ idleMiB, meanMiB, mostMiB, growthMiBPerMinute },
    });
    expect(wrong).toEqual([]);
    expect(tally.faults.slice(0, 10)).toEqual([]);
    expect(tally.nAnswers).toBeGreaterThan(N_READERS);
    expect(mostMiB).toBeLessThan(idleMiB + PLATEAU_MIB);
    expect(nLines).toBeGreaterThan(50);
    expect(tally.nEvents).toBeGreaterThan(N_READERS * 50);
    const { checkpoints } = await listCheckpoints(run);
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const { weights } of checkpoints) expect((await readSafetensors(weights)).tensors.size).toBeGreaterThan(10);
  });
});
