// Many readers at once, and what came of it.
import type { MemoryCourse } from "./memory-course.ts";
import { drawMap, idsOf, questionsOf } from "./questions.ts";
import { type EventCheck, followOn, readOn, referencesOf, Tally } from "./reader.ts";
import type { ServeProcess } from "./serve-process.ts";

const ONLY = new RegExp(process.env.GANDL_LOAD_ONLY ?? "");

/** How many read, how long, and what a follower of the run must be told. */
export interface Load {
  readonly nReaders: number;
  readonly loadMs: number;
  readonly check: EventCheck;
}

/** Readers over all routes, every fifth following the run; the server's memory each second. */
export async function underLoad(server: ServeProcess, { nReaders, loadMs, check }: Load) {
  const ids = await idsOf(server);
  await drawMap(server, ids.cells);
  const questions = (await questionsOf(server, ids)).filter(({ path }) => ONLY.test(path));
  const references = await referencesOf(server.address, questions);
  const [tally, course] = [new Tally(), { seconds: [], mib: [] } as MemoryCourse];
  const [start, cpuBefore] = [performance.now(), server.cpuSeconds()];
  const isDone = () => performance.now() - start > loadMs;
  const watching = setInterval(() => {
    course.seconds.push((performance.now() - start) / 1000);
    course.mib.push(server.residentMiB());
  }, 1000);
  const readers = Array.from({ length: nReaders }, (_, seed) => {
    const options = { address: server.address, references, seed, isDone, tally };
    const following = { run: ids.run, forMs: 3000 + 100 * seed, check };
    return seed % 5 === 0 || questions.length === 0 ? followOn(options, following) : readOn(options);
  });
  await Promise.all(readers);
  clearInterval(watching);
  const wrong = references.filter(({ status }) => status !== 200).map(({ path, status }) => `${path}: ${status}`);
  return { references, wrong, tally, course, cpuSeconds: server.cpuSeconds() - cpuBefore };
}

/** Figures for the reader of the test's output. */
export function tell(figures: Record<string, number | string>): void {
  const parts = Object.entries(figures).map(([name, value]) =>
    typeof value === "number" ? `${name} ${Number(value.toFixed(1))}` : `${name} ${value}`,
  );
  process.stderr.write(`${parts.join(", ")}\n`);
}
