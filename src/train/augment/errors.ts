// Errors of augmentation.
import { GanDlError } from "../../core/errors.ts";

export const badProbability = (p: number) =>
  new GanDlError("bad-probability", {
    what: `images cannot be augmented with probability ${p}.`,
    why: "a probability lies between 0 and 1.",
    fix: "pass p from 0 (never) to 1 (always).",
  });
