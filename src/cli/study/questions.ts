// Which questions a data set can answer: for those we know by name, the ones their authors asked; for others, drug against vehicle.
import type { z } from "zod";
import type { Dataset } from "../../data/index.ts";
import {
  type Asked,
  batchEffectsTask,
  conditionTask,
  doseResponseTask,
  hitsTask,
  plateIdentityTask,
  type Selector,
  type Task,
} from "../../tasks/index.ts";

/** What `compareToTruth` knows a question by. */
export type QuestionId = "separable" | "inseparable" | "doseResponse" | "plateBefore" | "plateAfter" | "other";

/** One question, ready to be put to any encoder's profiles. */
export interface StudyQuestion {
  readonly id: QuestionId;
  /** Asked of every encoder, with paired differences, or of the main one alone. */
  readonly encoders: "all" | "main";
  readonly asked: Asked;
}

/** The questions of a data set, and between which wells its axis of disease lies, if it has one. */
export interface StudyPlan {
  readonly questions: readonly StudyQuestion[];
  readonly axis: { readonly healthy: Rows; readonly diseased: Rows; readonly reading: string } | null;
}
type Rows = z.input<typeof Selector>;

const question = <Schema extends z.ZodType>(
  id: QuestionId,
  encoders: StudyQuestion["encoders"],
  task: Task<Schema>,
  params: z.input<Schema>,
): StudyQuestion => ({ id, encoders, asked: { task, params } });

const MOCK = { condition: ["Mock"] };
const UV = { condition: ["UV Inactivated SARS-CoV-2"] };
const ACTIVE_UNTREATED = { condition: ["Active SARS-CoV-2"], treatment: [null] };
const TREATED = { role: ["treated"] };
/** Fewer draws than the task alone would take: the report is one of many things that a demo does. */
const QUICK_HITS = { nPermutations: 10_000, nResamples: 200 };

/** RxRx19a and screens drawn in its layout (docs/methods.md §1.4, §6). */
const infectionScreen: StudyPlan = {
  axis: {
    healthy: MOCK,
    diseased: ACTIVE_UNTREATED,
    reading: "0 is the mean of the plate's mock wells, 1 that of its untreated infected wells.",
  },
  questions: [
    question("separable", "all", conditionTask, {
      ...{ negative: MOCK, positive: ACTIVE_UNTREATED, negativeName: "mock", positiveName: "infected" },
      question: "Infected or healthy?",
    }),
    question("inseparable", "all", conditionTask, {
      ...{ negative: MOCK, positive: UV, negativeName: "mock", positiveName: "UV-inactivated" },
      question: "Does inactivated virus look healthy?",
    }),
    question("other", "main", hitsTask, {
      ...{ healthy: MOCK, diseased: ACTIVE_UNTREATED, treated: TREATED, ...QUICK_HITS },
      question: "Which compounds rescue, beyond luck?",
    }),
    question("doseResponse", "main", doseResponseTask, {
      ...{ healthy: MOCK, diseased: ACTIVE_UNTREATED, treated: TREATED, alsoScored: { "UV-inactivated": UV } },
    }),
    question("plateBefore", "all", plateIdentityTask, {
      ...{ rows: MOCK, question: "Can the plate of a healthy well be named?" },
    }),
    question("plateAfter", "all", plateIdentityTask, {
      ...{ rows: MOCK, normalise: "plate", question: "Can it still be named after each plate is standardised?" },
    }),
    question("other", "main", batchEffectsTask, {
      ...{ rows: MOCK, question: "How far do healthy wells of different plates and experiments lie apart?" },
    }),
  ],
};

/** BBBC021 crops: one well a class and plate, so that the field is the finest unit there is. */
const DMSO = { treatment: [null], role: ["negative_control"] };
const FIELD = ["well_id", "source_site"];
const bbbc021: StudyPlan = {
  axis: null,
  questions: [
    question("other", "all", conditionTask, {
      ...{ negative: DMSO, positive: TREATED, negativeName: "DMSO", positiveName: "cycloheximide" },
      ...{ question: "DMSO or cycloheximide?", unit: FIELD },
    }),
    question("other", "all", conditionTask, {
      ...{ negative: { dose_um: [15] }, positive: { dose_um: [50] }, negativeName: "15 µM", positiveName: "50 µM" },
      ...{ question: "Cycloheximide at 15 or 50 µM?", unit: FIELD },
    }),
    question("other", "all", plateIdentityTask, {
      ...{ rows: DMSO, unit: FIELD, question: "Can the plate of a DMSO cell be named?" },
    }),
  ],
};

const CONTROLS = { role: ["negative_control"] };
const anyScreen: StudyPlan = {
  axis: null,
  questions: [
    question("other", "all", conditionTask, {
      ...{ negative: CONTROLS, positive: { role: ["treated", "positive_control"] } },
      ...{ negativeName: "controls", positiveName: "others", question: "Control or not?" },
    }),
    question("other", "all", plateIdentityTask, { rows: CONTROLS, question: "Can the plate of a control be named?" }),
    question("other", "main", batchEffectsTask, {
      ...{ rows: CONTROLS, question: "How far do controls of different plates and experiments lie apart?" },
    }),
  ],
};

const KNOWN: Readonly<Record<string, StudyPlan>> = {
  "synthetic-screen": infectionScreen,
  rxrx19a: infectionScreen,
  "bbbc021-crops": bbbc021,
};

/** The questions of a data set, by its id. */
export const planFor = ({ manifest }: Pick<Dataset, "manifest">): StudyPlan => KNOWN[manifest.id] ?? anyScreen;
