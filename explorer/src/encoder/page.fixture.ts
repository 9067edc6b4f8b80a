// A page's reference, for tests.
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";

const CHANNELS = ["DNA", "ER"].map((name) => ({ name, stain: name, colour: "#ffffff" }));

/** Two stains of 4 × 4 px, three wells of two features. */
export function pageFixture(own: Partial<EncoderPage> = {}): EncoderPage {
  return {
    ...{ kind: "gandl-encoder-page", schemaVersion: 1 },
    encoder: {
      ...{ name: "trained", tap: "fc512", kimg: 1, weightsSha256: "", resolutionPx: 4, pixelSizeUm: null },
      channels: CHANNELS.map((channel) => ({ ...channel, screen: channel.name })),
      missing: null,
    },
    input: "stored",
    tiling: { layout: "centre", views: "upright", stridePx: null, aggregate: "mean" },
    resizeFactor: 1,
    screen: {
      ...{ id: "s", title: "s", synthetic: true, channels: CHANNELS, dtype: "uint8", heightPx: 4, widthPx: 4 },
      ...{ resizedFrom: null, levels: { kind: "stored" } },
    },
    features: { n: 2, centre: [1, 10], spread: [2, 0] },
    wells: { n: 3, columns: { well_id: ["A", "B", "C"] }, low: [0, 5], step: [0.5, 0] },
    axis: null,
    notes: [],
    ...own,
  };
}
