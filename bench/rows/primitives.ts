// The layers that training spends its time in, each beside the form that LibTorch's own operators give.
import {
  activate,
  convDown2,
  convDown2Folded,
  convUp2,
  convUp2Folded,
  LEAKY_SLOPE,
  minibatchStd,
  styledConv,
} from "gan-dl/nn";
import { conv2d, grad, noGrad, Rng, randn, type Tensor, TensorScope } from "gan-dl/tensor";
import { convolutionFlop } from "../arithmetic.ts";
import type { BenchRow, Cost, Prepared, Variant } from "../row.ts";

export const PASSES = ["forward", "backward", "double-backward"] as const;
export type Pass = (typeof PASSES)[number];
/** Units of a convolution's arithmetic: forward; data and weights; and the gradient of the data's gradient by both of its factors. */
const CONVOLUTION_UNITS: Record<Pass, number> = { forward: 1, backward: 3, "double-backward": 4 };
/** Maps read or written at the least by an operation that goes by element: in, out; gradient in, mask, gradient out; and again. */
const ELEMENTWISE_MAPS: Record<Pass, number> = { forward: 2, backward: 5, "double-backward": 8 };
/** A statistic reads its map; its gradient reads it again and writes one; the next reads map and direction and writes one. */
const STATISTIC_MAPS: Record<Pass, number> = { forward: 1, backward: 3, "double-backward": 6 };

/** A layer at one size: images, channels in and out, side of the map that goes in. */
export interface LayerSize {
  readonly name: string;
  readonly images: number;
  readonly into: number;
  readonly out: number;
  readonly sidePx: number;
}

export type Layer = (x: Tensor, weight: Tensor, extras: Extras) => Tensor;
/** What layers take beside map and weight. */
export interface Extras {
  /** `[n,into]` */
  readonly style: Tensor;
  /** `[out]` */
  readonly bias: Tensor;
}

/** A primitive in our form and, where there is another, LibTorch's. */
export interface Primitive {
  readonly name: string;
  readonly title: string;
  readonly ours: Layer;
  readonly plain?: { readonly name: string; readonly layer: Layer };
  cost(size: LayerSize, pass: Pass): Cost;
  readonly sizes: readonly LayerSize[];
  /** What the first gradient is taken by, beside the map. */
  readonly usesStyle?: boolean;
  readonly usesWeight?: boolean;
  readonly usesBias?: boolean;
  /** Whether its slope depends on the map itself. */
  readonly bends?: boolean;
}

const SAME: readonly LayerSize[] = [
  { name: "small", images: 16, into: 32, out: 32, sidePx: 64 },
  { name: "large", images: 8, into: 128, out: 128, sidePx: 32 },
];
const UP: readonly LayerSize[] = [
  { name: "small", images: 16, into: 64, out: 32, sidePx: 32 },
  { name: "large", images: 8, into: 128, out: 64, sidePx: 32 },
];
const DOWN: readonly LayerSize[] = [
  { name: "small", images: 16, into: 32, out: 64, sidePx: 64 },
  { name: "large", images: 8, into: 64, out: 128, sidePx: 64 },
];
const LAST: readonly LayerSize[] = [
  { name: "small", images: 32, into: 64, out: 64, sidePx: 4 },
  { name: "large", images: 16, into: 128, out: 128, sidePx: 4 },
];

const convolutionCost =
  (positions: (sidePx: number) => number) =>
  ({ images, into, out, sidePx }: LayerSize, pass: Pass): Cost => ({
    flop: CONVOLUTION_UNITS[pass] * images * convolutionFlop(into, out, 9, positions(sidePx)),
  });
const mapsCost =
  (maps: Record<Pass, number>) =>
  ({ images, into, sidePx }: LayerSize, pass: Pass): Cost => ({ bytes: maps[pass] * 4 * images * into * sidePx ** 2 });

/** A styled convolution as LibTorch's operators write it. */
function plainStyledConv(x: Tensor, weight: Tensor, { style, bias }: Extras): Tensor {
  const power = weight.square().sum([2, 3]);
  const norm = style.square().matmul(power.transpose(0, 1)).add(1e-8).rsqrt();
  const y = conv2d(x.mul(style.unsqueeze(2).unsqueeze(3)), weight, { padding: 1 });
  return y
    .mul(norm.unsqueeze(2).unsqueeze(3))
    .add(bias.reshape([1, -1, 1, 1]))
    .leakyRelu(LEAKY_SLOPE)
    .mul(Math.SQRT2);
}

