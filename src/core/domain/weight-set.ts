import { canonicalJson } from "./canonical-json.ts";
import { requireFinite } from "./numeric-guards.ts";
import { WEIGHT_SET } from "./params.ts";
import { paperPolicy } from "./scoring/policies.ts";
import type { MinerScores, PolicyOptions, ScoredResult, ScoringPolicy } from "./scoring/policy.ts";
import { compareIds, mapValues, ownValue, sortedEntries } from "./sorted-entries.ts";
import { sum } from "./statistics.ts";

/**
 * W_chain = final · V_trust (1 where absent), normalised to sum to 1; all zero if nobody is positive. Negative scores
 * and negative trust count as 0; ids that only trust names are left out.
 *
 * @throws RangeError if a score or trust is not finite.
 */
export function weightSet(
  final: Readonly<Record<string, number>>,
  trust: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const raw = mapValues(final, (score, id) => {
    const trusted = requireFinite(`the trust of ${id}`, ownValue(trust, id) ?? 1);
    return Math.max(0, requireFinite(`the final score of ${id}`, score)) * Math.max(0, trusted);
  });
  const total = sum(sortedEntries(raw).map(([, weight]) => weight));
  if (total === 0) return raw;
  if (Number.isFinite(total)) return mapValues(raw, (weight) => weight / total);
  // The sum of huge scores overflows; relative to the largest one they have the same proportions and a finite sum.
  const largest = Object.values(raw).reduce((a, b) => Math.max(a, b), 0);
  return weightSet(mapValues(raw, (weight, id) => requireFinite(`the weight of ${id}`, weight) / largest));
}

function isEmpty(weights: Readonly<Record<string, number>>): boolean {
  return Object.values(weights).every((weight) => weight === 0);
}

/**
 * Weights as integers that sum to `scale` exactly, by largest remainder, equal remainders in sorted id order; all zero
 * for an empty set.
 *
 * @throws RangeError if a weight is not finite.
 */
export function toIntegerWeights(
  weights: Readonly<Record<string, number>>,
  scale: number = WEIGHT_SET.integerScale,
): Record<string, number> {
  const fractions = weightSet(weights);
  if (isEmpty(fractions)) return fractions;
  const shares = sortedEntries(fractions).map(([id, weight]) => {
    const floor = Math.floor(weight * scale);
    return { id, floor, remainder: weight * scale - floor };
  });
  const missing = scale - sum(shares.map(({ floor }) => floor));
  const favoured = shares.toSorted((a, b) => b.remainder - a.remainder || compareIds(a.id, b.id)).slice(0, missing);
  const extra = new Set(favoured.map(({ id }) => id));
  return Object.fromEntries(shares.map(({ id, floor }) => [id, floor + (extra.has(id) ? 1 : 0)]));
}

/** The vector that pays, with the scores that it was made from. */
export interface WeightSet extends MinerScores {
  /** Name of the scoring policy. */
  readonly policy: string;
  /** Fractions that sum to 1, or all 0. */
  readonly weights: Readonly<Record<string, number>>;
  /** The same per 1e9, as published. */
  readonly integerWeights: Readonly<Record<string, number>>;
  /** Nobody has a positive score: all weights are 0. */
  readonly empty: boolean;
}

export interface WeightSetOptions extends PolicyOptions {
  readonly policy?: ScoringPolicy | undefined;
  readonly trust?: Readonly<Record<string, number>> | undefined;
}

/**
 * From scored results to weights: the one function that publishing and auditing share. Results that are left out count for
 * nothing; a miner without any other one weighs 0.
 *
 * @throws RangeError if a number is not finite.
 */
export function computeWeightSet(results: readonly ScoredResult[], options: WeightSetOptions = {}): WeightSet {
  const { policy = paperPolicy, trust = {}, typeWeights } = options;
  const counted = policy.minerScores(
    results.filter(({ leftOut }) => leftOut !== true),
    { typeWeights },
  );
  const nobody = Object.fromEntries(results.map(({ id }) => [id, 0]));
  const temporal = mapValues(nobody, (zero, id) => ownValue(counted.temporal, id) ?? zero);
  const final = mapValues(nobody, (zero, id) => ownValue(counted.final, id) ?? zero);
  const weights = weightSet(final, trust);
  return {
    policy: policy.name,
    temporal,
    final,
    weights,
    integerWeights: toIntegerWeights(weights),
    empty: isEmpty(weights),
  };
}

/**
 * The text whose SHA-256 is a weight set's digest: policy, inputs in sorted (task, miner) order and integer weights as
 * canonical JSON. No clock reading is in it: two computations over the same windows agree. Results that are left out are in
 * it, marked as such; the others carry no mark.
 */
export function weightSetText(
  results: readonly ScoredResult[],
  set: Pick<WeightSet, "policy" | "integerWeights">,
  options: Omit<WeightSetOptions, "policy"> = {},
): string {
  const inputs = results
    .toSorted((a, b) => compareIds(a.taskId, b.taskId) || compareIds(a.id, b.id))
    .map(({ id, taskId, taskType, origin, taskScore, taskWeight, window, leftOut }) => ({
      id,
      taskId,
      taskType,
      origin,
      taskScore,
      taskWeight,
      window,
      ...(leftOut === true ? { leftOut } : {}),
    }));
  return canonicalJson({
    policy: set.policy,
    inputs,
    trust: options.trust ?? {},
    typeWeights: options.typeWeights ?? {},
    integerWeights: set.integerWeights,
  });
}
