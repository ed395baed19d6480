import { sum } from "./statistics.ts";
import { requireCount, requireNonNegative } from "./numeric-guards.ts";
import { drawIndex } from "./rng.ts";
import type { Rng } from "./rng.ts";
import { mapValues, ownValue, sortedEntries } from "./sorted-entries.ts";

/**
 * Shares scaled to sum to 1 over the given task types (eq 1 over the registered types).
 *
 * @throws RangeError if a share is negative or not finite, or none is positive.
 */
export function renormaliseShares(shares: Readonly<Record<string, number>>): Record<string, number> {
  const entries = sortedEntries(shares);
  const total = sum(entries.map(([type, share]) => requireNonNegative(`the share of ${type}`, share)));
  if (!(total > 0)) throw new RangeError("at least one task type must have a positive share");
  return mapValues(shares, (share) => share / total);
}

/**
 * How much each type is owed: max(0, ρ_t·(N+1) − n_t), where n_t counts the type's tasks of the last day and N is
 * their sum over the types that have a share.
 *
 * @throws RangeError for bad shares or a count that is no count.
 */
export function taskTypeDemand(
  shares: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>>,
): Record<string, number> {
  const created = (type: string): number => requireCount(`the count of ${type}`, ownValue(counts, type) ?? 0);
  const total = sum(Object.keys(shares).map(created));
  return mapValues(renormaliseShares(shares), (share, type) => Math.max(0, share * (total + 1) - created(type)));
}

/**
 * Draws the type of the next synthetic task with probability proportional to what each type is owed (eq 1, completed
 * by spec section 2); one draw, types in sorted order.
 *
 * @throws RangeError as {@link taskTypeDemand}.
 */
export function drawTaskType(
  shares: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>>,
  rng: Rng,
): string {
  const demands = sortedEntries(taskTypeDemand(shares, counts));
  const index = drawIndex(
    demands.map(([, demand]) => demand),
    rng,
  );
  const [type] = demands[index] ?? [];
  if (type === undefined) throw new RangeError("there is no task type to draw from");
  return type;
}
