// What a reader of the explorer is told when an action cannot be done.
import { GanDlError } from "../core/errors.ts";

export const noSuchRun = (id: string) =>
  new GanDlError("no-such-run", {
    what: `there is no run '${id}' in the folders that are served.`,
    why: "it was moved or removed, or the address is of another session.",
    fix: "choose a run from the list, or start `gandl serve` with its folder.",
  });

export const notRunning = (id: string) =>
  new GanDlError("not-running", {
    what: `the run '${id}' is not being trained.`,
    why: "no process holds its folder.",
    fix: "go on with it by `gandl train --out … --resume`.",
  });

export const cannotAskToStop = (cause: unknown) =>
  new GanDlError("cannot-write", {
    what: "the training could not be asked to stop.",
    why: `the request is a file in its folder, and the system says: ${(cause as Error).message}.`,
    fix: "press Ctrl-C where it was started.",
    cause,
  });

export const foreignRequest = () =>
  new GanDlError("foreign-request", {
    what: "this request does not come from the explorer's own page.",
    why: "only the page that this server gave out may start or stop anything.",
    fix: "reload the page; after `gandl serve` was started again, pages of before are no longer known.",
  });

export const badRequest = (faults: string) =>
  new GanDlError("bad-request", { what: "the request cannot be understood.", why: faults, fix: "reload the page." });

export const drawingBusy = () =>
  new GanDlError("busy", {
    what: "images are being drawn for someone, and someone else is waiting already.",
    why: "the generator draws one request at a time.",
    fix: "try again in a few seconds.",
  });

export const cannotDraw = () =>
  new GanDlError("cannot-draw", {
    what: "this server draws no images.",
    why: "it was started without a generator.",
    fix: "start it with `gandl serve`.",
  });

export const noSuchTreatment = (name: string) =>
  new GanDlError("no-such-treatment", {
    what: `no data set that is served has images of '${name}'.`,
    why: "the answers are of another data set, or its folder was not given.",
    fix: "start `gandl serve` with the data set's folder beside that of the answers.",
  });

export const noEncoderPage = () =>
  new GanDlError("not-found", {
    what: "there is no encoder page in the folders that are served.",
    why: "the page needs an encoder and an embedded screen to compare an image with.",
    fix: "write one with `gandl export page --run … --data … --embedding … --out …`, and serve its folder.",
  });
