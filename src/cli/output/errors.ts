// Errors of where a result should go, and what the system says of files.
import { GanDlError } from "../../core/index.ts";

export const outputUnnamed = (option: string) =>
  new GanDlError("bad-output", {
    what: `${option} is empty.`,
    why: "a result needs a name.",
    fix: `write a path after ${option}.`,
  });

export const outputIsFolder = (option: string, file: string) =>
  new GanDlError("bad-output", {
    what: `${option} ${file} is a folder.`,
    why: "one file is written there.",
    fix: `name a file in it, or another place, after ${option}.`,
  });

export const outputIsInput = (option: string, file: string, input: string) =>
  new GanDlError("bad-output", {
    what: `${option} ${file} is what is read: ${input}.`,
    why: "writing it would destroy it.",
    fix: `choose another ${option}.`,
  });

export const outputEnding = (option: string, file: string, kind: string, ending: string) =>
  new GanDlError("bad-output", {
    what: `${option} ${file} is no name for ${kind}.`,
    why: `${kind} are written as ${ending}, and would be read as what the name says.`,
    fix: `name a ${ending} file after ${option}.`,
  });

export const outputBelongs = (option: string, file: string, to: string) =>
  new GanDlError("bad-output", {
    what: `${option} ${file} belongs to ${to}.`,
    why: "writing there would damage it.",
    fix: `choose another ${option}.`,
  });

export const outputUnreachable = (option: string, file: string, folder: string, why: string) =>
  new GanDlError("bad-output", {
    what: `${option} ${file} cannot be written.`,
    why: `${folder} ${why}.`,
    fix: `choose another ${option}, or mend that first.`,
  });

export const notOfADemo = (folder: string, parts: readonly string[]) =>
  new GanDlError("folder-not-empty", {
    what: `${folder} holds ${parts.join(", ")}, which no demo made.`,
    why: "a demo replaces what is there under those names.",
    fix: "choose another --out, or move them away.",
  });

export const resultLost = (cause: Error) =>
  new GanDlError("result-lost", {
    what: "the result could not be printed.",
    why: `the system says: ${cause.message}.`,
    fix: "free some disk space where standard output goes, or use --out where the command has it; files that were written are whole.",
    cause,
  });

/** What to do about the faults of a file system that people meet. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "free some disk space, and run the command again.",
  EDQUOT: "free some of your quota, and run the command again.",
  EROFS: "choose a place on a disk that can be written.",
  EACCES: "give this user the right to it, or choose another place.",
  EPERM: "give this user the right to it, or choose another place.",
  ENOENT: "check the path for typing errors.",
  ENOTDIR: "check the path: a part of it is a file, not a folder.",
  EISDIR: "name a file, not a folder.",
  EEXIST: "choose another place, or remove what is there.",
  ENOTEMPTY: "choose another place, or remove what is there.",
  ENAMETOOLONG: "choose a shorter name.",
  ELOOP: "check the symbolic links of the path: they lead in a circle.",
  EMFILE: "let this user open more files (ulimit -n), or close other programs.",
  ENFILE: "let this user open more files (ulimit -n), or close other programs.",
  EFBIG: "choose a disk whose files may be larger.",
  EIO: "check the disk: it does not read or write any more.",
};

/** Whether the file system refused something, by the code that Node gives. */
export const isFileFault = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error && REMEDIES[(error as NodeJS.ErrnoException).code ?? ""] !== undefined;

export const fileFault = (cause: NodeJS.ErrnoException) =>
  new GanDlError("file-fault", {
    what: `${cause.path ?? "a file"} could not be ${/^(write|mkdir|rename|copyfile|link|symlink|unlink|rm|rmdir|ftruncate|fsync)$/.test(cause.syscall ?? "") ? "written" : "opened"}.`,
    why: `the system says: ${cause.message}.`,
    fix: REMEDIES[cause.code ?? ""] ?? "check the path.",
    cause,
  });
