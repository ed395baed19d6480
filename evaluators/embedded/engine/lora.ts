import type { LinearModule } from "./llama-weights.ts";
import type { LowRank } from "./ops.ts";
import { createRng } from "./rng.ts";
import { param } from "./tensor.ts";
import type { Weights } from "./weights.ts";

/** Low-rank adaptation: rank, scale alpha / r, and the linear layers that get an update. */
export interface LoraOptions {
  readonly r: number;
  readonly alpha: number;
  readonly targets: readonly LinearModule[];
}

/** Low-rank updates by the name of the weight that they change. */
export type Adapter = ReadonlyMap<string, LowRank>;

/** A fresh trainable adapter: A uniform in ±1/sqrt(inputs) as in PEFT, B zero, so it starts as the base. */
export function createAdapter(weights: Weights, { r, alpha, targets }: LoraOptions, seed: number): Adapter {
  const rng = createRng(seed);
  const adapter = new Map<string, LowRank>();
  for (const [name, { shape }] of weights) {
    const [outputs, inputs] = shape;
    if (outputs === undefined || inputs === undefined) continue;
    if (!targets.some((target) => name.endsWith(`.${target}.weight`))) continue;
    const bound = 1 / Math.sqrt(inputs);
    const a = Float32Array.from({ length: r * inputs }, () => (rng.next() * 2 - 1) * bound);
    adapter.set(name, { a: param([r, inputs], a), b: param([outputs, r]), scale: alpha / r });
  }
  return adapter;
}
