import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  adapterWeights,
  createLlama,
  type Llama,
  loadAdapter,
  loadModel,
  toAdapter,
  type Weights,
} from "../../evaluators/embedded/engine/index.ts";

/** The recorded models: two random ones and an adapter on the second. */
export type GoldenModel = "tied" | "untied" | "lora";

export const goldenPath = (name: string): string => join(import.meta.dirname, "golden", name);

export const readGoldenJson = (name: string): unknown => JSON.parse(readFileSync(goldenPath(name), "utf8"));

/** A recorded model with gradients on all weights, or on the adapter alone. */
export function loadGolden(name: GoldenModel): Llama {
  const { config, weights } = loadModel(goldenPath(name === "lora" ? "untied" : name));
  if (name !== "lora") return createLlama(config, weights);
  const frozen = createLlama(config, weights, { train: "none" });
  return frozen.withAdapter(toAdapter(loadAdapter(goldenPath("lora"), { config }), true));
}

/** The gradients that have flowed so far, by tensor name. */
export function gradientsOf(model: Llama): Weights {
  const copy = (tensor: { shape: readonly number[]; gradient: Float32Array }) => ({
    shape: tensor.shape,
    data: tensor.gradient.slice(),
  });
  if (model.adapter === undefined) return new Map([...model.tensors].map(([name, tensor]) => [name, copy(tensor)]));
  const names = [...adapterWeights(model.adapter).keys()];
  return new Map(names.flatMap((name, i) => model.trainable.slice(i, i + 1).map((tensor) => [name, copy(tensor)])));
}

export function relativeError(found: Float32Array, reference: Float32Array): number {
  const norm = Math.hypot(...reference);
  return Math.hypot(...reference.map((value, i) => value - (found[i] ?? NaN))) / norm;
}
