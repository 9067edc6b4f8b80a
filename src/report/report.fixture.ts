// A report as a finished screen would give it. Every number is made up; the shapes of things are those of real runs.
import { SeededRandom } from "../core/seeded-random.ts";
import type { Curve, ReportDocument, Score, TaskRun } from "../schema/index.ts";

const TRAINED = "GAN-DL, 30 kimg";
const UNTRAINED = "untrained discriminator";
const INTENSITY = "intensity statistics";
const PLATES = ["HRCE-1_1", "HRCE-1_2", "HRCE-2_1", "HRCE-2_2"];
const DOSES_UM = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** One grey pixel, 2 by 3: pictures that look like something are drawn by the browser test. */
export const TINY_PNG =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAAAAACVwYdPAAAAC0lEQVR4nGNogAMAFvUFgYlF6Q4AAAAASUVORK5CYII=";

/** Equal every time. */
export function reportFixture(): ReportDocument {
  const random = new SeededRandom(7);
  return {
    title: "Synthetic antiviral screen: what the encoder saw",
    createdAt: "2026-01-15T09:30:00.000Z",
    synthetic: true,
    private: false,
    summary: [
      "Infected wells were told from healthy ones on plates the classifier had not seen with an AUC of 0.962 (95 % interval 0.944 to 0.978), against 0.871 for plain brightness.",
      "Three of four planted rescuing compounds were found with their EC50 inside the interval; both inert ones were refused an EC50, as they should be.",
      "The plate could still be named far more often than by chance: differences between plates are not yet removed.",
    ],
    facts: [
      { label: "Data set", value: "synthetic-screen: 1,536 images of 384 wells on 4 plates, 5 stains, 64 × 64 px" },
      { label: "Network", value: "StyleGAN2, base 2048, at most 64 channels, 3 mapping layers" },
      { label: "Training", value: "30 kimg, batch 16, R1 every 16 steps, dihedral augmentation" },
      { label: "Embedding", value: "fc (64 numbers an image), constant minibatch statistic" },
    ],
    stages: [
      { name: "draw synthetic screen", seconds: 31.2, imagesPerSecond: 49.2 },
      { name: "import", seconds: 6.4, imagesPerSecond: 240 },
      { name: "train", seconds: 402.5, imagesPerSecond: 74.5 },
      { name: "embed", seconds: 9.1, imagesPerSecond: 168.8 },
      { name: "evaluate", seconds: 14.8, imagesPerSecond: null },
    ],
    training: trainingFixture(random),
    stains: [
      { name: "Hoechst (DNA)", colour: "#4060ff" },
      { name: "ConA (ER)", colour: "#00c060" },
      { name: "Phalloidin (actin)", colour: "#ff4030" },
      { name: "Syto14 (RNA)", colour: "#ffc000" },
      { name: "WGA (Golgi)", colour: "#c040ff" },
    ],
    pictures: ["All stains", "Hoechst (DNA) alone"].flatMap((group) =>
      ["Real", "Generated"].map((title) => ({
        group,
        title,
        caption: title === "Real" ? "64 crops drawn at random." : "64 images of the averaged generator.",
        alt: `${title} cells, eight by eight crops, ${group.toLowerCase()}`,
        png: TINY_PNG,
      })),
    ),
    map: mapFixture(random),
    tasks: tasksFixture(random),
    mainEncoder: TRAINED,
    truths: truthsFixture(),
    commands: ["npm run demo"],
    provenance: { "gan-dl": "0.1.0", node: "v20.20.2", libtorch: "2.8.0", device: "cpu, 2 threads", seed: "1" },
    citations: [
      "Mascolini A. et al. Exploiting generative self-supervised learning for the assessment of biological images with lack of annotations. BMC Bioinformatics 23:295 (2022). doi:10.1186/s12859-022-04845-1",
      "Karras T. et al. Analyzing and Improving the Image Quality of StyleGAN. CVPR 2020.",
    ],
  };
}

function trainingFixture(random: SeededRandom): ReportDocument["training"] {
  return Array.from({ length: 120 }, (_, i) => {
    const kimg = (i + 1) * 0.25;
    const settle = 1 - Math.exp(-kimg / 6);
    return {
      kimg,
      dLoss: 1.35 - 0.35 * settle + 0.06 * random.normal(),
      gLoss: 0.75 + 0.7 * settle + 0.1 * random.normal(),
      realScore: 0.7 * settle + 0.08 * random.normal(),
      fakeScore: -0.8 * settle + 0.08 * random.normal(),
      r1: i % 4 === 0 ? 0.02 + 0.06 * Math.exp(-kimg / 8) + 0.004 * Math.abs(random.normal()) : null,
    };
  });
}

