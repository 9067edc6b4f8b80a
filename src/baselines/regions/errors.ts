// Errors of region maps.
import { GanDlError } from "../../core/errors.ts";

export const trainingMissing = (file: string, epochs: number | null) =>
  new GanDlError("no-training", {
    what: epochs === null ? `${file} is not there.` : `the training in ${file} stopped after ${epochs} epochs.`,
    why: "maps are drawn by a network whose training is over.",
    fix: "run gandl baseline deemd to its end, and name its work folder (OUT-work).",
  });

export const otherChannels = (file: string, want: number, got: number) =>
  new GanDlError("channel-mismatch", {
    what: `the network in ${file} takes ${want} channels; the data set has ${got}.`,
    why: "it sees stains by their position.",
    fix: "name the data set that it was trained on, or one of the same stains in the same order.",
  });

export const noSuchSite = (siteId: string, example: string) =>
  new GanDlError("no-such-site", {
    what: `the data set has no site '${siteId}'.`,
    why: `its site_id values look like ${example}.`,
    fix: "name sites by site_id, separated by commas, or give a number of images.",
  });
