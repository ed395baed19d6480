import type { Adapter, LoraOptions } from "./lora.ts";
import { createAdapter } from "./lora.ts";
import { linear, lowRankLinear } from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import { param } from "./tensor.ts";
import type { Weights, WeightTensor } from "./weights.ts";

/** `lora` alone implies `train: "lora"`, nothing implies `train: "full"`. */
export interface NetworkOptions {
  /** What gets gradients: all weights, a fresh LoRA adapter's, or nothing. */
  readonly train?: "full" | "lora" | "none";
  readonly lora?: LoraOptions;
  /** Seed of the fresh adapter. */
  readonly seed?: number;
}

/** A model's tensors in the engine by their names in its file, and the adapter on top of them. */
export interface NetworkTensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly adapter: Adapter | undefined;
}

/** Loads weights into the engine. */
export function placeWeights(weights: Weights, options: NetworkOptions): NetworkTensors {
  const { lora, train = lora === undefined ? "full" : "lora", seed = 1 } = options;
  const tensors = new Map<string, Tensor>();
  for (const [name, { shape, data }] of weights) tensors.set(name, param(shape, data, train === "full"));
  const adapter = train === "lora" && lora !== undefined ? createAdapter(weights, lora, seed) : undefined;
  return { tensors, adapter };
}

/** What models of all architectures have: tensors, and linear layers that an adapter may change. */
export abstract class Network implements NetworkTensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly adapter: Adapter | undefined;

  constructor({ tensors, adapter }: NetworkTensors) {
    this.tensors = tensors;
    this.adapter = adapter;
  }

  /** What an optimiser should train: the adapter's tensors if there is one, else the weights that need gradients. */
  get trainable(): readonly Tensor[] {
    if (this.adapter !== undefined) return [...this.adapter.values()].flatMap(({ a, b }) => [a, b]);
    return [...this.tensors.values()].filter((tensor) => tensor.requiresGradient);
  }

  /** A copy of the base weights as they are now. */
  weights(): Map<string, WeightTensor> {
    return new Map([...this.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  }

  protected linear(x: Tensor, name: string): Tensor {
    const update = this.adapter?.get(name);
    const weight = this.tensor(name);
    return update === undefined ? linear(x, weight) : lowRankLinear(x, weight, update);
  }

  protected tensor(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`The model has no tensor ${name}.`);
    return tensor;
  }
}
