import { seed } from "../engine/index.ts";
import type { Dit } from "./dit.ts";
import { toPatches, type Picture } from "./patches.ts";
import { precondition } from "./precondition.ts";

/** A picture with its caption's tokens, a noise level, and standard normal noise for its numbers in the order of patches. */
export interface NoisyExample {
  readonly picture: Picture;
  readonly caption: readonly number[];
  readonly time: number;
  readonly noise: Float32Array;
}

/**
 * Runs the model on noisy pictures of one size while the tape records, and sets the gradient that `backward` starts
 * from, times `share`: what part of the batch they are. Returns the mean squared error of F (precondition.ts): 1 for a
 * model that knows nothing, at any noise level.
 */
export function denoisingLoss(model: Dit, examples: readonly NoisyExample[], share = 1): number {
  const { patch_size: side, data_deviation: deviation } = model.config;
  const [first] = examples;
  if (first === undefined) throw new RangeError("There are no pictures.");
  const { height, width } = first.picture;
  const numbers = first.picture.values.length;
  const patches = new Float32Array(examples.length * numbers);
  const target = new Float32Array(patches.length);
  for (const [index, { picture, time, noise }] of examples.entries()) {
    if (picture.height !== height || picture.width !== width) throw new RangeError("The pictures differ in size.");
    const { input, skip, out } = precondition(time, deviation);
    const clean = toPatches(picture, side);
    for (let i = 0; i < numbers; i++) {
      const value = clean[i] ?? 0;
      const noisy = (1 - time) * value + time * (noise[i] ?? 0);
      patches[index * numbers + i] = input * noisy;
      target[index * numbers + i] = (value - skip * noisy) / out;
    }
  }
  const predicted = model.forward({
    patches,
    grid: { rows: height / side, columns: width / side },
    times: examples.map(({ time }) => time),
    captions: examples.map(({ caption }) => caption),
  });
  const gradient = predicted.data.slice();
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) {
    const error = (gradient[i] ?? 0) - (target[i] ?? 0);
    sum += error * error;
    gradient[i] = (2 * share * error) / gradient.length;
  }
  seed(predicted, gradient);
  return sum / gradient.length;
}
