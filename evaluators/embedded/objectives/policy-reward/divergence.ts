import { kernels } from "../../engine/index.ts";

/**
 * KL(π‖π_ref) of one completion by the k3 estimator, mean over its tokens: exp(d) − d − 1 with
 * d = ln π_ref − ln π, in nats, float64, in the order of tokens.
 *
 * @param policy −ln π of each token.
 * @param reference −ln π_ref of each token.
 */
export function meanDivergence(policy: readonly number[], reference: readonly number[]): number {
  let sum = 0;
  for (const [position, nll] of policy.entries()) {
    const d = nll - (reference[position] ?? NaN);
    sum += kernels.exp(d) - d - 1;
  }
  return sum / policy.length;
}

/** d(exp(d) − d − 1)/d(−ln π) = exp(d) − 1 of one token. */
export function divergenceGradient(policy: number, reference: number): number {
  return kernels.exp(policy - reference) - 1;
}
