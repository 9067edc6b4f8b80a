// Every fault of a user's files that this room reports, in one place, so that the words stay alike.
import { GanDlError } from "../core/errors.ts";

/** The first line of an error's message: enough for a list of skipped sites. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";

/** Up to `limit` items as a list, and how many more there are. */
function someOf(items: readonly string[], limit = 5): string {
  const rest = items.length - limit;
  return items.slice(0, limit).join(", ") + (rest > 0 ? ` and ${rest.toLocaleString("en")} more` : "");
}

export const sourceNotFound = (path: string, asWhat: string, cause?: unknown) =>
  new GanDlError("source-not-found", {
    what: `${path} cannot be opened as ${asWhat}.`,
    why: cause === undefined ? "it is something else." : `the system says: ${firstLine(cause)}`,
    fix: "check the path; it must exist and be readable.",
    cause,
  });

export const badZip = (path: string, reason: string, cause?: unknown) =>
  new GanDlError("bad-zip", {
    what: `${path} is not a zip file that can be read whole: ${reason}`,
    why: "its directory or an entry is damaged, or uses a feature that this reader refuses.",
    fix: "download or copy it again, test it with `unzip -t`, or unpack it and pass the folder.",
    cause,
  });

export const unsafePath = (container: string, path: string) =>
  new GanDlError("unsafe-path", {
    what: `${container} names "${path}", which points outside the data set.`,
    why: "an absolute path or a `..` could read any file of this machine.",
    fix: "use paths relative to the data set's own folder.",
  });

export const fileNotInSource = (source: string, path: string, cause?: unknown) =>
  new GanDlError("missing-file", {
    what: `${path} is not in ${source}.`,
    why: "the file is named by the metadata but is not there.",
    fix: "check the path template and the download.",
    cause,
  });

export const badTable = (path: string, reason: string, cause?: unknown) =>
  new GanDlError("bad-table", {
    what: `${path} cannot be read as a table: ${reason}`,
    why: "a table is a UTF-8 CSV (or TSV) with one header row and equally many fields in each row, or a Parquet file.",
    fix: "mend the row named above, or export the table again.",
    cause,
  });

export const unknownColumn = (path: string, missing: readonly string[], present: readonly string[]) =>
  new GanDlError("unknown-column", {
    what: `${path} has no column ${missing.map((name) => `"${name}"`).join(", ")}.`,
    why: `its columns are ${someOf(present, 40)}.`,
    fix: "name the column that holds it, as in `--column well=Well`, or choose another --dataset.",
  });

export const unknownDataset = (id: string, known: readonly string[]) =>
  new GanDlError("unknown-dataset", {
    what: `there is no data set preset "${id}".`,
    why: `the presets are ${known.join(", ")}.`,
    fix: "choose one of these, or `table` with --images and --channels for any other layout.",
  });

export const undetectedDataset = (path: string, columns: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-dataset", {
    what: `the metadata of ${path} matches no data set preset.`,
    why: `its columns are ${someOf(columns, 40)}; the presets are ${known.join(", ")}.`,
    fix: "describe it with `--dataset table --images 'images/{plate}/{well}_s{site}_w{channel}.png' --channels DNA,actin`.",
  });

export const noMetadata = (path: string, names: readonly string[]) =>
  new GanDlError("no-metadata", {
    what: `${path} holds no ${names.join(" or ")}.`,
    why: "plates, wells and treatments are read from that table; it was looked for at the top and one folder below.",
    fix: "put the table there, or pass its path with --metadata.",
  });

export const unknownChannel = (wanted: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-channel", {
    what: `there is no channel ${wanted.map((name) => `"${name}"`).join(", ")}.`,
    why: `the channels are ${known.join(", ")}.`,
    fix: "choose among these with --channels; their order is the stored order.",
  });

export const noChannels = () =>
  new GanDlError("unknown-channel", {
    what: "no channel is named.",
    why: "an image needs at least one; their number and names cannot be guessed from files.",
    fix: "name them in order, as in `--channels DNA,actin,tubulin`.",
  });

export const repeatedChannel = (name: string) =>
  new GanDlError("unknown-channel", {
    what: `the channel "${name}" is named twice.`,
    why: "each channel is stored once.",
    fix: "name every channel once in --channels.",
  });

export const badTemplate = (template: string, reason: string) =>
  new GanDlError("bad-template", {
    what: `the image path template "${template}" cannot be used: ${reason}`,
    why: "each {name} stands for a column of the metadata; {channel} stands for the channel's number or token.",
    fix: "correct --images, for example 'images/{plate}/{well}_s{site}_w{channel}.png'.",
  });

export const badCell = (path: string, row: number, column: string, value: string | null, want: string) =>
  new GanDlError("bad-cell", {
    what: `${path}, row ${row}: ${column} is ${value === null ? "empty" : `"${value}"`}, not ${want}.`,
    why: "every site needs it to be placed in the screen.",
    fix: "correct the row, or leave such sites out with --skip-bad.",
  });

export const duplicateSite = (path: string, siteId: string, first: number, second: number) =>
  new GanDlError("duplicate-site", {
    what: `${path}, rows ${first} and ${second} are both site "${siteId}".`,
    why: "each site is one image; counting it twice would bias every result.",
    fix: "remove one of the rows, or keep the first with --skip-bad.",
  });

export const noSites = (path: string, why: string) =>
  new GanDlError("no-sites", {
    what: `${path} gives no image to import.`,
    why,
    fix: "check the metadata, the path template and --limit.",
  });

