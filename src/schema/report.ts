// Everything the report shows, as plain data: whoever fills it needs no HTML, and the report needs no files.
import { z } from "zod";
import { TaskRun } from "./task-result.ts";

const PngDataUri = z.string().startsWith("data:image/png;base64,");

/** Names one figure of the report: a score, or a cell of a table or curve. */
export const FigureRef = z.strictObject({
  task: z.string(),
  question: z.string().optional().describe("only needed where one task asks several questions"),
  encoder: z.string(),
  metric: z.string(),
  part: z.string().nullable(),
});
export type FigureRef = z.infer<typeof FigureRef>;

/** One planted (or published) truth beside what was found. */
export const TruthCheck = z.strictObject({
  what: z.string(),
  planted: z.union([z.number(), z.string()]),
  found: z.union([z.number(), z.string(), z.null()]),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  verdict: z.enum(["met", "missed"]),
  explanation: z.string(),
  figure: FigureRef.optional().describe("the figure this truth is about, so that a summary can put the two together"),
});
export type TruthCheck = z.infer<typeof TruthCheck>;

export const StageTiming = z.strictObject({
  name: z.string(),
  seconds: z.number(),
  imagesPerSecond: z.number().nullable(),
});
export type StageTiming = z.infer<typeof StageTiming>;

/** One figure of one encoder beside the first encoder's, over the same wells. */
export const ComparedFigure = z.strictObject({
  task: z.string(),
  question: z.string(),
  metric: z.string(),
  encoder: z.string(),
  value: z.number(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  chance: z.number().nullable(),
  difference: z.number().nullable().describe("value less that of the first encoder; null for the first itself"),
  differenceCi95: z.tuple([z.number(), z.number()]).nullable().describe("the same wells drawn for both"),
  nUnits: z.int(),
});
export type ComparedFigure = z.infer<typeof ComparedFigure>;

/** One statistic of every well of every plate. */
export const PlateMap = z.strictObject({
  name: z.string().describe("e.g. mean grey level"),
  reading: z.string().describe("what low and high mean, in a sentence"),
  plates: z.array(
    z.strictObject({
      plate: z.string(),
      wells: z.array(
        z.strictObject({ row: z.int(), column: z.int(), value: z.number().nullable(), nImages: z.int().optional() }),
      ),
    }),
  ),
});
export type PlateMap = z.infer<typeof PlateMap>;

export const ReportDocument = z.strictObject({
  title: z.string(),
  createdAt: z.string(),
  synthetic: z.boolean().describe("puts a plain banner on the page"),
  private: z.boolean().describe("made from data that may not be passed on; puts a banner on the page"),
  summary: z.array(z.string()).describe("sentences: what was asked, what came out, how sure, what to distrust"),
  facts: z
    .array(z.strictObject({ label: z.string(), value: z.string() }))
    .describe("data set, run, encoder: what was run"),
  stages: z.array(StageTiming),
  training: z.array(
    z.strictObject({
      kimg: z.number(),
      dLoss: z.number(),
      gLoss: z.number(),
      realScore: z.number(),
      fakeScore: z.number(),
      r1: z.number().nullable(),
    }),
  ),
  stains: z.array(z.strictObject({ name: z.string(), colour: z.string() })),
  pictures: z
    .array(
      z.strictObject({
        title: z.string(),
        caption: z.string(),
        alt: z.string(),
        png: PngDataUri,
        group: z.string(),
        rows: z.array(z.string()).optional().describe("names of the picture's equally high rows, from the top"),
      }),
    )
    .describe("real and generated grids; equal groups stand side by side"),
  map: z
    .strictObject({
      method: z.string(),
      encoder: z.string(),
      nShown: z.int(),
      nTotal: z.int(),
      points: z.array(z.strictObject({ x: z.number(), y: z.number(), labels: z.record(z.string(), z.string()) })),
      colourBy: z.array(z.string()).describe("label names; one panel each"),
    })
    .nullable(),
  plateMaps: z.array(PlateMap).optional().describe("where the wells of a plate are known"),
  comparison: z.array(ComparedFigure).optional().describe("paired differences from the main encoder"),
  tasks: z.array(TaskRun),
  mainEncoder: z
    .string()
    .optional()
    .describe("the encoder that the report is about; the first that a task names when left out"),
  unanswered: z.array(z.string()).optional().describe("questions that could not be answered, with the reason"),
  truths: z.array(TruthCheck),
  commands: z.array(z.string()).describe("what a reader types to make this report again"),
  provenance: z.record(z.string(), z.string()),
  citations: z.array(z.string()),
});
export type ReportDocument = z.infer<typeof ReportDocument>;

/** `demo/summary.json`: every figure the report states. */
export const Summary = z.strictObject({
  kind: z.literal("gandl-summary"),
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  synthetic: z.boolean(),
  figures: z.array(
    z.strictObject({
      task: z.string(),
      question: z.string(),
      split: z.string(),
      encoder: z.string(),
      metric: z.string(),
      part: z.string().nullable(),
      value: z.number().nullable(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      chance: z.number().nullable().describe("what knowing nothing scores"),
      nWells: z.int(),
      nImages: z.int(),
      plantedTruth: z.union([z.number(), z.string(), z.null()]),
      note: z.string().nullable(),
    }),
  ),
  truths: z.array(TruthCheck),
  stages: z.array(StageTiming),
  totalSeconds: z.number(),
});
export type Summary = z.infer<typeof Summary>;
