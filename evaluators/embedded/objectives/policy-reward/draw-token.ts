import { kernels } from "../../engine/index.ts";

/**
 * Inverse CDF in float64: weights exp((logit − largest) / temperature) are summed in the order of token ids, and the
 * first token whose running sum exceeds u · total is drawn; where rounding leaves none, the last one.
 */
export function drawToken(logits: Float32Array, temperature: number, u: number): number {
  // Plain loops: this runs over the whole vocabulary for every token.
  let largest = -Infinity;
  for (let token = 0; token < logits.length; token++) largest = Math.max(largest, logits[token] ?? NaN);
  const sums = new Float64Array(logits.length);
  let sum = 0;
  for (let token = 0; token < logits.length; token++) {
    sum += kernels.exp(((logits[token] ?? NaN) - largest) / temperature);
    sums[token] = sum;
  }
  const drawn = sums.findIndex((running) => running > u * sum);
  return drawn < 0 ? logits.length - 1 : drawn;
}
