// Two hundred readers of `gandl serve` while a training writes: no error, no wrong byte, memory flat. `npm run setup` builds what it runs.
// GANDL_LOAD_SECONDS and GANDL_LOAD_READERS ask for more or less of it; GANDL_LOAD_ONLY=thumbnail asks for the routes whose address
// matches, GANDL_LOAD_ONLY=events for nothing but following the run.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { courseOf, type MemoryCourse } from "./memory-course.ts";
import { drawMap, idsOf, questionsOf } from "./questions.ts";
import { followOn, readOn, referencesOf, Tally } from "./reader.ts";
import { isBuilt, ServeProcess, tellsMemory } from "./serve-process.ts";
import { writeStudyFolder } from "./study-folder.ts";
import { TrainingWriter } from "./training-writer.ts";

const LOAD_MS = 1000 * Number(process.env.GANDL_LOAD_SECONDS ?? 240);
const ONLY = new RegExp(process.env.GANDL_LOAD_ONLY ?? "");
const N_READERS = Number(process.env.GANDL_LOAD_READERS ?? 200);

/** What the collector leaves lying between two times (src/server/collect-garbage.ts), as far as a line through half of the course may see it. */
const GROWTH_MIB = 48;
/** Above an idle server: pictures and tables that are being made, answers that are kept (32 MiB), a thread with a matrix. */
const PLATEAU_MIB = 320;
/** A connection, a piece of an answer, a part of a log. */
const PER_READER_MIB = 0.5;

const root = mkdtempSync(join(tmpdir(), "gandl-load-"));
const served = join(root, "served");
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Readers over all routes, every fifth following the run; the server's memory each second. */
async function underLoad(server: ServeProcess, training: TrainingWriter, nReaders: number, loadMs: number) {
  const ids = await idsOf(server);
  await drawMap(server, ids.cells);
  const questions = (await questionsOf(server, ids)).filter(({ path }) => ONLY.test(path));
  const references = await referencesOf(server.address, questions);
  const [tally, course] = [new Tally(), { seconds: [], mib: [] } as MemoryCourse];
  const [start, cpuBefore] = [performance.now(), server.cpuSeconds()];
  const isDone = () => performance.now() - start > loadMs;
  const writing = setInterval(() => training.write(2), 100);
  const watching = setInterval(() => {
    course.seconds.push((performance.now() - start) / 1000);
    course.mib.push(server.residentMiB());
  }, 1000);
  const readers = Array.from({ length: nReaders }, (_, seed) => {
    const options = { address: server.address, references, seed, isDone, tally };
    return seed % 5 === 0 || questions.length === 0 ? followOn(options, ids.run, 3000 + 100 * seed) : readOn(options);
  });
  await Promise.all(readers);
  clearInterval(writing);
  clearInterval(watching);
  const wrong = references.filter(({ status }) => status !== 200).map(({ path, status }) => `${path}: ${status}`);
  return { references, wrong, tally, course, cpuSeconds: server.cpuSeconds() - cpuBefore };
}

/** Figures for the reader of the test's output. */
function tell(figures: Record<string, number | string>): void {
  const parts = Object.entries(figures).map(([name, value]) =>
    typeof value === "number" ? `${name} ${Number(value.toFixed(1))}` : `${name} ${value}`,
  );
  process.stderr.write(`${parts.join(", ")}\n`);
}

describe.skipIf(!isBuilt || !tellsMemory)(
  "gandl serve under load (built by npm run setup, memory told by /proc)",
  () => {
    let training: TrainingWriter;
    beforeAll(async () => {
      mkdirSync(served);
      await writeStudyFolder(served, root, { sidePx: 128, cellsPerImage: 300 });
      training = new TrainingWriter(join(served, "run"));
    });

    it(`answers ${N_READERS} readers, to the byte, and its memory does not grow with what they ask`, {
      timeout: 2 * LOAD_MS + 300_000,
    }, async () => {
      const server = await ServeProcess.start(served);
      const idleMiB = server.residentMiB();
      const few = await underLoad(server, training, N_READERS / 10, LOAD_MS / 2);
      const many = await underLoad(server, training, N_READERS, LOAD_MS);
      expect(await server.stop()).toBe(0);
      const [ofFew, ofMany] = [few, many].map(({ course }) => courseOf(course, 0.5));
      const { tally, course, references, cpuSeconds } = many;
      tell({
        ...{ readers: N_READERS, seconds: LOAD_MS / 1000, questions: references.length, answers: tally.nAnswers },
        ...{ readMiB: tally.nBytes / 2 ** 20, events: tally.nEvents, cpuSeconds, idleMiB, meanMiB: ofMany!.meanMiB },
        ...{ mostMiB: Math.max(...course.mib), growthMiBPerMinute: ofMany!.growthMiBPerMinute },
        ...{ nFewer: N_READERS / 10, meanOfFewerMiB: ofFew!.meanMiB },
        everyTenSeconds: course.mib
          .filter((_, i) => i % 10 === 0)
          .map(Math.round)
          .join(" "),
      });
      for (const { wrong, tally: told } of [few, many]) {
        expect(wrong).toEqual([]);
        expect(told.faults.slice(0, 10)).toEqual([]);
        expect(told.nEvents).toBeGreaterThan(N_READERS);
        if (references.length > 0) expect(told.nAnswers).toBeGreaterThan(N_READERS / 10);
      }
      expect(server.said.join("")).not.toMatch(/Error|at /);
      const halfMinutes = LOAD_MS / 120_000;
      expect(ofMany!.growthMiBPerMinute * halfMinutes).toBeLessThan(GROWTH_MIB);
      expect(ofMany!.mostMiB).toBeLessThan(idleMiB + PLATEAU_MIB);
      expect(ofMany!.meanMiB).toBeLessThan(ofFew!.meanMiB + PER_READER_MIB * N_READERS);
    });
  },
);
