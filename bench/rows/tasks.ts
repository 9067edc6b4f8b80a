// Every task on a screen as large as RxRx19a, each in a process of its own: seconds and peak memory.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../package-root.ts";
import type { BenchRow, Prepared } from "../row.ts";
import { TASK_JOBS, type TableSize } from "../task-jobs.ts";

/** What the process tells. */
interface Told {
  readonly seconds: number;
  /** What a busy machine does not stretch. */
  readonly cpuSeconds: number;
  readonly peakGb: number;
}

const PROCESS = join(packageRoot, "build/bench/task-process.js");

/** @param script the process; a stand-in in tests. */
export function taskRow(job: string, name: string, size: TableSize, script = PROCESS): BenchRow {
  return {
    name: `tasks/${name}/${job}`,
    title: `${job} on ${size.rows} × ${size.features} profiles, the table drawn before`,
    rounds: 1,
    prepare: (): Prepared => {
      let last: Told = { seconds: Number.NaN, cpuSeconds: Number.NaN, peakGb: Number.NaN };
      return {
        unit: "s",
        ours: {
          ...{ name: "ours", amount: 1 },
          warmUp: () => {}, // minutes; a process starts cold either way
          run: async () => {
            const args = [script, job, String(size.rows), String(size.features)];
            const { stdout } = await promisify(execFile)(process.execPath, args);
            last = JSON.parse(stdout) as Told;
            return last.seconds;
          },
        },
        bars: [
          { of: "median", atMost: 300 },
          { of: "peakGb", atMost: 8 },
        ],
        peakGb: () => last.peakGb,
        note: () => `${last.cpuSeconds.toFixed(1)} s of processor time`,
      };
    },
  };
}

const SIZES: Readonly<Record<string, TableSize>> = {
  "60k": { rows: 60_000, features: 512 },
  "300k": { rows: 300_000, features: 512 },
};

export const tasks: readonly BenchRow[] = Object.entries(SIZES).flatMap(([name, size]) =>
  Object.keys(TASK_JOBS).map((job) => taskRow(job, name, size)),
);