function mapFixture(random: SeededRandom): ReportDocument["map"] {
  const conditions = ["Mock", "Active", "UV inactivated"];
  const points = Array.from({ length: 1200 }, (_, i) => {
    const condition = conditions[i % 3]!;
    const plate = i % PLATES.length;
    const treated = condition === "Active" && i % 2 === 0;
    const dose = DOSES_UM[(i >> 2) % DOSES_UM.length]!;
    const severity = condition === "Active" ? (treated ? 1 / (1 + dose) : 1) : 0;
    return {
      x: 5 * severity + 0.9 * random.normal() + 0.5 * plate,
      y: 1.2 * plate + random.normal(),
      labels: { condition, plate_id: PLATES[plate]!, ...(treated ? { dose_um: String(dose) } : {}) },
    };
  });
  return {
    method: "principal components 1 and 2",
    encoder: TRAINED,
    nShown: points.length,
    nTotal: 1536,
    points,
    colourBy: ["condition", "plate_id", "dose_um"],
  };
}

function tasksFixture(random: SeededRandom): TaskRun[] {
  const encoders = [INTENSITY, TRAINED, UNTRAINED];
  const condition = (question: string, aucs: readonly number[]) =>
    encoders.map((encoder, i) => conditionRun(question, encoder, aucs[i]!, random));
  return [
    ...condition("Infected or healthy (mock)?", [0.871, 0.962, 0.913]),
    ...condition("UV-inactivated or healthy (mock)?", [0.512, 0.497, 0.52]),
    ...encoders.map((encoder, i) => plateRun(encoder, [0.61, 0.44, 0.52][i]!)),
    ...[TRAINED, UNTRAINED].map((encoder) => doseRun(encoder, random)),
  ];
}

function conditionRun(question: string, encoder: string, auc: number, random: SeededRandom): TaskRun {
  const score = (metric: string, value: number, half: number, chance: number, part: string | null = null): Score => ({
    kind: "score",
    metric,
    value,
    ci95: part === null || half > 0 ? [Math.max(0, value - half), Math.min(1, value + half * 0.8)] : null,
    chance,
    part,
  });
  const right = Math.round(200 * (0.5 + (auc - 0.5) * 0.85));
  return {
    task: "condition",
    title: "Two conditions told apart on plates not learned from",
    question,
    encoder,
    split: "leave-plate-out",
    nWells: 100,
    nImages: 400,
    nPlates: 4,
    seed: 1,
    results: [
      score("AUC", auc, 0.02, 0.5),
      ...PLATES.map((plate) => score("AUC", Math.min(1, auc + 0.02 * random.normal()), 0.045, 0.5, plate)),
      score("balanced accuracy", 0.5 + (auc - 0.5) * 0.85, 0.03, 0.5),
      score("accuracy", 0.5 + (auc - 0.5) * 0.86, 0.03, 0.52),
      {
        kind: "confusion",
        classes: ["Mock", "Active"],
        counts: [
          [right, 200 - right],
          [196 - right, right + 4],
        ],
      },
    ],
    notes: [
      'Answering "Active" every time scores accuracy 0.520, balanced accuracy 0.5 and AUC 0.5.',
      "The four images of a well are near-duplicates; intervals draw whole wells.",
      ...(encoder === INTENSITY ? ["Brightness differs between plates more than between conditions."] : []),
    ],
  };
}

function plateRun(encoder: string, value: number): TaskRun {
  const others = Math.round((100 * (1 - value)) / 3);
  return {
    task: "plate-identity",
    title: "Batch effect: naming the plate",
    question: "Which plate is it from (mock wells)?",
    encoder,
    split: "5 folds by well",
    nWells: 100,
    nImages: 400,
    nPlates: 4,
    seed: 1,
    results: [
      {
        kind: "score",
        metric: "balanced accuracy",
        value,
        ci95: [value - 0.05, value + 0.05],
        chance: 0.25,
        part: null,
      },
      {
        kind: "confusion",
        classes: PLATES,
        counts: PLATES.map((_, i) => PLATES.map((_, j) => (i === j ? 100 - 3 * others : others))),
      },
    ],
    notes: ["The nearer to chance, the smaller the batch effect."],
  };
}

