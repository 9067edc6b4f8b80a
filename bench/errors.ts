// Errors of the bench: what a person can get wrong on its command line, or in the checkout that is compared with.
import { GanDlError } from "gan-dl/core";

export const badArgument = (why: string) =>
  new GanDlError("bad-argument", {
    what: "The bench cannot be started like this.",
    why,
    fix: "`npm run bench -- --help` shows the options with an example.",
  });

export const unknownRow = (name: string, near: readonly string[]) =>
  new GanDlError("unknown-row", {
    what: `There is no row '${name}'.`,
    why: `--only takes a row's name or the start of several${near.length > 0 ? `; near it: ${near.join(", ")}` : ""}.`,
    fix: "`npm run bench -- --list` prints every name.",
  });

export const cannotWriteResults = (file: string, cause: unknown) =>
  new GanDlError("cannot-write", {
    what: `The results cannot be written to ${file}.`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "name a file in a folder that exists and may be written to.",
    cause,
  });

export const peerNotFound = (directory: string, missing: string) =>
  new GanDlError("peer-not-found", {
    what: `${directory} is no checkout of NVlabs/stylegan2-ada-pytorch.`,
    why: `${missing} is not in it.`,
    fix: "git clone https://github.com/NVlabs/stylegan2-ada-pytorch and give that folder to --peer; it has a licence of its own.",
  });

export const peerFailed = (python: string, why: string, cause?: unknown) =>
  new GanDlError("peer-failed", {
    what: `The peer does not run with ${python}.`,
    why,
    fix: "give --python an interpreter that has torch and numpy, for example --python /usr/bin/python3 after apt-get install python3-torch.",
    cause,
  });
