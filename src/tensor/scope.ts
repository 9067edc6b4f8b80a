// Who frees a tensor: the innermost open scope, or the caller where none is open.
import { asyncInScope, scopeOrder } from "./errors.ts";

/** What a scope can free. */
export interface Disposable {
  dispose(): void;
}

const stack: TensorScope[] = [];

/**
 * Frees every tensor made while it is the innermost scope, also when the code in it throws.
 *
 * Scopes are synchronous: never `await` inside one. What {@link TensorScope.keep} was given moves to the scope around it, or to
 * the caller where there is none.
 * @example
 * ```ts
 * import { TensorScope, ones, tensorStats } from "gan-dl/tensor";
 * const before = tensorStats().live;
 * { using _scope = new TensorScope(); ones([2, 3]).add(1); }
 * console.assert(tensorStats().live === before);
 * ```
 */
export class TensorScope {
  #tracked = new Set<Disposable>();
  readonly #kept = new Set<Disposable>();
  #open = true;

  constructor() {
    stack.push(this);
  }

  /** Keeps one tensor, or each of an array, beyond this scope. */
  keep<T extends Disposable | readonly Disposable[]>(kept: T): T {
    for (const tensor of Array.isArray(kept) ? (kept as readonly Disposable[]) : [kept as Disposable])
      this.#kept.add(tensor);
    return kept;
  }

  /** For {@link track} alone. */
  add(tensor: Disposable): void {
    this.#tracked.add(tensor);
  }

  /** @throws GanDlError `scope-order` when a scope opened later is still open; closing twice does nothing. */
  dispose(): void {
    if (!this.#open) return;
    if (stack.at(-1) !== this) throw scopeOrder();
    this.#open = false;
    stack.pop();
    const tracked = this.#tracked;
    this.#tracked = new Set();
    for (const tensor of tracked) {
      if (!this.#kept.has(tensor)) tensor.dispose();
      else stack.at(-1)?.add(tensor);
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Registers a new tensor with the innermost scope. */
export function track<T extends Disposable>(tensor: T): T {
  stack.at(-1)?.add(tensor);
  return tensor;
}

/** Every disposable in a result: itself, or those in an array, Map or plain record, at any depth. */
function disposablesIn(value: unknown): Disposable[] {
  if (typeof value !== "object" || value === null) return [];
  if ("dispose" in value && typeof value.dispose === "function") return [value as Disposable];
  if (Array.isArray(value)) return value.flatMap(disposablesIn);
  if (value instanceof Map) return [...value.values()].flatMap(disposablesIn);
  // Plain records only: other classes own what they hold, and may point at each other in circles.
  const isRecord = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isRecord ? Object.values(value).flatMap(disposablesIn) : [];
}

/**
 * Runs `work` in a scope of its own and keeps the tensors in what it returns: a tensor, or arrays, Maps and plain records of them.
 * @throws GanDlError `scope-order` when the work returns a promise.
 * @example
 * ```ts
 * import { ones, tidy } from "gan-dl/tensor";
 * const seven = tidy(() => ones([2, 3]).sum().add(1)); // what came before the last step is freed
 * console.assert(seven.item() === 7);
 * seven.dispose();
 * ```
 */
export function tidy<T>(work: () => T): T {
  using scope = new TensorScope();
  const result = work();
  if (result instanceof Promise) throw asyncInScope("tidy");
  scope.keep(disposablesIn(result));
  return result;
}
