// `gandl evaluate dose-response --table`: curves of a plain table of doses and responses.
import { GanDlError } from "../../core/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import type { FittedCurve } from "../../tasks/index.ts";
import type { View } from "../view.ts";

/** Options that go with `--table`. */
export interface TableOptions {
  readonly table?: string;
  readonly dose?: string;
  readonly response?: string;
  readonly curve?: string;
  readonly bottom?: number;
  readonly top?: number;
  readonly out?: string;
}

/** Fits every curve of the table and prints the array that `--json` promises. */
export async function evaluateTable(taskId: string, options: TableOptions, view: View): Promise<void> {
  const { table, dose, response, curve, bottom, top } = options;
  if (taskId !== "dose-response" || table === undefined || dose === undefined || response === undefined) {
    throw new GanDlError("bad-dose-table", {
      what: taskId === "dose-response" ? "--table needs --dose and --response." : `--table does not go with ${taskId}.`,
      why: "a plain table holds doses and responses, and only dose-response reads one.",
      fix: "gandl evaluate dose-response --table FILE --dose COLUMN --response COLUMN [--curve COLUMN].",
    });
  }
  const { readTable } = await import("../../data/index.ts");
  const { fitCurves } = await import("../../tasks/index.ts");
  const names = [...new Set([dose, response, ...(curve === undefined ? [] : [curve])])];
  const { columns } = await readTable(table, { columns: names });
  const fixed = { ...(bottom === undefined ? {} : { bottom }), ...(top === undefined ? {} : { top }) };
  const fits = fitCurves(
    {
      dose: columns.get(dose)!,
      response: columns.get(response)!,
      ...(curve === undefined ? {} : { curve: columns.get(curve)! }),
    },
    { fixed },
  );
  if (options.out) await writeWhole(options.out, JSON.stringify(fits, null, 2));
  view.result(fits, fits.map(renderFit).join("\n"));
}

function renderFit(fit: FittedCurve): string {
  const name = (fit.curve ?? "curve").padEnd(24);
  if (fit.ec50 === null) return `${name} ${String(fit.n).padStart(5)} rows  no EC50: ${fit.refused}`;
  const short = (v: number) => Number(v.toPrecision(4));
  const interval = fit.ec50Ci95 ? ` [${fit.ec50Ci95.map(short).join(", ")}]` : "";
  return `${name} ${String(fit.n).padStart(5)} rows  EC50 ${short(fit.ec50)}${interval}  hill ${short(fit.hill!)}  ${short(fit.bottom!)} … ${short(fit.top!)}, ${fit.direction}`;
}
