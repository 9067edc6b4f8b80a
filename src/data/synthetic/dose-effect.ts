// What a compound does at a dose: the planted curves that dose-response analysis should find again.
import type { SyntheticCompound } from "./options.ts";

/** Share of the maximal effect at `doseUm` (Hill equation). */
function hillShare(doseUm: number, ec50Um: number, hill: number): number {
  return 1 / (1 + (ec50Um / doseUm) ** hill);
}

/**
 * Severity and toxicity that a compound leaves in infected cells at a dose.
 * @param untreatedSeverity severity without compound, 0–1.
 * @returns severity, which falls along the curve of a rescuing compound, and toxicity, which rises along that of a toxic one.
 * @example
 * ```ts
 * import { doseEffect } from "gan-dl/data";
 * const drug = { name: "A", effect: "rescue", ec50Um: 0.1, hill: 1, maxRescue: 1, dosesUm: [0.1] } as const;
 * console.assert(doseEffect({ ...drug, dosesUm: [0.1] }, 0.1, 0.8).severity === 0.4); // half is left at the EC50
 * ```
 */
export function doseEffect(
  compound: SyntheticCompound,
  doseUm: number,
  untreatedSeverity: number,
): { severity: number; toxicity: number } {
  switch (compound.effect) {
    case "rescue": {
      const rescue = compound.maxRescue * hillShare(doseUm, compound.ec50Um, compound.hill);
      return { severity: untreatedSeverity * (1 - rescue), toxicity: 0 };
    }
    case "toxic":
      return {
        severity: untreatedSeverity,
        toxicity: compound.maxToxicity * hillShare(doseUm, compound.ec50Um, compound.hill),
      };
    case "inert":
      return { severity: untreatedSeverity, toxicity: 0 };
    default:
      return compound satisfies never;
  }
}
