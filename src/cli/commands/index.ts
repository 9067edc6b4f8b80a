// Every command, in the order in which `gandl --help` lists them. Each file adds one command and loads its work lazily.
import type { Command } from "commander";
import { addBaseline } from "./baseline.ts";
import { addCompare } from "./compare.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addEmbed } from "./embed.ts";
import { addEvaluate } from "./evaluate.ts";
import { addExport } from "./export.ts";
import { addGenerate } from "./generate.ts";
import { addImport } from "./import.ts";
import { addInspect } from "./inspect.ts";
import { addProfiles } from "./profiles.ts";
import { addQuality } from "./quality.ts";
import { addRegions } from "./regions.ts";
import { addReport } from "./report.ts";
import { addServe } from "./serve.ts";
import { addSynthesise } from "./synthesise.ts";
import { addTrain } from "./train.ts";

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

export const COMMANDS: readonly AddCommand[] = [
  ...[addImport, addInspect, addTrain, addGenerate, addQuality, addEmbed, addBaseline],
  ...[addProfiles, addEvaluate, addCompare, addRegions, addReport, addServe, addExport],
  ...[addSynthesise, addDemo, addDoctor],
];
