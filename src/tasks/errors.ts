// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";

export const badTaskParams = (task: string, faults: string): GanDlError =>
  new GanDlError("bad-task-params", {
    what: `the parameters of task "${task}" are not right.`,
    why: faults,
    fix: "correct or remove them; `gandl evaluate --help` lists what each task takes.",
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
