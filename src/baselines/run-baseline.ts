// Runs a system over a data set and writes what it found: the tables that `gandl evaluate` and `gandl compare` read, whole or not at all.
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { type Dataset, writeParquet } from "../data/index.ts";
import { writeWhole } from "../data/write-whole.ts";
import { cellOf, metadataColumns } from "../embed/metadata-columns.ts";
import type { BaselineRecord, EmbeddingHeader } from "../schema/index.ts";
import type {
  Baseline,
  BaselineContext,
  BaselineEmbedding,
  BaselineEvent,
  BaselineResult,
  BaselineScore,
} from "./define-baseline.ts";
import { badBaselineParams, cannotWrite, featureNotFinite } from "./errors.ts";

export interface RunBaselineOptions {
  /** Borrowed; stays open. */
  readonly dataset: Dataset;
  /** Path without ending: `.parquet` and `.json` hold the embedding, `-scores.csv` and `-scores.json` the scores. */
  readonly out: string;
  /** As written by the user; defaults are filled. @default {} */
  readonly params?: Readonly<Record<string, unknown>>;
  /** @default 1 */
  readonly seed?: number;
  /** Folder for what the system can continue from. @default `{out}-work` */
  readonly work?: string;
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface BaselineFiles {
  readonly embedding: { readonly parquet: string; readonly header: EmbeddingHeader } | null;
  readonly scores: { readonly csv: string; readonly rows: readonly BaselineScore[] } | null;
  readonly record: BaselineRecord;
}

export type RunBaselineEvent =
  | Exclude<BaselineEvent, { kind: "finished" }>
  | { readonly kind: "finished"; readonly files: BaselineFiles };

/**
 * Runs `baseline` over a data set, yielding its progress, and writes its tables; they appear only when they are whole.
 * @throws GanDlError `bad-baseline-params` (listing every fault), `not-finite`, `cannot-write`, `damaged-dataset`, and what the system
 * itself refuses; the signal's reason.
 * @example
 * ```ts no-run
 * const options = { dataset: await openDataset("data/mine"), out: "tables/handcrafted" };
 * for await (const event of runBaseline(findBaseline("handcrafted"), options)) console.log(event.kind);
 * ```
 */
export async function* runBaseline(
  baseline: Baseline,
  options: RunBaselineOptions,
): AsyncGenerator<RunBaselineEvent, void> {
  const { dataset, out, seed = 1, work = `${out}-work`, signal = new AbortController().signal } = options;
  const params = baselineParams(baseline, options.params ?? {});
  await makeFolder(dirname(out));
  const started = performance.now();
  const context: BaselineContext = { dataset, seed, signal, workFolder: () => makeFolder(work) };
  let result: BaselineResult | null = null;
  for await (const event of baseline.run(context, params)) {
    if (event.kind === "finished") result = event.result;
    else yield event;
  }
  if (result === null) throw new Error(`internal: ${baseline.id} ended without a result`);
  signal.throwIfAborted();
  const seconds = (performance.now() - started) / 1000;
  const { id, needsLabels } = baseline;
  const record: BaselineRecord = { id, needsLabels, params, seed, seconds, provenance: { ...result.provenance } };
  const embedding = result.embedding ? await writeEmbedding(options, baseline, result.embedding, record, result) : null;
  const scores = result.scores ? await writeScores(out, result.scores, record) : null;
  yield { kind: "finished", files: { embedding, scores, record } };
}

/** Parameters with their defaults. @throws GanDlError `bad-baseline-params`. */
export function baselineParams(baseline: Baseline, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = baseline.params.safeParse(params);
  if (parsed.success) return parsed.data;
  throw badBaselineParams(baseline.id, z.prettifyError(parsed.error), Object.keys(baseline.params.shape));
}

async function writeEmbedding(
  { dataset, out }: RunBaselineOptions,
  baseline: Baseline,
  { features, featureNames, sites = dataset.sites }: BaselineEmbedding,
  record: BaselineRecord,
  { encoder = baseline.title, runtime = "none" }: BaselineResult,
): Promise<NonNullable<BaselineFiles["embedding"]>> {
  const nFeatures = featureNames.length;
  if (features.length !== sites.length * nFeatures)
    throw new Error(`internal: ${baseline.id} gives ${features.length} values for ${sites.length} × ${nFeatures}`);
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const site = sites[Math.floor(wrong / nFeatures)]?.site_id ?? "?";
    throw featureNotFinite(baseline.id, featureNames[wrong % nFeatures] ?? "?", site);
  }
  const { id, fingerprint } = dataset.manifest;
  const header: EmbeddingHeader = {
    ...{ kind: "gandl-embedding", schemaVersion: 1, encoder, checkpoint: null, tap: null, runtime },
    ...{ minibatchStd: null, input: "stored", tiling: null, resizeFactor: 1, channelMap: [], baseline: record },
    ...{ datasetId: id, datasetFingerprint: fingerprint, nRows: sites.length, nFeatures },
  };
  const columns = metadataColumns(sites);
  const cells = columns.map(({ name }) => sites.map((site) => cellOf(site, name)));
  await rm(`${out}.json`, { force: true }); // a header is the last: where there is one, the Parquet beside it is its own
  await writeParquet(
    `${out}.parquet`,
    { columns, matrixColumns: featureNames },
    { nRows: sites.length, columns: cells, matrix: features },
  );
  await writeWhole(`${out}.json`, JSON.stringify(header, null, 2));
  return { parquet: `${out}.parquet`, header };
}

async function writeScores(
  out: string,
  rows: readonly BaselineScore[],
  record: BaselineRecord,
): Promise<NonNullable<BaselineFiles["scores"]>> {
  const names = [...new Set(["treatment", "dose_um", "score", ...rows.flatMap((row) => Object.keys(row))])];
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))];
  await rm(`${out}-scores.json`, { force: true });
  await writeWhole(`${out}-scores.csv`, lines.map((line) => `${line.map(csvField).join(",")}\n`).join(""));
  await writeWhole(`${out}-scores.json`, JSON.stringify(record, null, 2));
  return { csv: `${out}-scores.csv`, rows };
}

function csvField(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return folder;
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}
