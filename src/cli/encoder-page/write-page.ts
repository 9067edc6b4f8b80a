// A page that embeds images in the browser alone: its script, the encoder and the reference, as files for any static host.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataset } from "../../data/index.ts";
import { exportEncoderBeside, resolveCheckpoint, withOutputs } from "../../embed/index.ts";
import type { Selector } from "../../profiles/index.ts";
import { EmbeddingHeader, parseWith } from "../../schema/index.ts";
import { parseRows } from "../commands/evaluate.ts";
import { readProfiles } from "../read-profiles.ts";
import { folderNotEmpty, notOneEmbedding, otherCheckpoint, otherDataset, pageNotBuilt } from "./errors.ts";
import { makeReference, type PageClasses } from "./make-reference.ts";

/** Where `vite build` leaves the page. */
const BUILT = fileURLToPath(new URL("../../../dist/encoder-page", import.meta.url));
const ENTRY = "encoder.html";

export interface PageOptions {
  readonly run: string;
  readonly checkpoint: string;
  /** An embedding by that checkpoint, `.parquet` with its `.json` beside it. */
  readonly embedding: string;
  /** The data set folder that was embedded. */
  readonly data: string;
  readonly out: string;
  /** Rows of the condition score's classes; controls of both kinds when left out and there are any. */
  readonly negative?: string;
  readonly positive?: string;
  readonly seed: number;
  /** The built page. @default the package's own */
  readonly built?: string;
}

/** What was written. */
export interface WrittenPage {
  readonly out: string;
  readonly nWells: number;
  readonly modelBytes: number;
  readonly classes: readonly [string, string] | null;
  readonly auc: number | null;
}

/**
 * Writes `index.html`, its script and WebAssembly, `model.onnx`, `reference.json` and `reference.bin` into a folder.
 * @throws GanDlError `bad-embedding`, `other-dataset`, `other-checkpoint`, `page-not-built`, `cannot-write`, and what reading refuses.
 */
export async function writePage(options: PageOptions): Promise<WrittenPage> {
  const { out, built = BUILT } = options;
  const html = await readFile(join(built, ENTRY), "utf8").catch((cause: unknown) => {
    throw pageNotBuilt(built, cause);
  });
  await refuseForeignFiles(out);
  const parts = await partsOf(options);
  const { page, rows } = makeReference({ ...parts, seed: options.seed });
  const onnx = await readFile(await exportEncoderBeside(parts.found));
  const model = withOutputs(onnx, [page.encoder.tap]);
  await mkdir(out, { recursive: true });
  await cp(join(built, "assets"), join(out, "assets"), { recursive: true });
  await writeFile(join(out, "model.onnx"), model);
  await writeFile(join(out, "reference.bin"), new Uint8Array(rows.buffer));
  await writeFile(join(out, "reference.json"), JSON.stringify(page));
  await writeFile(join(out, "index.html"), html); // last: a folder with it is whole
  return {
    out,
    nWells: page.wells.n,
    modelBytes: model.length,
    classes: page.axis && [page.axis.negativeName, page.axis.positiveName],
    auc: page.axis?.heldOut?.auc ?? null,
  };
}

async function partsOf({ run, checkpoint: which, embedding, data, negative, positive }: PageOptions) {
  const header = await headerOf(embedding);
  const found = await resolveCheckpoint(run, which);
  const ours = found.header.weightsSha256;
  if (header.checkpoint?.sha256 !== ours)
    throw otherCheckpoint(embedding, header.checkpoint?.sha256.slice(0, 12) ?? "of another kind", ours.slice(0, 12));
  using dataset = await openDataset(data);
  if (dataset.manifest.fingerprint !== header.datasetFingerprint) throw otherDataset(data, embedding);
  const { table } = await readProfiles(embedding);
  if (table.nFeatures !== header.nFeatures)
    throw notOneEmbedding(embedding, `it has ${table.nFeatures} features; its header says ${header.nFeatures}.`);
  const classes = classesOf(negative, positive, table.metadata.get("role") ?? []);
  return { table, header, found, checkpoint: found.header, manifest: dataset.manifest, classes };
}

async function headerOf(embedding: string): Promise<EmbeddingHeader> {
  const file = embedding.replace(/\.parquet$/, ".json");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null || file === embedding)
    throw notOneEmbedding(embedding, `there is no ${file} that says how it was made.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notOneEmbedding(embedding, `${file} is not JSON.`);
  }
  const header = parseWith(EmbeddingHeader, json, file, "embed the screen again.");
  if (header.tap === null || header.tiling === null)
    throw notOneEmbedding(embedding, "its features do not come from a layer of our encoder.");
  return header;
}

function classesOf(
  negative: string | undefined,
  positive: string | undefined,
  roles: readonly unknown[],
): PageClasses | null {
  const hasControls = roles.includes("negative_control") && roles.includes("positive_control");
  const [no, yes] =
    negative !== undefined && positive !== undefined
      ? [negative, positive]
      : hasControls
        ? ["role=negative_control", "role=positive_control"]
        : [null, null];
  if (no === null || yes === null) return null;
  const [negativeRows, positiveRows]: Selector[] = [parseRows(no), parseRows(yes)];
  return {
    ...{ negative: negativeRows!, positive: positiveRows! },
    ...{ negativeName: wordsOf(negativeRows!), positiveName: wordsOf(positiveRows!) },
  };
}

const wordsOf = (rows: Selector): string =>
  Object.values(rows)
    .map((values) => values.filter((value) => value !== null).join(" or "))
    .filter((words) => words !== "")
    .join(" ")
    .replaceAll("_", " ") || "all others";

/** A page may be written over an older one of ours, over nothing else. */
async function refuseForeignFiles(out: string): Promise<void> {
  const there = await readdir(out).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [] as string[];
    throw error;
  });
  if (there.length > 0 && !there.includes("reference.json")) throw folderNotEmpty(out);
}
