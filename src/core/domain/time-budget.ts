import { requireCount, requireNonNegative } from "./numeric-guards.ts";
import { TIME_BUDGET } from "./params.ts";
import type { Rng } from "./rng.ts";

const SECONDS_PER_HOUR = 3600;

/**
 * Eq 3 and 4: the hours that a text task of this many rows may take, in half-open bins; the last bin has no end.
 *
 * @throws RangeError unless `rows` is a count.
 */
export function timeBudgetHours(rows: number): [min: number, max: number] {
  requireCount("rows", rows);
  const bin = TIME_BUDGET.textBins.findLast(({ fromRows }) => rows >= fromRows);
  if (bin === undefined) throw new RangeError(`no time budget covers ${rows} rows`);
  return [bin.minHours, bin.maxHours];
}

/**
 * A budget in seconds, uniform (real-valued) between the two ends given in hours; one draw.
 *
 * @throws RangeError unless 0 <= min <= max and both are finite.
 */
export function drawTimeBudgetSeconds([minHours, maxHours]: readonly [min: number, max: number], rng: Rng): number {
  requireNonNegative("the least hours", minHours);
  const span = requireNonNegative("the hours between least and most", maxHours - minHours);
  return (minHours + rng() * span) * SECONDS_PER_HOUR;
}

/**
 * Paper 3.7: Δt = Δt_initial + c · delays, in seconds.
 *
 * @throws RangeError if a length is negative or not finite, or `delays` is no count.
 */
export function delayedBudgetSeconds(initial: number, delays: number, step: number): number {
  requireNonNegative("the initial budget", initial);
  requireNonNegative("the step", step);
  return initial + step * requireCount("delays", delays);
}
