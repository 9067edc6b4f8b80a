// Faults of servers and of the way to them.
import { GanDlError } from "../core/errors.ts";

export const remoteRefused = (url: string, status: number, text: string) =>
  new GanDlError("remote-refused", {
    what: `${url} cannot be read: the server answers ${`${status} ${text}`.trim()}.`,
    why: status === 404 ? "there is no such file." : "it does not give this file to us.",
    fix: "check the address in a browser; a file that needs a login must be downloaded by hand.",
  });

export const remoteFailed = (url: string, reason: string, attempts: number, cause?: unknown) =>
  new GanDlError("remote-failed", {
    what: `${url} did not come: ${reason}, ${attempts} time${attempts === 1 ? "" : "s"} in a row.`,
    why: "the network or the server failed, and went on failing over growing pauses.",
    fix: "run the same command again later: it goes on where it stopped.",
    cause,
  });

export const noRangeSupport = (url: string, reason: string) =>
  new GanDlError("no-range-support", {
    what: `the server of ${url} does not give parts of files: ${reason}.`,
    why: "only the images asked for are fetched, each by its place in the zip, which needs HTTP range requests.",
    fix: "download the zip (`curl -C - -O`) and pass the file instead.",
  });

export const remoteChanged = (url: string) =>
  new GanDlError("remote-changed", {
    what: `${url} was replaced on the server while it was read.`,
    why: "parts of two versions must not be mixed.",
    fix: "run the command again: it starts over with the new version.",
  });

export const notAZipAddress = (url: string) =>
  new GanDlError("source-not-found", {
    what: `${url} is not the address of a zip file.`,
    why: "over HTTP, images are read out of zip files alone.",
    fix: "give an address that ends in .zip, or download the files and pass their folder.",
  });
