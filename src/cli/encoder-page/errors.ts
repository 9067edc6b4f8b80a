// What may be wrong with the parts of an encoder page.
import { GanDlError } from "../../core/index.ts";

export const notOneEmbedding = (embedding: string, reason: string) =>
  new GanDlError("bad-embedding", {
    what: `${embedding} cannot be the reference of a page.`,
    why: reason,
    fix: "embed the screen with this checkpoint, `gandl embed --run … --data … --out …`, and give its .parquet file.",
  });

export const otherDataset = (data: string, embedding: string) =>
  new GanDlError("other-dataset", {
    what: `${data} is not the data set that ${embedding} was made from.`,
    why: "their fingerprints differ, so images would be prepared otherwise than the reference was.",
    fix: "give the data set folder that was embedded, or embed this one.",
  });

export const otherCheckpoint = (embedding: string, its: string, ours: string) =>
  new GanDlError("other-checkpoint", {
    what: `${embedding} was made by the checkpoint ${its}, the page would run ${ours}.`,
    why: "features of different checkpoints cannot be compared.",
    fix: "choose the checkpoint with --checkpoint, or embed the screen with this one.",
  });

export const pageNotBuilt = (folder: string, cause: unknown) =>
  new GanDlError("page-not-built", {
    what: `the page's script is not in ${folder}.`,
    why: "it is built from explorer/ when the package is built.",
    fix: "run `npm run build`.",
    cause,
  });

export const folderNotEmpty = (out: string) =>
  new GanDlError("cannot-write", {
    what: `${out} holds files that are no encoder page.`,
    why: "writing the page would mix with them.",
    fix: "name a new or empty folder with --out.",
  });
