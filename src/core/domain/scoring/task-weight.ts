import { requireNonNegative } from "../numeric-guards.ts";
import { TASK_WEIGHT } from "../params.ts";

/**
 * Eq 12: W_task = max(1, 2·sqrt(φ·t)), φ in billions of parameters of the base (real-valued), t the granted budget in hours.
 *
 * @throws RangeError if either is negative or not finite.
 */
export function taskWeight(billions: number, hours: number): number {
  requireNonNegative("billions of parameters", billions);
  requireNonNegative("hours", hours);
  return Math.max(TASK_WEIGHT.minimum, TASK_WEIGHT.factor * Math.sqrt(billions * hours));
}

/** Eq 12: S_adjusted = S_task · W_task. */
export function adjustedScore(taskScore: number, weight: number): number {
  return taskScore * weight;
}
