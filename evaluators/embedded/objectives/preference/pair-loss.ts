import { kernels } from "../../engine/index.ts";

/** Logarithm of the probability of each completion, summed over its counted tokens (nats). */
export interface PairLogProbabilities {
  readonly chosen: number;
  readonly rejected: number;
}

/** β·(log π − log π_ref) of both completions, and the loss that follows. */
export interface PairLoss {
  /** −log σ(chosenReward − rejectedReward), in nats; ln 2 where the policy is the reference. */
  readonly loss: number;
  readonly chosenReward: number;
  readonly rejectedReward: number;
}

/** −log σ(β[(log π(c) − log π_ref(c)) − (log π(r) − log π_ref(r))]). */
export function pairLoss(policy: PairLogProbabilities, reference: PairLogProbabilities, beta: number): PairLoss {
  const chosenReward = beta * (policy.chosen - reference.chosen);
  const rejectedReward = beta * (policy.rejected - reference.rejected);
  return { loss: softplus(rejectedReward - chosenReward), chosenReward, rejectedReward };
}

/** dL/d(chosenReward) = −σ(rejectedReward − chosenReward); the same with a plus for rejectedReward. */
export function rewardGradient({ chosenReward, rejectedReward }: PairLoss): number {
  return -1 / (1 + kernels.exp(chosenReward - rejectedReward));
}

/** ln(1 + e^x) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + kernels.log1p(kernels.exp(-Math.abs(x)));
}
