// From what a user writes to a configuration in which every number stands.
import type { z } from "zod";
import { ResolvedTrainConfig, TrainConfig } from "../schema/index.ts";
import { badConfig, badOverride } from "./errors.ts";

/** γ = 0.0002 · resolution² / batch, the rule of StyleGAN2-ADA's `auto` configuration. */
const autoGamma = (resolutionPx: number, batchSize: number): number => (0.0002 * resolutionPx ** 2) / batchSize;
/** Half-life of the moving average = batch · 10 / 32 kimg, the rule of the same. */
const autoHalfLife = (batchSize: number): number => (batchSize * 10) / 32;

/**
 * Fills every default and resolves every `auto` to a number.
 * @param source the file or flag that `input` came from.
 * @throws GanDlError `bad-config`, listing every fault with its path; an unknown key with the nearest known one.
 * @example
 * ```ts
 * import { resolveTrainConfig } from "gan-dl/train";
 * const schedule = { durationKimg: 100, batchSize: 32, checkpointEveryKimg: 10, sampleEveryKimg: 10 };
 * const config = resolveTrainConfig({ data: { dataset: "screen", resolutionPx: 256 }, schedule }, "config.json");
 * console.assert(config.loss.kind === "logistic" && config.loss.r1Gamma.toFixed(2) === "0.41");
 * ```
 */
export function resolveTrainConfig(input: unknown, source: string): ResolvedTrainConfig {
  const parsed = TrainConfig.safeParse(input);
  if (!parsed.success) throw badConfig(source, parsed.error.issues.map(describeIssue).join("\n       "));
  const config = parsed.data;
  const { batchSize } = config.schedule;
  const group = resolved(config.model.minibatchStdGroup, config.loss.kind === "logistic" ? 4 : 1);
  if (batchSize > group && batchSize % group !== 0)
    throw badConfig(source, `schedule.batchSize: ${batchSize} is not a multiple of model.minibatchStdGroup, ${group}`);
  return ResolvedTrainConfig.parse({
    ...config,
    model: { ...config.model, minibatchStdGroup: group },
    loss: resolvedLoss(config.loss, autoGamma(config.data.resolutionPx, batchSize)),
    cuda: { ...config.cuda, cudnnBenchmark: resolved(config.cuda.cudnnBenchmark, !config.cuda.deterministic) },
    ema: { ...config.ema, halfLifeKimg: resolved(config.ema.halfLifeKimg, autoHalfLife(batchSize)) },
  });
}

const resolved = <T extends number | boolean>(value: T | "auto", rule: T): T => (value === "auto" ? rule : value);

function resolvedLoss(loss: TrainConfig["loss"], gamma: number): ResolvedTrainConfig["loss"] {
  switch (loss.kind) {
    case "logistic":
      return { ...loss, r1Gamma: resolved(loss.r1Gamma, gamma) };
    case "relativistic":
      return { ...loss, r1Gamma: resolved(loss.r1Gamma, gamma), r2Gamma: resolved(loss.r2Gamma, gamma) };
    case "wgan-gp":
      return loss;
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".") || "the configuration";
  if (issue.code !== "unrecognized_keys") return `${path}: ${issue.message}`;
  const known = keysAt(issue.path.map(String));
  const named = issue.keys.map((key) => {
    const near = nearest(key, known);
    const at = (name: string) => `'${[...issue.path, name].join(".")}'`;
    return `${at(key)}${near === null ? "" : ` (did you mean ${at(near)}?)`}`;
  });
  return `unknown key ${named.join(", ")}`;
}

/** The keys that the schema knows at a path, read off a filled example. */
function keysAt(path: readonly string[]): string[] {
  const minimal = {
    data: { dataset: "d", resolutionPx: 64 },
    schedule: { durationKimg: 1, batchSize: 1, checkpointEveryKimg: 1, sampleEveryKimg: 1 },
  };
  let at: unknown = TrainConfig.parse(minimal);
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  return typeof at === "object" && at !== null ? Object.keys(at) : [];
}

/** The known key that takes the fewest single-letter edits, if at most three. */
function nearest(key: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0] && ranked[0].distance <= 3 ? ranked[0].name : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

/**
 * Applies `part.key=value` overrides to a configuration as written; values are JSON where they parse, else text.
 * @returns a new object; unknown keys are refused later, by {@link resolveTrainConfig}.
 * @throws GanDlError `bad-override`.
 * @example
 * ```ts
 * import { applyOverrides } from "gan-dl/train";
 * const config = applyOverrides({ seed: 1, schedule: { batchSize: 32 } }, ["schedule.batchSize=16"]);
 * console.assert(JSON.stringify(config) === '{"seed":1,"schedule":{"batchSize":16}}');
 * ```
 */
export function applyOverrides(
  input: Readonly<Record<string, unknown>>,
  overrides: readonly string[],
): Record<string, unknown> {
  const config = structuredClone(input) as Record<string, unknown>;
  for (const text of overrides) {
    const equals = text.indexOf("=");
    if (equals < 1) throw badOverride(text, "there is no '=' between a key and a value.");
    const path = text.slice(0, equals).split(".");
    if (path.includes("") || path.includes("__proto__")) throw badOverride(text, "part of the key is not a name.");
    let at = config;
    for (const key of path.slice(0, -1)) {
      const inner = (Object.hasOwn(at, key) ? at[key] : null) ?? {};
      if (typeof inner !== "object" || Array.isArray(inner))
        throw badOverride(text, `'${key}' holds a value, not keys.`);
      at[key] = inner;
      at = inner as Record<string, unknown>;
    }
    at[path.at(-1) as string] = parseValue(text.slice(equals + 1));
  }
  return config;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The key paths at which two configurations differ. */
export function differingKeys(a: unknown, b: unknown, path = ""): string[] {
  if (Object.is(a, b)) return [];
  const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null;
  if (!isRecord(a) || !isRecord(b)) return [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differingKeys(a[key], b[key], path === "" ? key : `${path}.${key}`));
}
