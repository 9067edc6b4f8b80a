// One job on one drawn screen in a process of its own, so that its peak of memory is its own: `node task-process.js JOB ROWS FEATURES`.
import { drawnScreen, TASK_JOBS } from "./task-jobs.ts";

const [job = "", rows, features] = process.argv.slice(2);
const work = TASK_JOBS[job];
if (!work) throw new Error(`internal: no job ${job}`);
const table = drawnScreen({ rows: Number(rows), features: Number(features) });
const before = process.cpuUsage();
const started = performance.now();
work(table);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const peakGb = process.resourceUsage().maxRSS / 1e6; // of KiB
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakGb }));
