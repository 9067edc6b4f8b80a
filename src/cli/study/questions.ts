// Which questions a data set can answer: for those we know by name, the ones their authors asked; for others, drug against vehicle.
import type { Dataset } from "../../data/index.ts";
import type { ProfileTable } from "../../profiles/index.ts";
import type { TaskRun } from "../../schema/index.ts";
import { conditionTask, doseResponseTask, plateIdentityTask, runTask, type TaskContext } from "../../tasks/index.ts";

/** One question, ready to be put to any encoder's profiles. */
export interface StudyQuestion {
  /** What `compareToTruth` knows it by. */
  readonly id: "separable" | "inseparable" | "doseResponse" | "plateBefore" | "plateAfter" | "other";
  /** Asked of every encoder, or of the main one alone. */
  readonly encoders: "all" | "main";
  readonly ask: (table: ProfileTable, context: TaskContext) => TaskRun;
}

const MOCK = { condition: ["Mock"] };
const UV = { condition: ["UV Inactivated SARS-CoV-2"] };
const ACTIVE_UNTREATED = { condition: ["Active SARS-CoV-2"], treatment: [null] };

/** RxRx19a and screens drawn in its layout (METHODS.md §1.4, §6). */
const infectionScreen: readonly StudyQuestion[] = [
  {
    ...{ id: "separable", encoders: "all" },
    ask: (table, context) => {
      const params = {
        negative: MOCK,
        positive: ACTIVE_UNTREATED,
        negativeName: "mock",
        positiveName: "infected",
        question: "Infected or healthy?",
      };
      return runTask(conditionTask, table, params, context);
    },
  },
  {
    ...{ id: "inseparable", encoders: "all" },
    ask: (table, context) => {
      const params = {
        negative: MOCK,
        positive: UV,
        negativeName: "mock",
        positiveName: "UV-inactivated",
        question: "Does inactivated virus look healthy?",
      };
      return runTask(conditionTask, table, params, context);
    },
  },
  {
    ...{ id: "doseResponse", encoders: "main" },
    ask: (table, context) => {
      const params = {
        healthy: MOCK,
        diseased: ACTIVE_UNTREATED,
        treated: { role: ["treated"] },
        alsoScored: { "UV-inactivated": UV },
      };
      return runTask(doseResponseTask, table, params, context);
    },
  },
  {
    ...{ id: "plateBefore", encoders: "all" },
    ask: (table, context) =>
      runTask(plateIdentityTask, table, { rows: MOCK, question: "Can the plate of a healthy well be named?" }, context),
  },
  {
    ...{ id: "plateAfter", encoders: "all" },
    ask: (table, context) => {
      const params = {
        rows: MOCK,
        normalise: "plate" as const,
        question: "Can it still be named after each plate is standardised?",
      };
      return runTask(plateIdentityTask, table, params, context);
    },
  },
];

/** BBBC021 crops: one well a class and plate, so that the field is the finest unit there is. */
const DMSO = { treatment: [null], role: ["negative_control"] };
const FIELD = ["well_id", "source_site"];
const bbbc021: readonly StudyQuestion[] = [
  {
    ...{ id: "other", encoders: "all" },
    ask: (table, context) => {
      const params = {
        negative: DMSO,
        positive: { role: ["treated"] },
        negativeName: "DMSO",
        positiveName: "cycloheximide",
      };
      return runTask(conditionTask, table, { ...params, question: "DMSO or cycloheximide?", unit: FIELD }, context);
    },
  },
  {
    ...{ id: "other", encoders: "all" },
    ask: (table, context) => {
      const params = {
        negative: { dose_um: [15] },
        positive: { dose_um: [50] },
        negativeName: "15 µM",
        positiveName: "50 µM",
      };
      return runTask(
        conditionTask,
        table,
        { ...params, question: "Cycloheximide at 15 or 50 µM?", unit: FIELD },
        context,
      );
    },
  },
  {
    ...{ id: "other", encoders: "all" },
    ask: (table, context) =>
      runTask(
        plateIdentityTask,
        table,
        { rows: DMSO, unit: FIELD, question: "Can the plate of a DMSO cell be named?" },
        context,
      ),
  },
];

const anyScreen: readonly StudyQuestion[] = [
  {
    ...{ id: "other", encoders: "all" },
    ask: (table, context) => {
      const params = {
        negative: { role: ["negative_control"] },
        positive: { role: ["treated", "positive_control"] },
        negativeName: "controls",
        positiveName: "others",
      };
      return runTask(conditionTask, table, { ...params, question: "Control or not?" }, context);
    },
  },
  {
    ...{ id: "other", encoders: "all" },
    ask: (table, context) =>
      runTask(
        plateIdentityTask,
        table,
        { rows: { role: ["negative_control"] }, question: "Can the plate of a control be named?" },
        context,
      ),
  },
];

const KNOWN: Readonly<Record<string, readonly StudyQuestion[]>> = {
  "synthetic-screen": infectionScreen,
  rxrx19a: infectionScreen,
  "bbbc021-crops": bbbc021,
};

/** The questions of a data set, by its id. */
export const questionsFor = ({ manifest }: Pick<Dataset, "manifest">): readonly StudyQuestion[] =>
  KNOWN[manifest.id] ?? anyScreen;
