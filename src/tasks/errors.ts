// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";

export const badTaskParams = (task: string, faults: string): GanDlError =>
  new GanDlError("bad-task-params", {
    what: `the parameters of task "${task}" are not right.`,
    why: faults,
    fix: "give what is missing, correct or remove what is wrong; `gandl evaluate --help` lists what each task takes.",
  });

export const unknownTask = (id: string, known: readonly string[]): GanDlError =>
  new GanDlError("unknown-task", {
    what: `there is no task "${id}".`,
    why: `the tasks are ${known.join(", ")}.`,
    fix: "use one of those.",
  });

export const missingMetadata = (task: string, missing: readonly string[], known: readonly string[]): GanDlError =>
  new GanDlError("missing-metadata", {
    what: `task "${task}" needs the metadata ${missing.join(", ")}, which the embedding does not have.`,
    why: `it has ${known.join(", ") || "none"}.`,
    fix: "join the data set's sites to the embedding by site_id.",
  });

export const emptyClass = (name: string, selector: string): GanDlError =>
  new GanDlError("empty-class", {
    what: `no row belongs to ${name}.`,
    why: `nothing matches ${selector}.`,
    fix: "check the spelling against the data set's conditions and treatments; matching is exact.",
  });

export const overlappingClasses = (nRows: number, first: string, second: string): GanDlError =>
  new GanDlError("overlapping-classes", {
    what: `${nRows} rows belong both to ${first} and to ${second}.`,
    why: "a row with two answers cannot be learned from or scored.",
    fix: "narrow one of the two selections.",
  });

export const tooFewPlates = (what: string, got: readonly string[], need: number): GanDlError =>
  new GanDlError("too-few-plates", {
    what: `${what}: ${got.length === 0 ? "no plate does" : `only ${got.join(", ")} does`}.`,
    why: `to test on a plate that was not learned from, at least ${need} such plates are needed.`,
    fix: "add plates, or compare classes that share plates.",
  });

export const tooFewControls = (what: string): GanDlError =>
  new GanDlError("too-few-controls", {
    what: `no plate has enough ${what}.`,
    why: "the axis from healthy to diseased is drawn between control wells of the same plate, at least two of each.",
    fix: "check the selections of healthy and diseased rows.",
  });

export const noAxis = (plates: readonly string[]): GanDlError =>
  new GanDlError("no-axis", {
    what: `these profiles show no direction from healthy to diseased that holds from plate to plate (${plates.join(", ")}).`,
    why: "on every plate the diseased wells lie on the healthy side of the axis drawn on the others.",
    fix: "check that healthy and diseased are selected rightly; if so, the encoder does not see the difference.",
  });

export const tooFewReplicates = (sameBy: readonly string[]): GanDlError =>
  new GanDlError("too-few-replicates", {
    what: `no treatment has two wells that agree in ${sameBy.join(" and ")}.`,
    why: "a well can only be found again by another well of the same treatment.",
    fix: "choose other columns with sameBy, e.g. without the dose.",
  });

export const tooFewClasses = (label: string, classes: readonly string[]): GanDlError =>
  new GanDlError("too-few-classes", {
    what: `column "${label}" names ${classes.length === 0 ? "no class" : `only ${classes.join(", ")}`} among these rows.`,
    why: "to name a class, at least two are needed, each with enough independent wells to learn from and to test on.",
    fix: "choose another column, or more rows.",
  });

export const notComparable = (task: string): GanDlError =>
  new GanDlError("not-comparable", {
    what: `task "${task}" has no figure that can be compared in pairs.`,
    why: "a paired interval needs a figure that can be taken again on resampled wells.",
    fix: "evaluate it on each embedding by itself.",
  });

export const unpairedEmbeddings = (first: string, second: string): GanDlError =>
  new GanDlError("unpaired-embeddings", {
    what: `${first} and ${second} do not score the same wells.`,
    why: "a paired difference is taken well by well; differences between data sets would be mistaken for differences between encoders.",
    fix: "compare embeddings of the same images; rows that one of them lacks are left out where both have site_id or well_id.",
  });

export const badPlainTable = (what: string, why: string): GanDlError =>
  new GanDlError("bad-dose-table", {
    what,
    why,
    fix: "give doses ≥ 0 and responses as numbers, one row a well; name the columns by --dose, --response and, for several curves, --curve.",
  });
