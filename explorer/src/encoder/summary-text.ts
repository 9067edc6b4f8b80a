// The page's answers in sentences.
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import type { ConditionScore } from "./compare-image.ts";

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** What the condition score says, and how far it may be trusted. */
export function conditionText(axis: NonNullable<EncoderPage["axis"]>, found: ConditionScore): string[] {
  const side = found.score > 0 ? axis.positiveName : axis.negativeName;
  const first = `Nearer to ${side}: score ${signed(found.score)}, where 0 is the border.`;
  if (!axis.heldOut || found.aboveNegative === null || found.abovePositive === null)
    return [first, "It was not tested on a plate that it did not learn from: do not rely on it."];
  const { auc, ci95, nPlates } = axis.heldOut;
  const between = ci95 ? ` (95 % interval ${ci95[0].toFixed(2)} to ${ci95[1].toFixed(2)})` : "";
  return [
    first,
    `Higher than ${percent(found.aboveNegative)} of the images of ${axis.negativeName} and ${percent(found.abovePositive)} of those of ${axis.positiveName}, on plates that were not learned from.`,
    `On ${nPlates} such plates the score tells the two apart with AUC ${auc.toFixed(2)}${between}; 0.5 is guessing.`,
  ];
}

const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/** How a stain found its plane, in words. */
export const ASSIGNED_BY = {
  name: "by name",
  stain: "by stain",
  colour: "by colour",
  order: "by order: please check",
  you: "chosen",
} as const;
