import { requireCount, requireFinite } from "./numeric-guards.ts";
import { SELECTION } from "./params.ts";
import { drawIndex, integerInRange, shuffle } from "./rng.ts";
import type { Rng } from "./rng.ts";
import { compareIds } from "./sorted-entries.ts";

/** A miner that could train the task; `averageScore` is its mean taskScore over the window (0 if none). */
export interface SelectionCandidate {
  readonly id: string;
  readonly assignedToday: boolean;
  readonly averageScore: number;
}

export interface WeightedMiner {
  readonly id: string;
  readonly weight: number;
}

/**
 * w_i = α for a miner without an assignment today, else max(s_i, γ); in input order (spec section 3).
 *
 * @throws RangeError if an average score that counts is not finite.
 */
export function selectionWeights(miners: readonly SelectionCandidate[]): WeightedMiner[] {
  return miners.map(({ id, assignedToday, averageScore }) => ({
    id,
    weight: assignedToday
      ? Math.max(requireFinite(`the average score of ${id}`, averageScore), SELECTION.minimumWeight)
      : SELECTION.firstTodayWeight,
  }));
}

/**
 * Ids by weight descending. Equal weights are ordered by the rng alone: sorting by id first makes the result independent
 * of the input's order, shuffling then makes it independent of the ids.
 *
 * @throws RangeError if a weight is not finite.
 */
export function rankMiners(weighted: readonly WeightedMiner[], rng: Rng): string[] {
  for (const { id, weight } of weighted) requireFinite(`the weight of ${id}`, weight);
  const canonical = weighted.toSorted((a, b) => compareIds(a.id, b.id));
  return shuffle(canonical, rng)
    .sort((a, b) => b.weight - a.weight)
    .map(({ id }) => id);
}

/**
 * Eq 2: p_i = λ − (i−1)(λ−1)/n, the relative weight of rank i = 1..n.
 *
 * @throws RangeError unless both are integers with 1 <= rank <= count.
 */
export function positionProbability(rank: number, count: number): number {
  requireCount("count", count, 1);
  requireCount("rank", rank, 1);
  if (rank > count) throw new RangeError(`rank must be at most count (${count}), found ${rank}`);
  return SELECTION.topMultiplier - ((rank - 1) * (SELECTION.topMultiplier - 1)) / count;
}

/**
 * Draws k miners without replacement, in the order drawn: p_i fixed from the initial ranks and renormalised over those
 * left; each draw takes one rng() and walks the cumulative sum in ranked order from the front. With k >= n no draw is
 * needed: all of them, as ranked.
 *
 * @throws RangeError if k is negative or, below n, no integer.
 */
export function drawMiners(ranked: readonly string[], k: number, rng: Rng): string[] {
  if (k >= ranked.length) return [...ranked];
  requireCount("k", k);
  const left = ranked.map((id, index) => ({ id, chance: positionProbability(index + 1, ranked.length) }));
  const drawn: string[] = [];
  while (drawn.length < k) {
    const index = drawIndex(
      left.map(({ chance }) => chance),
      rng,
    );
    drawn.push(...left.splice(index, 1).map(({ id }) => id));
  }
  return drawn;
}

/**
 * k: a uniform integer in the task type's pool range, both ends included.
 *
 * @throws RangeError unless both ends are integers with 1 <= min <= max.
 */
export function poolSize(range: { readonly min: number; readonly max: number }, rng: Rng): number {
  return integerInRange(requireCount("the pool's lower bound", range.min, 1), range.max, rng);
}
