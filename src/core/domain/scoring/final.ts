import { requireFinite } from "../numeric-guards.ts";
import { FINAL_SCORE } from "../params.ts";
import { mapValues } from "../sorted-entries.ts";

/**
 * Eq 14 and 15: 0 for x <= 0, else 0.7·(1/(1+e^(−9(x−0.5))))^0.75 + 0.05·x.
 *
 * @throws RangeError if x is not finite.
 */
export function finalScore(x: number): number {
  requireFinite("the normalised score", x);
  if (x <= 0) return 0;
  const sigmoid = 1 / (1 + Math.exp(-FINAL_SCORE.steepness * (x - FINAL_SCORE.shift)));
  return FINAL_SCORE.sigmoidWeight * sigmoid ** FINAL_SCORE.power + FINAL_SCORE.linearWeight * x;
}

/**
 * finalScore of x = S_temporal / max_j S_temporal for each miner; all 0 if none is positive.
 *
 * @throws RangeError if a temporal score is not finite.
 */
export function finalScores(temporal: Readonly<Record<string, number>>): Record<string, number> {
  const largest = Object.values(temporal).reduce((a, b) => Math.max(a, b), 0);
  return mapValues(temporal, (value, id) => {
    requireFinite(`the temporal score of ${id}`, value);
    return largest > 0 ? finalScore(value / largest) : 0;
  });
}
