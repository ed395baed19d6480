import type { GroupRewards } from "./judge.ts";

/** What the completions of one prompt came to. */
export interface GroupScore {
  /** reward − β·kl: higher is better. */
  readonly score: number;
  /** Σ ŵ_k · mean over completions of r_k, in 0..1. */
  readonly reward: number;
  /** Mean over completions of their divergence from the base, in nats per token. */
  readonly kl: number;
  /** Mean over completions of each function's reward, scaled to 0..1 and without its weight. */
  readonly rewards: readonly number[];
}

/** R of one prompt: weighted mean rewards less β times the mean divergence; float64, in the order given. */
export function scoreGroup(
  rewards: GroupRewards,
  divergences: readonly number[],
  { beta, weights }: { readonly beta: number; readonly weights: readonly number[] },
): GroupScore {
  const means = rewards.map(mean);
  const reward = means.reduce((sum, value, index) => sum + (weights[index] ?? NaN) * value, 0);
  const kl = mean(divergences);
  return { score: reward - beta * kl, reward, kl, rewards: means };
}

/** Means over prompts. */
export function meanScore(groups: readonly GroupScore[]): GroupScore {
  const functions = groups[0]?.rewards.length ?? 0;
  return {
    score: mean(groups.map(({ score }) => score)),
    reward: mean(groups.map(({ reward }) => reward)),
    kl: mean(groups.map(({ kl }) => kl)),
    rewards: Array.from({ length: functions }, (_, index) => mean(groups.map(({ rewards }) => rewards[index] ?? NaN))),
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
