import { requireFinite } from "../numeric-guards.ts";
import { TEMPORAL } from "../params.ts";
import { mapValues, ownValue } from "../sorted-entries.ts";
import { sum } from "../statistics.ts";

/** Length of a window in days. */
export type WindowDays = (typeof TEMPORAL.windows)[number]["days"];

/** One adjusted score S·W of a miner, `ageDays` after its task was scored. */
export interface AgedScore {
  readonly id: string;
  readonly adjusted: number;
  readonly ageDays: number;
}

/** The same with the smallest window that the age falls in instead of the age: two readings of a clock agree on it. */
export interface WindowedScore {
  readonly id: string;
  readonly adjusted: number;
  readonly window: WindowDays | null;
}

/**
 * The smallest of the nested windows with 0 <= age <= w; null for older scores and for scores of the future.
 *
 * @throws RangeError if the age is not a number.
 */
export function windowOf(ageDays: number): WindowDays | null {
  if (Number.isNaN(ageDays)) throw new RangeError("an age in days must be a number, found NaN");
  if (ageDays < 0) return null;
  return TEMPORAL.windows.find(({ days }) => ageDays <= days)?.days ?? null;
}

/**
 * Normalize(v) = max(0, v) / max_j max(0, v_j); all 0 if none is positive.
 *
 * @throws RangeError if a sum is not finite.
 */
export function normalizeWindow(sums: Readonly<Record<string, number>>): Record<string, number> {
  const positive = mapValues(sums, (value, id) => Math.max(0, requireFinite(`the window score of ${id}`, value)));
  const largest = Object.values(positive).reduce((a, b) => Math.max(a, b), 0);
  return mapValues(positive, (value) => (largest > 0 ? value / largest : 0));
}

/**
 * windowScore v_w(i): the sum of a miner's adjusted scores within `days`, 0 for miners that have older ones only.
 *
 * Scores are added in ascending order, so that the result depends neither on the input's order nor on exact ages.
 *
 * @throws RangeError if an adjusted score is not finite.
 */
export function windowScores(results: readonly WindowedScore[], days: WindowDays): Record<string, number> {
  const byMiner = Map.groupBy(results, ({ id }) => id);
  return Object.fromEntries(
    [...byMiner].map(([id, scores]) => {
      const inside = scores.filter(({ window }) => window !== null && window <= days);
      const adjusted = inside.map((score) => requireFinite(`an adjusted score of ${id}`, score.adjusted));
      return [id, sum(adjusted.sort((a, b) => a - b))];
    }),
  );
}

/**
 * Eq 13 from windows: S_temporal = Σ_w ω_w · Normalize(v_w), for every miner that has a result at all.
 *
 * @throws RangeError if an adjusted score is not finite.
 */
export function temporalScoresByWindow(results: readonly WindowedScore[]): Record<string, number> {
  const windows = TEMPORAL.windows.map(({ days, weight }) => ({
    weight,
    shares: normalizeWindow(windowScores(results, days)),
  }));
  const miners = Object.fromEntries(results.map(({ id }) => [id, 0]));
  return mapValues(miners, (_, id) => sum(windows.map(({ weight, shares }) => weight * (ownValue(shares, id) ?? 0))));
}

/**
 * Eq 13 from ages: windows of 1, 3 and 7 days, nested, by scoring time (0 <= age <= w).
 *
 * @throws RangeError if an adjusted score is not finite or an age not a number.
 */
export function temporalScores(results: readonly AgedScore[]): Record<string, number> {
  return temporalScoresByWindow(
    results.map(({ id, adjusted, ageDays }) => ({ id, adjusted, window: windowOf(ageDays) })),
  );
}
