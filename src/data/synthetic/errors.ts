// What the synthetic screen may say to a user who asked for something it cannot draw.
import { GanDlError } from "../../core/errors.ts";

/** The options name something impossible; `faults` lists every key path. */
export const badSyntheticOptions = (faults: string) =>
  new GanDlError("bad-synthetic-options", {
    what: "The options of the synthetic screen are not valid.",
    why: faults,
    fix: "correct the keys named above; every option has a default and may be left out.",
  });

/** More wells were asked for than the plate has. */
export const tooManyWells = (kind: string, nAsked: number, nFree: number, layout: string) =>
  new GanDlError("too-many-wells", {
    what: `A synthetic plate cannot hold ${nAsked} ${kind} wells.`,
    why: `the ${layout} layout has ${nFree} places left for them inside a 1536-well plate (rows B–AE, columns 02–47).`,
    fix: "ask for fewer control wells, compounds, doses or replicates.",
  });

/** The folder holds somebody's files, and is not a synthetic screen of ours. */
export const folderHoldsOtherFiles = (folder: string) =>
  new GanDlError("folder-not-empty", {
    what: `${folder} is not empty, and what it holds was not written by this generator.`,
    why: "a synthetic screen replaces the folder it is written to, so it only replaces its own.",
    fix: "name a new or empty folder.",
  });

/** A site was asked for that the screen does not have. */
export const noSuchSyntheticSite = (siteId: string) =>
  new GanDlError("no-such-site", {
    what: `the synthetic screen has no site '${siteId}'.`,
    why: "truth.json does not list it: the images were drawn by another run of the generator.",
    fix: "give the truth.json of the screen that was imported.",
  });
