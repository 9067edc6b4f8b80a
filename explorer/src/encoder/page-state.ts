// What the page holds, and what happens when files are dropped.
import { computed, signal } from "@preact/signals";
import { isGanDlError } from "../../../src/core/errors.ts";
import { aggregateTiles } from "../../../src/embed/aggregate-tiles.ts";
import { type Assignment, assignPlanes, isComplete } from "./assign-planes.ts";
import { BrowserEncoder } from "./browser-encoder.ts";
import { type ConditionScore, conditionScore, type NearWell, nearestWells } from "./compare-image.ts";
import { decodeJpeg } from "./decode-jpeg.ts";
import type { Plane } from "./image-planes.ts";
import { loadReference, type Reference } from "./page-files.ts";
import { prepareImage } from "./prepare-image.ts";
import { readImage } from "./read-image.ts";

const SHOWN_WELLS = 12;

/** What came of one image. */
export interface Answer {
  readonly features: Float32Array;
  readonly wells: readonly NearWell[];
  readonly condition: ConditionScore | null;
  readonly nTiles: number;
  readonly milliseconds: number;
}

export const reference = signal<Reference | null>(null);
export const runtime = signal<string | null>(null);
export const problem = signal<string | null>(null);
export const planes = signal<readonly Plane[]>([]);
export const assigned = signal<readonly Assignment[]>([]);
export const missing = signal<"zero" | "mean" | null>(null);
export const answer = signal<Answer | null>(null);
export const isBusy = signal(false);
export const canRun = computed(() => planes.value.length > 0 && isComplete(assigned.value, missing.value));

let encoder: BrowserEncoder | null = null;
let latest = 0;

const wordsOf = (error: unknown): string => {
  if (isGanDlError(error)) return error.message;
  return `The page failed: ${error instanceof Error ? error.message : String(error)}`;
};

/** Loads the reference, then the encoder: the page can be used as soon as the first is there. */
export async function start(base: string, preferGpu: boolean): Promise<void> {
  try {
    const loaded = await loadReference(base);
    reference.value = loaded;
    missing.value = loaded.page.encoder.missing; // as the screen was embedded
    encoder = new BrowserEncoder(new URL("model.onnx", base).href, loaded.page.encoder.tap, preferGpu);
    runtime.value = await encoder.runtime;
  } catch (error) {
    problem.value = wordsOf(error);
  }
}

/** Takes the files of one image. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  const page = reference.value?.page;
  if (!page || files.length === 0) return;
  problem.value = null;
  answer.value = null;
  planes.value = [];
  try {
    const named = await Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const read = await readImage(named, decodeJpeg);
    assigned.value = assignPlanes(page.encoder.channels, read, page.screen.channels);
    planes.value = read;
    await embed();
  } catch (error) {
    problem.value = wordsOf(error);
  }
}

/** A person says which plane shows a stain. */
export async function assign(channel: number, plane: number | null): Promise<void> {
  assigned.value = assigned.value.map((own, i) => {
    if (i === channel) return { plane, by: plane === null ? null : ("you" as const) };
    return own.plane === plane ? { plane: null, by: null } : own;
  });
  await embed();
}

/** A person says what stands in for stains that are not there. */
export async function fillMissing(how: "zero" | "mean" | null): Promise<void> {
  missing.value = how;
  await embed();
}

async function embed(): Promise<void> {
  const turn = ++latest;
  answer.value = null;
  if (!reference.value || !encoder || !canRun.value) return;
  const { page, rows } = reference.value;
  isBusy.value = true;
  problem.value = null;
  try {
    const { tiles, nTiles } = prepareImage(page, planes.value, assigned.value, missing.value);
    const side = page.encoder.resolutionPx;
    const shape = [nTiles, page.encoder.channels.length, side, side];
    const { features: all, milliseconds } = await encoder.run(tiles as Float32Array<ArrayBuffer>, shape);
    if (turn !== latest) return; // another image was dropped meanwhile
    const features = aggregateTiles(all, 1, nTiles, page.tiling.aggregate);
    const wells = nearestWells(page, rows, features, SHOWN_WELLS);
    answer.value = { features, wells, condition: conditionScore(page, features), nTiles, milliseconds };
  } catch (error) {
    if (turn === latest) problem.value = wordsOf(error);
  } finally {
    if (turn === latest) isBusy.value = false;
  }
}
