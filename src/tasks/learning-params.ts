// Parameters of every task that learns a classifier, and the check that nothing tested was learned from before it.
import { z } from "zod";
import { leakingTransform } from "../profiles/errors.ts";
import { type LeakReport, leaksInto, unevenFits } from "../profiles/lineage.ts";
import { parseStep } from "../profiles/pipeline.ts";
import type { ProfileTable } from "../profiles/profile-table.ts";

export const Cost = z
  .union([z.number().positive(), z.literal("inner")])
  .default(0.01)
  .describe(
    'the cost of errors, on standardised features; "inner": chosen in each fold by holding out training plates',
  );

export const Classifier = z.enum(["svm", "logistic"]).default("svm").describe("linear SVM or logistic regression");

export const MaxTrainRows = z
  .int()
  .min(10)
  .default(20_000)
  .describe("rows a classifier learns from; drawn by seed, class by class, where there are more");

/** Transforms fitted anew on the training rows of each fold. */
export const Steps = z
  .array(z.string())
  .default([])
  .transform((steps) => steps.map(parseStep))
  .describe('profile transforms learned from training rows only, e.g. ["sphere:shrinkage=ledoit-wolf"]');

/**
 * What the table's transforms learned from, to be printed beside the result.
 * @throws GanDlError `leaking-transform`, unless leaks are allowed: then the sentences say so.
 */
export function declaredFits(table: ProfileTable, tested: readonly number[], allowLeak = false): string[] {
  return inWords(leaksInto(table, tested), allowLeak);
}

/**
 * The same for tasks that train nothing but compare wells with controls: both must have been seen alike.
 * @throws GanDlError `leaking-transform`, unless leaks are allowed: then the sentences say so.
 */
export function evenFits(table: ProfileTable, compared: readonly number[], allowLeak = false): string[] {
  return inWords(unevenFits(table, compared), allowLeak);
}

function inWords({ leaks, declared }: LeakReport, allowLeak: boolean): string[] {
  if (leaks.length > 0 && !allowLeak) throw leakingTransform(leaks);
  return [
    ...leaks.map((words) => `Leaks, and is shown all the same: ${words}; the score is too good.`),
    ...declared.map((words) => `Before the task: ${words}.`),
  ];
}