export const PRIMITIVES: readonly Primitive[] = [
  {
    ...{ name: "styled-conv", title: "style, 3×3 convolution, demodulation, bias, leaky ReLU", sizes: SAME },
    ...{ usesStyle: true, usesWeight: true, usesBias: true },
    ours: (x, weight, { style, bias }) => styledConv(x, weight, style, { bias, noise: null }),
    plain: { name: "mul, conv2d, mul, add, leaky_relu, mul", layer: plainStyledConv },
    cost: convolutionCost((sidePx) => sidePx ** 2),
  },
  {
    ...{ name: "conv-up", title: "3×3 convolution that doubles the map, filtered", sizes: UP, usesWeight: true },
    ours: convUp2,
    plain: { name: "folded into one convolution", layer: convUp2Folded },
    cost: convolutionCost((sidePx) => sidePx ** 2),
  },
  {
    ...{ name: "conv-down", title: "3×3 convolution that halves the map, filtered", sizes: DOWN, usesWeight: true },
    ours: convDown2,
    plain: { name: "folded into one convolution", layer: convDown2Folded },
    cost: convolutionCost((sidePx) => (sidePx / 2) ** 2),
  },
  {
    ...{ name: "activation", title: "bias and leaky ReLU", sizes: SAME, usesBias: true },
    ours: (x, _weight, { bias }) => activate(x, { bias, slope: LEAKY_SLOPE }),
    plain: {
      name: "add, leaky_relu",
      layer: (x, _weight, { bias }) => x.add(bias.reshape([1, -1, 1, 1])).leakyRelu(LEAKY_SLOPE),
    },
    cost: mapsCost(ELEMENTWISE_MAPS),
  },
  {
    ...{ name: "minibatch-std", title: "the minibatch statistic of the last map", sizes: LAST, bends: true },
    ours: (x) => minibatchStd(x, { group: 4 }),
    cost: mapsCost(STATISTIC_MAPS),
  },
];

/** One pass through one primitive. */
export function primitiveRow(primitive: Primitive, size: LayerSize, pass: Pass): BenchRow {
  const { images, into, out, sidePx } = size;
  return {
    name: `primitive/${primitive.name}/${size.name}/${pass}`,
    title: `${primitive.title}: [${images},${into},${sidePx},${sidePx}] → ${out} channels, ${pass}`,
    rounds: 9,
    prepare: () => preparePrimitive(primitive, size, pass),
  };
}

/** Ours gets its map in channels-last order, as the networks keep it; LibTorch's operators in their own order. */
function preparePrimitive(primitive: Primitive, size: LayerSize, pass: Pass): Prepared {
  const ours = layerVariant("ours", primitive, primitive.ours, size, pass, true);
  const against = primitive.plain
    ? layerVariant(primitive.plain.name, primitive, primitive.plain.layer, size, pass, false)
    : null;
  return {
    unit: "ms",
    ours,
    ...(against && { against }),
    cost: primitive.cost(size, pass),
    dispose: () => {
      ours.dispose();
      against?.dispose();
    },
  };
}

function layerVariant(
  name: string,
  { usesStyle = false, usesWeight = false, usesBias = false, bends = false }: Primitive,
  layer: Layer,
  { images, into, out, sidePx }: LayerSize,
  pass: Pass,
  channelsLast: boolean,
): Variant & { dispose(): void } {
  const scope = new TensorScope();
  const rng = new Rng(1);
  const drawn = (shape: readonly number[]): Tensor =>
    scope.keep(
      (channelsLast && shape.length === 4
        ? randn(shape, { rng }).contiguous({ memoryFormat: "channels_last" })
        : randn(shape, { rng })
      ).setRequiresGrad(true),
    );
  const [x, direction] = [drawn([images, into, sidePx, sidePx]), drawn([images, into, sidePx, sidePx])];
  const weight = scope.keep(randn([out, into, 3, 3], { rng }).setRequiresGrad(true));
  const extras = { style: drawn([images, into]), bias: drawn([out]) };
  const incoming = drawn(noGrad(() => layer(x, weight, extras)).shape);
  scope.dispose();
  const others = [...(usesWeight ? [weight] : []), ...(usesStyle ? [extras.style] : [])];
  return {
    ...{ name, amount: 1 },
    run: () => {
      using _scope = new TensorScope();
      if (pass === "forward") return void noGrad(() => layer(x, weight, extras));
      const y = layer(x, weight, extras);
      if (pass === "backward")
        return void grad(y, [x, ...others, ...(usesBias ? [extras.bias] : [])], { gradOutputs: [incoming] });
      const slope = grad(y, [x], { gradOutputs: [incoming], createGraph: true });
      grad(slope, [incoming, ...others, ...(bends ? [x] : [])], { gradOutputs: [direction] });
    },
    dispose: () => {
      for (const tensor of [x, direction, weight, extras.style, extras.bias, incoming]) tensor.dispose();
    },
  };
}

export const primitives: readonly BenchRow[] = PRIMITIVES.flatMap((primitive) =>
  primitive.sizes.flatMap((size) => PASSES.map((pass) => primitiveRow(primitive, size, pass))),
);
