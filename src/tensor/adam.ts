// The optimiser of Kingma & Ba (ICLR 2015, algorithm 1).
import { changeEach, type ListForm, listFormOf } from "./all-at-once.ts";
import { noGrad } from "./autograd.ts";
import { fromArray, zeros } from "./create.ts";
import type { StoredTensor } from "./safetensors.ts";
import { TensorScope } from "./scope.ts";
import { callOp, type Tensor } from "./tensor.ts";

export interface AdamOptions {
  /** Step size; may be changed between steps. */
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Who goes over the parameters. @default our kernel on the CPU, LibTorch's operators on lists on a card */
  readonly form?: ListForm;
}

/** A gradient with what it changes; all of one shape. */
interface Place {
  readonly gradient: Tensor;
  readonly parameter: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/**
 * Adam over named parameters, changed in place. Borrows the parameters; owns its moments (freed by {@link Adam.dispose}).
 *
 * θ ← θ − lr · m̂ / (√v̂ + ε), with m̂ and v̂ the bias-corrected moments.
 * @example
 * ```ts
 * import { Adam, fromArray, grad } from "gan-dl/tensor";
 * const x = fromArray(new Float32Array([3]), [1]).setRequiresGrad(true);
 * const adam = new Adam(new Map([["x", x]]), { learningRate: 0.1, beta1: 0, beta2: 0.99, epsilon: 1e-8 });
 * adam.step(new Map([["x", grad(x.square(), [x])[0]!]]));
 * console.assert(Math.abs(x.item() - 2.9) < 1e-6); // the first step is the learning rate long, downhill
 * ```
 */
export class Adam {
  learningRate: number;
  stepCount = 0;
  readonly #options: AdamOptions;
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #first = new Map<string, Tensor>();
  readonly #second = new Map<string, Tensor>();

  constructor(parameters: ReadonlyMap<string, Tensor>, options: AdamOptions) {
    this.#parameters = parameters;
    this.#options = options;
    this.learningRate = options.learningRate;
    for (const [name, parameter] of parameters) {
      const at = { dtype: parameter.dtype, device: parameter.device };
      this.#first.set(name, zeros(parameter.shape, at));
      this.#second.set(name, zeros(parameter.shape, at));
    }
  }

  /** One update. A parameter without a gradient in `gradients` keeps its value and moments. */
  step(gradients: ReadonlyMap<string, Tensor>): void {
    this.stepCount++;
    const { beta1, beta2, epsilon } = this.#options;
    const stepSize = this.learningRate / (1 - beta1 ** this.stepCount);
    const secondScale = 1 / Math.sqrt(1 - beta2 ** this.stepCount);
    const places = [...gradients].map((entry) => this.#placeOf(...entry));
    const form = this.#options.form ?? listFormOf(places[0]?.parameter);
    using _scope = new TensorScope();
    noGrad(() => {
      if (form === "kernel") return this.#updateByKernel(places, stepSize, secondScale);
      if (form === "lists") return this.#updateByLists(places, stepSize, secondScale);
      for (const { gradient, parameter, first, second } of places) {
        if (beta1 === 0) first.copy_(gradient);
        else first.lerp_(gradient, 1 - beta1);
        second.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
        parameter.addcdiv_(first, second.sqrt().mul_(secondScale).add_(epsilon), -stepSize);
      }
    });
  }

  #updateByKernel(places: readonly Place[], stepSize: number, secondScale: number): void {
    const { beta1, beta2, epsilon } = this.#options;
    const lists = (["parameter", "gradient", "first", "second"] as const).map((of) => places.map((place) => place[of]));
    callOp("gandl::adam_each", "", [...lists, beta1, beta2, stepSize, secondScale, epsilon]);
  }

  #updateByLists(places: readonly Place[], stepSize: number, secondScale: number): void {
    if (places.length === 0) return;
    const { beta1, beta2, epsilon } = this.#options;
    const [parameters, first, second] = (["parameter", "first", "second"] as const).map((of) =>
      places.map((place) => place[of]),
    ) as [Tensor[], Tensor[], Tensor[]];
    // In one order of memory with what they change, or LibTorch goes back to a loop.
    const gradients = places.map(({ gradient }) => gradient.contiguous());
    if (beta1 === 0) changeEach("zero", "", first);
    else changeEach("mul", "Scalar", first, beta1);
    changeEach("add", "List", first, gradients, 1 - beta1);
    changeEach("mul", "Scalar", second, beta2);
    changeEach("addcmul", "Scalar", second, gradients, gradients, 1 - beta2);
    const slopes = callOp("aten::_foreach_sqrt", "", [second]) as Tensor[];
    changeEach("mul", "Scalar", slopes, secondScale);
    changeEach("add", "Scalar", slopes, epsilon);
    changeEach("addcdiv", "Scalar", parameters, first, slopes, -stepSize);
  }

  #placeOf(name: string, gradient: Tensor): Place {
    const parameter = this.#parameters.get(name);
    const first = this.#first.get(name);
    const second = this.#second.get(name);
    if (!parameter || !first || !second)
      throw new Error(`internal: Adam was given a gradient for '${name}', which is no parameter of its`);
    return { gradient, parameter, first, second };
  }

  /** The moments, as `${parameter}.m` and `${parameter}.v`; borrowed. */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const [name, moment] of this.#first) state.set(`${name}.m`, moment);
    for (const [name, moment] of this.#second) state.set(`${name}.v`, moment);
    return state;
  }

  /** Takes moments saved from {@link Adam.state}; every one must be there. */
  loadState(state: ReadonlyMap<string, Tensor | StoredTensor>, stepCount: number): void {
    for (const [name, moment] of this.state()) {
      const saved = state.get(name);
      if (!saved) throw new Error(`internal: the optimiser state has no '${name}'`);
      using _scope = new TensorScope();
      noGrad(() => moment.copy_("data" in saved ? fromArray(saved.data, saved.shape, { dtype: saved.dtype }) : saved));
    }
    this.stepCount = stepCount;
  }

  dispose(): void {
    for (const moment of this.state().values()) moment.dispose();
  }
}
