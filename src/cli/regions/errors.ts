// Errors of `gandl regions`.
import { GanDlError } from "../../core/index.ts";

export const truthUnreadable = (file: string, cause: unknown) =>
  new GanDlError("truth-unreadable", {
    what: `${file} cannot be read as what was planted.`,
    why: `${(cause as Error).message}.`,
    fix: "name the truth.json that gandl synthesise wrote, or leave --truth out.",
    cause,
  });
