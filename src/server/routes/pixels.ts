// Stored grey levels as they are, and small composites to look at in passing.
import type { Context } from "hono";
import sharp from "sharp";
import { bytesPerValue } from "../../data/npy.ts";
import { allocatePixels, type Pixels } from "../../data/shards.ts";
import { atMost } from "../at-most.ts";
import { bodyOf, PIECE_BYTES } from "../body-of.ts";
import { badQuery, nothingThere } from "../errors.ts";
import type { OpenDatasets, ServedDataset } from "../open-datasets.ts";
import type { RouteGroup } from "../route-group.ts";

/** What a file's fingerprint names never changes: browsers keep it for good. */
const FOR_GOOD = "private, max-age=31536000, immutable";

/** A thumbnail holds its whole image and three floats a pixel while it is drawn. */
const inTurn = atMost(4);

export const pixelRoutes: RouteGroup = (api, { datasets }) => {
  api.get("/datasets/:id/images/:index/planes/:channel", (c) =>
    datasets.use(c.req.param("id"), async (dataset) => {
      const { heightPx, widthPx, dtype, channels } = dataset.manifest;
      const index = position(c.req.param("index"), dataset.shards.nImages, "image");
      const channel = position(c.req.param("channel"), channels.length, "channel");
      return unchanged(c, etag(dataset, index, `c${channel}`), async () => {
        const nBytes = bytesPerValue(dtype) * heightPx * widthPx;
        const pieces = planePieces(datasets, dataset, index, channel);
        // One piece is read before it is promised: what fails is then still told in words.
        const body = nBytes <= PIECE_BYTES ? await onlyOne(pieces) : bodyOf(pieces);
        return c.body(body, 200, {
          "Content-Type": "application/octet-stream",
          "Content-Length": String(nBytes),
          "X-Image-Type": dtype,
          "X-Image-Size": `${widthPx}x${heightPx}`,
        });
      });
    }),
  );
  api.get("/datasets/:id/images/:index/thumbnail", (c) =>
    datasets.use(c.req.param("id"), async (dataset) => {
      const index = position(c.req.param("index"), dataset.shards.nImages, "image");
      const sidePx = position(c.req.query("side") ?? "96", 513, "side");
      return unchanged(c, etag(dataset, index, `t${sidePx}`), async () =>
        c.body(await inTurn(() => thumbnail(dataset, index, Math.max(16, sidePx)), c.req.raw.signal), 200, {
          "Content-Type": "image/png",
        }),
      );
    }),
  );
};

function position(text: string, count: number, what: string): number {
  if (!/^\d{1,9}$/.test(text)) throw badQuery(what, text, "a whole number");
  if (Number(text) >= count) throw nothingThere(what, text);
  return Number(text);
}

const etag = ({ manifest }: ServedDataset, index: number, part: string) =>
  `"${manifest.fingerprint.slice(0, 24)}-${index}-${part}"`;

async function unchanged(c: Context, tag: string, make: () => Promise<Response>): Promise<Response> {
  const headers = { ETag: tag, "Cache-Control": FOR_GOOD };
  if (c.req.header("if-none-match") === tag) return c.body(null, 304, headers);
  const response = await make();
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** A plane, read as it is taken; the data set stays open while a piece is read. */
async function* planePieces(
  datasets: OpenDatasets,
  { id, manifest }: ServedDataset,
  index: number,
  channel: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { dtype, heightPx, widthPx, fingerprint } = manifest;
  const [size, most] = [heightPx * widthPx, PIECE_BYTES / bytesPerValue(dtype)];
  for (let at = 0; at < size; at += most) {
    const piece = allocatePixels(dtype, Math.min(most, size - at));
    await datasets.use(id, async (now) => {
      // Half of one image and half of another would be no image.
      if (now.manifest.fingerprint !== fingerprint) throw new Error("the data set was imported anew while it was read");
      await now.shards.read(index, channel * size + at, piece.length, piece, 0);
    });
    yield bytesOf(piece);
  }
}

async function onlyOne(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const { value } = await pieces.next();
  return value as Uint8Array<ArrayBuffer>;
}

const bytesOf = (pixels: Pixels) => new Uint8Array(pixels.buffer as ArrayBuffer, pixels.byteOffset, pixels.byteLength);

/** Every stain in its colour, each from its 0.5th to its 99.5th percentile, added up as the viewer does. */
async function thumbnail(
  { manifest, shards }: ServedDataset,
  index: number,
  sidePx: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { heightPx, widthPx, dtype, channels } = manifest;
  const size = heightPx * widthPx;
  const image = allocatePixels(dtype, size * channels.length);
  await shards.read(index, 0, image.length, image, 0);
  const weight = Math.min(1, 2 / channels.length);
  const sums = new Float32Array(size * 3);
  for (const [c, { colour, statistics }] of channels.entries()) {
    const rgb = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const scale = 1 / Math.max(1, statistics.p99_5 - statistics.p0_5);
    for (let i = 0; i < size; i++) {
      const share = Math.min(1, Math.max(0, (image[c * size + i]! - statistics.p0_5) * scale));
      for (let k = 0; k < 3; k++) sums[3 * i + k]! += weight * share * rgb[k]!;
    }
  }
  const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
  const picture = sharp(new Uint8Array(Uint8ClampedArray.from(sums).buffer), { raw }).resize(sidePx, sidePx, {
    fit: "inside",
  });
  return new Uint8Array(await picture.png({ compressionLevel: 6 }).toBuffer());
}
