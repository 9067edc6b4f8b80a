// The question to put to a table of features next, as a command that runs on it as it stands.
import type { Site } from "../../schema/index.ts";

/** A test leaves one plate out and learns from the others. */
const LEAST_PLATES = 2;

/**
 * Healthy against infected controls, or against treated wells where nothing else is there; a picture where there are no controls, or
 * one plate alone, of which none can be left out.
 * @param heldOutPlates of a system that learned from control labels: the plates that it did not; null for any other.
 */
export function nextQuestion(
  parquet: string,
  sites: readonly Pick<Site, "role" | "plate_id">[],
  heldOutPlates: readonly string[] | null,
): string {
  const roles = new Set(sites.map(({ role }) => role));
  const positive = (["positive_control", "treated"] as const).find((role) => roles.has(role));
  const nPlates = new Set(sites.map(({ plate_id }) => plate_id)).size;
  if (!roles.has("negative_control") || positive === undefined || nPlates < LEAST_PLATES)
    return `gandl profiles ${parquet} --map pca --out ${parquet.replace(/\.parquet$/, "")}-map.csv`;
  const isTestable = heldOutPlates !== null && heldOutPlates.length >= LEAST_PLATES;
  const rows = (role: string) => `'role=${role}${isTestable ? ",learned_from=" : ""}'`;
  const allowed = heldOutPlates !== null && !isTestable ? " --allow-leak" : "";
  const classes = `--negative ${rows("negative_control")} --positive ${rows(positive)}`;
  return `gandl evaluate condition --embedding ${parquet} ${classes}${allowed}`;
}
