// Hits beside what was planted: every compound that rescues should be called, and no other.
import type { TaskRun, TruthCheck } from "../../schema/index.ts";
import type { PlantedCompound } from "../../tasks/index.ts";

/** One check of the whole list; null where the run ranks no compound that was planted. */
export function hitTruth(run: TaskRun, compounds: readonly PlantedCompound[]): TruthCheck | null {
  const table = run.results.find((result) => result.kind === "table" && result.columns.includes("verdict"));
  if (table?.kind !== "table") return null;
  const verdict = table.columns.indexOf("verdict");
  const called = new Set(table.rows.filter((row) => row[verdict] === "hit").map((row) => String(row[0])));
  const ranked = new Set(table.rows.map((row) => String(row[0])));
  const known = compounds.filter(({ name }) => ranked.has(name));
  if (known.length === 0) return null;
  const planted = known.filter(({ effect }) => effect === "rescue").map(({ name }) => name);
  const missing = planted.filter((name) => !called.has(name));
  const wrong = known.filter(({ name, effect }) => effect !== "rescue" && called.has(name)).map(({ name }) => name);
  const faults = [
    ...(wrong.length > 0 ? [`called without a planted rescue: ${wrong.join(", ")}`] : []),
    ...(missing.length > 0 ? [`rescues and not called: ${missing.join(", ")}`] : []),
  ];
  const names = (of: readonly string[]) => (of.length === 0 ? "none" : of.join(", "));
  return {
    what: "Hits are the compounds that rescue",
    planted: names(planted),
    found: names([...called]),
    interval: null,
    verdict: faults.length === 0 ? "met" : "missed",
    explanation:
      faults.length === 0
        ? "Every compound that rescues was called, and no other."
        : `Met only if every compound that rescues is called, and no other; ${faults.join("; ")}.`,
  };
}
