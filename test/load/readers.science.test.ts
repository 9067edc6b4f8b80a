// Two hundred readers of `gandl serve` while a training writes: no error, no wrong byte, memory flat. `npm run setup` builds what it runs.
// GANDL_LOAD_SECONDS and GANDL_LOAD_READERS ask for more or less of it; GANDL_LOAD_ONLY=thumbnail asks for the routes whose address
// matches, GANDL_LOAD_ONLY=events for nothing but following the run.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { courseOf, PLATEAU_MIB } from "./memory-course.ts";
import { isBuilt, ServeProcess, tellsMemory } from "./serve-process.ts";
import { writeStudyFolder } from "./study-folder.ts";
import { isNextStep, TrainingWriter } from "./training-writer.ts";
import { tell, underLoad } from "./under-load.ts";

const LOAD_MS = 1000 * Number(process.env.GANDL_LOAD_SECONDS ?? 240);
const N_READERS = Number(process.env.GANDL_LOAD_READERS ?? 200);

/** What the collector leaves lying between two times (src/server/collect-garbage.ts), as far as a line through half of the course may see it. */
const GROWTH_MIB = 48;
/** A connection, a piece of an answer, a part of a log. */
const PER_READER_MIB = 0.5;

const root = mkdtempSync(join(tmpdir(), "gandl-load-"));
const served = join(root, "served");
afterAll(() => rmSync(root, { recursive: true, force: true }));

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
      const writing = setInterval(() => training.write(2), 100);
      const few = await underLoad(server, { nReaders: N_READERS / 10, loadMs: LOAD_MS / 2, check: isNextStep });
      const many = await underLoad(server, { nReaders: N_READERS, loadMs: LOAD_MS, check: isNextStep });
      clearInterval(writing);
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
