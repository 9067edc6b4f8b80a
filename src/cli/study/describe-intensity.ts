// What the import did to grey levels, in words for the report.
import type { DatasetManifest } from "../../schema/index.ts";

/** One phrase for every kind of mapping. */
export function describeIntensity(mapping: DatasetManifest["intensityMapping"]): string {
  switch (mapping.kind) {
    case "none":
      return "as the image files hold them, not stretched";
    case "linear":
      return "a given range of each stain stretched from black to full, what lies beyond clipped";
    case "percentile":
      return `each stain stretched from its ${percentile(mapping.lowPercent)} to its ${percentile(mapping.highPercent)} percentile over the whole data set, what lies beyond clipped`;
    case "percentile-per-plate":
      return `each stain stretched from its ${percentile(mapping.lowPercent)} to its ${percentile(mapping.highPercent)} percentile, plate by plate, what lies beyond clipped`;
    case "standardise-per-image":
      return `every image's stain brought to the same mean and spread; black to full is ${mapping.sdRange} standard deviations on each side of the mean, so that brightness no longer tells images apart`;
    default:
      return mapping satisfies never;
  }
}

/** `1st`, `99.5th`. */
function percentile(percent: number): string {
  const isTeen = percent % 100 >= 11 && percent % 100 <= 13;
  const ending = Number.isInteger(percent) && !isTeen ? ["th", "st", "nd", "rd"][percent % 10] : "th";
  return `${percent}${ending ?? "th"}`;
}
