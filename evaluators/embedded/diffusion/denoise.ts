import { mark, noGrad, release } from "../engine/index.ts";
import type { Dit } from "./dit.ts";
import { fromPatches, toPatches, type Picture } from "./patches.ts";
import { precondition } from "./precondition.ts";

/** A noisy picture at a noise level of the straight path: (1 - strength)·clean + strength·noise. */
export function addNoise({ height, width, values }: Picture, noise: Float32Array, strength: number): Picture {
  const noisy = values.map((value, i) => (1 - strength) * value + strength * (noise[i] ?? 0));
  return { height, width, values: noisy };
}

export interface DenoiseOptions {
  /** Noise level that the pictures have, in (0, 1]. */
  readonly strength: number;
  /** Equal steps of Euler's method from there to 0. */
  readonly steps: number;
}

/**
 * Takes noisy pictures of one size back to noise level 0 along the model's velocity
 * v = (noisy - clean estimate) / t.
 */
export function denoise(
  model: Dit,
  noisy: readonly Picture[],
  captions: readonly (readonly number[])[],
  { strength, steps }: DenoiseOptions,
): readonly Picture[] {
  const { patch_size: side, data_deviation: deviation } = model.config;
  const [first] = noisy;
  if (first === undefined) return [];
  const { height, width } = first;
  const numbers = first.values.length;
  const state = new Float32Array(noisy.length * numbers);
  for (const [index, picture] of noisy.entries()) state.set(toPatches(picture, side), index * numbers);
  const start = mark();
  for (let step = 0; step < steps; step++) {
    const time = strength * (1 - step / steps);
    const { input, skip, out } = precondition(time, deviation);
    const times = noisy.map(() => time);
    const grid = { rows: height / side, columns: width / side };
    const patches = state.map((value) => input * value);
    const predicted = noGrad(() => model.forward({ patches, grid, times, captions })).data;
    for (let i = 0; i < state.length; i++) {
      const value = state[i] ?? 0;
      const clean = skip * value + out * (predicted[i] ?? 0);
      state[i] = value - ((strength / steps) * (value - clean)) / time;
    }
    release(start);
  }
  return noisy.map((_, index) =>
    fromPatches(state.subarray(index * numbers, (index + 1) * numbers), { height, width }, side),
  );
}