/** @param groups one line a group of sites, e.g. `Mock (negative_control): 640 of 640 sites`. */
export const missingImages = (
  source: string,
  n: { missingFiles: number; files: number; missingSites: number; sites: number },
  groups: readonly string[],
  examples: readonly string[],
) =>
  new GanDlError("missing-images", {
    what: `${source}: ${n.missingFiles.toLocaleString("en")} of ${n.files.toLocaleString("en")} image files are missing, so ${n.missingSites.toLocaleString("en")} of ${n.sites.toLocaleString("en")} sites are not whole.`,
    why: `by condition:\n${groups.map((line) => `    ${line}`).join("\n")}\n    first missing: ${someOf(examples, 3)}`,
    fix: "complete the download, or import only the whole sites with --skip-bad (skipped ones are listed in dataset.json).",
  });

export const unreadableImage = (file: string, reason: string, cause?: unknown) =>
  new GanDlError("unreadable-image", {
    what: `${file} cannot be decoded: ${reason}`,
    why: "the file is truncated, damaged or not a PNG or TIFF.",
    fix: "fetch the file again, or leave its site out with --skip-bad.",
    cause,
  });

export const unsupportedImage = (file: string, reason: string, cause?: unknown) =>
  new GanDlError("unsupported-image", {
    what: `${file} is ${reason}.`,
    why: "pixels must be measured grey levels: 8- or 16-bit gray, RGB(A), or several gray pages.",
    fix: "export the image again as 8- or 16-bit gray PNG or TIFF, without a palette or compression to fewer levels.",
    cause,
  });

export const imageMismatch = (file: string, got: string, want: string, reference: string) =>
  new GanDlError("image-mismatch", {
    what: `${file} is ${got}; the data set is ${want}.`,
    why: `all images of a data set share one form, and it was taken from ${reference}.`,
    fix: "import images of one form at a time, or leave such sites out with --skip-bad.",
  });

export const wrongChannelCount = (file: string, got: number, want: number) =>
  new GanDlError("image-mismatch", {
    what: `${file} holds ${got} channel${got === 1 ? "" : "s"}; ${want} ${want === 1 ? "was" : "were"} expected.`,
    why:
      want === 1
        ? "each stain of this data set has a file of its own, which must be gray (an RGB picture of one stain is not)."
        : "one file holds all stains of this data set, as the colours of an RGB image or the pages of a TIFF.",
    fix: "export the images again, or describe their layout anew with --images (with or without {channel}) and --channels.",
  });

export const badResize = (resizePx: number, height: number, width: number) =>
  new GanDlError("bad-resize", {
    what: `--resize ${resizePx} does not shrink an image of ${height} × ${width} px.`,
    why: "resizing averages whole areas of pixels; enlarging would invent detail, and a side must keep at least one pixel.",
    fix: `choose a whole number from 1 to ${Math.max(height, width)}, or leave --resize out.`,
  });

export const datasetExists = (path: string) =>
  new GanDlError("dataset-exists", {
    what: `${path} already exists.`,
    why: "an import never overwrites unasked.",
    fix: "choose another --out, or replace it with --overwrite.",
  });

export const notADataset = (path: string, cause?: unknown) =>
  new GanDlError("not-a-dataset", {
    what: `${path} is not a data set written by \`gandl import\`.`,
    why: "it has no dataset.json.",
    fix: "pass a folder that `gandl import` wrote; other folders are never read as, or replaced by, one.",
    cause,
  });

export const damagedDataset = (path: string, reason: string, cause?: unknown) =>
  new GanDlError("damaged-dataset", {
    what: `${path} is damaged: ${reason}`,
    why: "the folder's files no longer agree with its dataset.json.",
    fix: "import the data set again with --overwrite.",
    cause,
  });

export const noSpace = (path: string, needBytes: number, freeBytes: number) =>
  new GanDlError("no-space", {
    what: `${path} has ${gigabytes(freeBytes)} GB free; this import needs about ${gigabytes(needBytes)} GB.`,
    why: "a disk that fills half-way would cost the whole import.",
    fix: "free space, choose another --out, or import less with --resize, --channels or --limit.",
  });

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1);

export const cannotWrite = (path: string, cause: unknown) =>
  new GanDlError("cannot-write", {
    what: `${path} cannot be written: ${firstLine(cause)}`,
    why: "the folder is missing, read-only or full.",
    fix: "choose another --out, or free space and give this user the right to write there.",
    cause,
  });

export const importAborted = (out: string) =>
  new GanDlError("aborted", {
    what: `the import into ${out} was stopped.`,
    why: "it was asked to; what is done lies beside it, under a name with `.partial`.",
    fix: "run the same command again to go on, or delete that folder.",
  });

export const imagesTooSmall = (height: number, width: number, resolutionPx: number) =>
  new GanDlError("images-too-small", {
    what: `images of ${height} × ${width} px give no crop of ${resolutionPx} × ${resolutionPx} px.`,
    why: "training crops are cut from the images, never enlarged.",
    fix: `choose a resolution of at most ${Math.min(height, width)} px.`,
  });

export const unknownPlates = (plates: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-plate", {
    what: `there is no plate ${plates.map((name) => `"${name}"`).join(", ")}.`,
    why: `the plates are ${someOf(known, 40)}.`,
    fix: "name plates by plate_id, as in sites.parquet.",
  });

export const noTrainingImages = (datasetId: string) =>
  new GanDlError("no-training-images", {
    what: `no image of ${datasetId} is left to draw from.`,
    why: "every plate is excluded.",
    fix: "exclude fewer plates.",
  });

export const badSamplerState = (reason: string) =>
  new GanDlError("bad-sampler-state", {
    what: `the saved order of training images does not fit: ${reason}.`,
    why: "a run goes on bit for bit only over the same images in the same order.",
    fix: "resume with the data set and settings that the run was started with.",
  });