function doseRun(encoder: string, random: SeededRandom): TaskRun {
  const noise = encoder === TRAINED ? 0.07 : 0.16;
  const compounds = [
    ["Synthestat A", 0.12, null],
    ["Synthestat B", 1.3, null],
    ["Synthestat C", 4.2, null],
    ["Synthestat D", 18, "the interval of the EC50 spans more than a hundredfold"],
    ["Inertol E", null, "a flat line fits as well (F-test p = 0.41)"],
    ["Inertol F", null, "a flat line fits as well (F-test p = 0.77)"],
    [
      "Toxidine G",
      null,
      "the wells move away from healthy as the dose rises (wells at 10, 30 µM leave the axis and were set aside)",
    ],
  ] as const;
  const curves = compounds.map(([name, ec50, refused]) => curveFixture(name, ec50, refused, noise, random));
  return {
    task: "dose-response",
    title: "Rescue by dose",
    question: "Which compounds rescue, and at what dose?",
    encoder,
    split: "axis from the controls of each plate",
    nWells: 284,
    nImages: 1136,
    nPlates: 4,
    seed: 1,
    results: [
      { kind: "score", metric: "Z′ (wells)", value: -0.12, ci95: null, chance: null, part: null },
      {
        kind: "table",
        name: "Compounds, best rescue first",
        columns: ["treatment", "wells", "EC50 (µM)", "rescue at top dose", "largest off-axis z", "verdict"],
        rows: curves.map((curve) => [
          curve.name,
          curve.points.length,
          curve.ec50Um,
          curve.fit ? 1 - curve.fit.bottom : null,
          curve.name === "Toxidine G" ? 9.31 : 1.2 + Math.abs(random.normal()),
          curve.refused === null ? "rescues" : "no effect",
        ]),
      },
      ...curves,
    ],
    notes: ["On the axis 0 is the healthy and 1 the diseased mean of the same plate."],
  };
}

function curveFixture(
  name: string,
  ec50: number | null,
  refused: string | null,
  noise: number,
  random: SeededRandom,
): Curve {
  const fit = ec50 === null ? null : { bottom: 0.08, top: 1.02, ec50Um: ec50, hill: -1.2 };
  const at = (dose: number) => {
    if (fit) return fit.bottom + (fit.top - fit.bottom) / (1 + (fit.ec50Um / dose) ** fit.hill);
    return name === "Toxidine G" ? 1 + 0.5 * (dose / 30) : 1;
  };
  return {
    kind: "curve",
    name,
    responseName: "0 = like healthy wells, 1 = like untreated infected wells",
    points: DOSES_UM.flatMap((doseUm) =>
      PLATES.map((plate) => ({ doseUm, response: at(doseUm) + noise * random.normal(), plate })),
    ),
    ...(name === "Toxidine G" ? { setAsideUm: DOSES_UM.filter((doseUm) => doseUm >= 10) } : {}),
    fit,
    ec50Um: refused === null ? ec50 : null,
    ec50Ci95Um: refused === null && ec50 !== null ? [ec50 * 0.7, ec50 * 1.45] : null,
    refused,
  };
}

function truthsFixture(): ReportDocument["truths"] {
  const ec50 = (name: string, planted: number, found: number | null, met: boolean, explanation: string) => ({
    what: `EC50 of ${name} (µM)`,
    planted,
    found,
    interval: found === null ? null : ([found * 0.7, found * 1.45] as [number, number]),
    verdict: met ? ("met" as const) : ("missed" as const),
    explanation,
    figure: { task: "dose-response", encoder: TRAINED, metric: "EC50 (µM)", part: name },
  });
  return [
    {
      what: "Infected wells differ from mock wells",
      planted: "they differ",
      found: 0.962,
      interval: [0.942, 0.978],
      verdict: "met",
      explanation: "AUC on plates not learned from; the interval lies above 0.5.",
      figure: {
        task: "condition",
        question: "Infected or healthy (mock)?",
        encoder: TRAINED,
        metric: "AUC",
        part: null,
      },
    },
    {
      what: "UV-inactivated wells do not differ from mock wells",
      planted: "no difference",
      found: 0.497,
      interval: [0.477, 0.513],
      verdict: "met",
      explanation: "The interval of the AUC holds 0.5.",
    },
    ec50("Synthestat A", 0.1, 0.12, true, "The planted EC50 lies in the interval."),
    ec50("Synthestat B", 1, 1.3, true, "The planted EC50 lies in the interval."),
    ec50("Synthestat C", 10, 4.2, false, "The planted EC50 lies outside the interval, but within threefold."),
    ec50("Synthestat D", 20, null, false, "No EC50 was given: the interval spans more than a hundredfold."),
    {
      what: "Inertol E has no effect",
      planted: "no effect",
      found: "no effect",
      interval: null,
      verdict: "met",
      explanation: "No EC50 was given.",
    },
  ];
}
