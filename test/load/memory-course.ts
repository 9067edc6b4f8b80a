// How a memory course ends: does it grow, and how high is it?

/** A course of memory over time. */
export interface MemoryCourse {
  readonly seconds: number[];
  readonly mib: number[];
}

/** Mean, largest and growth (least squares, MiB a minute) of the part of a course that begins at `from`, a share of its time. */
export function courseOf({ seconds, mib }: MemoryCourse, from: number) {
  const begin = (seconds.at(-1) ?? 0) * from;
  const at = seconds.flatMap((t, i) => (t >= begin ? [i] : []));
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [t, v] = [at.map((i) => seconds[i]! / 60), at.map((i) => mib[i]!)];
  const [tMean, vMean] = [mean(t), mean(v)];
  const over = t.reduce((sum, x, i) => sum + (x - tMean) * (v[i]! - vMean), 0);
  const under = t.reduce((sum, x) => sum + (x - tMean) ** 2, 0);
  return { meanMiB: vMean, mostMiB: Math.max(...v), growthMiBPerMinute: over / under };
}

/** Above an idle server: pictures and tables that are being made, answers that are kept (32 MiB), a thread with a matrix. */
export const PLATEAU_MIB = 320;
