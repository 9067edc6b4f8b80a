// Typed results of the screening tasks. The report and the explorer know these kinds, never the tasks.
import { z } from "zod";

/** A 95 % interval, or null where fewer than two independent units are left. */
const Interval = z.tuple([z.number(), z.number()]).nullable();

export const Score = z.strictObject({
  kind: z.literal("score"),
  metric: z.string().describe("e.g. AUC"),
  value: z.number(),
  ci95: Interval,
  chance: z.number().nullable().describe("what knowing nothing scores"),
  part: z.string().nullable().describe("a held-out plate, or null for all together"),
  nUnits: z.int().optional().describe("independent units (wells, compounds) behind the value"),
  role: z
    .enum(["baseline", "leak-check"])
    .optional()
    .describe("what a rival explanation scores (baseline), or what must be near chance (leak-check)"),
});
export const Confusion = z.strictObject({
  kind: z.literal("confusion"),
  classes: z.array(z.string()),
  counts: z.array(z.array(z.int())).describe("[true][predicted]"),
});
export const Curve = z.strictObject({
  kind: z.literal("curve"),
  name: z.string().describe("the treatment"),
  responseName: z
    .string()
    .optional()
    .describe('the response in words, e.g. "0 = like healthy, 1 = like infected wells"'),
  points: z.array(z.strictObject({ doseUm: z.number(), response: z.number(), plate: z.string().nullable() })),
  setAsideUm: z
    .array(z.number())
    .optional()
    .describe("doses whose wells leave the axis (toxic, or other biology): drawn, but not fitted"),
  fit: z.strictObject({ bottom: z.number(), top: z.number(), ec50Um: z.number(), hill: z.number() }).nullable(),
  ec50Um: z.number().nullable(),
  ec50Ci95Um: Interval,
  refused: z.string().nullable().describe("why no EC50 is given, or null"),
});
export const Table = z.strictObject({
  kind: z.literal("table"),
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});
export const TaskResult = z.discriminatedUnion("kind", [Score, Confusion, Curve, Table]);
export type TaskResult = z.infer<typeof TaskResult>;
export type Score = z.infer<typeof Score>;
export type Curve = z.infer<typeof Curve>;

/** One task on one encoder's embedding, with what is needed to judge it. */
export const TaskRun = z.strictObject({
  task: z.string().describe("the task's id"),
  title: z.string(),
  question: z.string().describe("in plain words, e.g. DMSO or cycloheximide?"),
  encoder: z.string(),
  split: z.string().describe("e.g. leave-plate-out"),
  nWells: z.int(),
  nImages: z.int(),
  nPlates: z.int(),
  seed: z.int(),
  results: z.array(TaskResult),
  notes: z.array(z.string()).describe("what to distrust"),
});
export type TaskRun = z.infer<typeof TaskRun>;
