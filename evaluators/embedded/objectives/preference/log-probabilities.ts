import type { Llama } from "../../engine/index.ts";
import { tokenSums } from "../../engine/index.ts";
import type { PairLogProbabilities } from "./pair-loss.ts";
import type { Pair } from "./pairs.ts";

/** Log-probabilities of both completions of each pair; yields the number of pairs done after each batch. */
export function* logProbabilities(
  model: Llama,
  pairs: readonly Pair[],
): Generator<number, readonly PairLogProbabilities[]> {
  const steps = tokenSums(
    model,
    pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
  );
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) yield Math.floor(step.value / 2);
  const sums = step.value;
  return pairs.map((_, index) => ({
    chosen: -(sums[2 * index]?.nll ?? NaN),
    rejected: -(sums[2 * index + 1]?.nll ?? NaN),
  }));
}
