// What the explorer's server tells people, in one place.
import { GanDlError } from "../core/errors.ts";

export const nothingThere = (what: string, id: string) =>
  new GanDlError("not-found", {
    what: `there is no ${what} "${id}".`,
    why: "it is not, or no longer, in the folders that this explorer serves.",
    fix: "go back to the list, or start `gandl serve` with the folder that holds it.",
  });

export const noFolder = (path: string, cause?: unknown) =>
  new GanDlError("no-folder", {
    what: `${path} is not a folder that can be read.`,
    why: "the explorer shows what lies in the folders it is given.",
    fix: "pass folders that hold data sets, runs or embeddings, as in `gandl serve demo`.",
    cause,
  });

export const noExplorer = () =>
  new GanDlError("no-explorer", {
    what: "the explorer's pages are not built.",
    why: "they are made by `npm run setup`, which has not run since this copy was made.",
    fix: "run `npm run setup`, then `gandl serve` again.",
  });

export const portTaken = (port: number, cause: unknown) =>
  new GanDlError("port-taken", {
    what: `port ${port} is taken.`,
    why: "another program listens there, perhaps another `gandl serve`.",
    fix: "pass --port 0 for any free one.",
    cause,
  });

export const cannotListen = (host: string, port: number, cause: unknown) =>
  new GanDlError("cannot-listen", {
    what: `nothing can listen on port ${port} of ${host === "" ? "no host" : host}.`,
    why: `the system says: ${cause instanceof Error ? cause.message : String(cause)}.`,
    fix: "pass --host with an address of this machine and --port with a number from 1024 to 65535, or 0 for any free one.",
    cause,
  });

export const emptyToken = () =>
  new GanDlError("empty-token", {
    what: "the token is empty.",
    why: "everyone knows an empty token, so that anyone on the network could read the data.",
    fix: "give --token a text, or leave it out for a random one.",
  });

export const badQuery = (name: string, got: string, want: string) =>
  new GanDlError("bad-query", {
    what: `${name} is "${got}", not ${want}.`,
    why: "the address was changed by hand, or comes from another version.",
    fix: "go back to the page's start and choose again.",
  });

export const foreignHost = (host: string) =>
  new GanDlError("foreign-host", {
    what: `this explorer does not answer to the name "${host}".`,
    why: "a page of another site may have pointed that name at this machine to read your data.",
    fix: "open the address that `gandl serve` printed.",
  });

export const crossOrigin = () =>
  new GanDlError("cross-origin", {
    what: "a page of another site asked for this data.",
    why: "only the explorer's own pages may read it.",
    fix: "open the address that `gandl serve` printed.",
  });

export const noToken = () =>
  new GanDlError("no-token", {
    what: "this explorer asks for its token.",
    why: "it listens beyond this machine, so that anyone on the network could read the data.",
    fix: "open the whole address that `gandl serve` printed; it ends in ?token=…",
  });

export const badMethod = (method: string) =>
  new GanDlError("bad-method", {
    what: `${method} is not allowed.`,
    why: "the explorer only reads.",
    fix: "use GET.",
  });
