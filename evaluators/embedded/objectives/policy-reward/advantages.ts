import { mean } from "./group-score.ts";

/** Keeps a group whose rewards are all alike from blowing up. */
const SMALLEST_DEVIATION = 1e-4;

/** Group-relative advantages: (r − mean) / (population standard deviation + 1e-4). */
export function advantages(rewards: readonly number[]): readonly number[] {
  const middle = mean(rewards);
  const deviation = Math.sqrt(mean(rewards.map((reward) => (reward - middle) ** 2)));
  return rewards.map((reward) => (reward - middle) / (deviation + SMALLEST_DEVIATION));
}
