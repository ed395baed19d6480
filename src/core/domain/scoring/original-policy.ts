import { requireFinite, requireNonNegative } from "../numeric-guards.ts";
import { ORIGINAL_POLICY, TASK_SCORE, TEMPORAL } from "../params.ts";
import { compareIds, mapValues, ownValue } from "../sorted-entries.ts";
import { mean, sum } from "../statistics.ts";
import { finalScores } from "./final.ts";
import type { MinerScores, PolicyOptions, ScoredResult, ScoringPolicy } from "./policy.ts";
import { scoreField } from "./rank.ts";
import type { FieldEntry, ReasonedScore } from "./rank.ts";
import { taskWeight } from "./task-weight.ts";
import type { WindowDays } from "./temporal.ts";

/** The first always wins +3; the last quarter (floored, at least one) is penalised only above 8 ranked. */
function originalScores(field: readonly FieldEntry[]): ReasonedScore[] {
  const { penaltyAboveValid, minimumPenalised } = ORIGINAL_POLICY;
  return scoreField(field, {
    earnsFirst: () => true,
    isPenalised: (rank, count) => {
      const penalised = Math.max(minimumPenalised, Math.floor(TASK_SCORE.penaltyFraction * count));
      return count > penaltyAboveValid && rank > count - penalised;
    },
  });
}

/** Eq 12 with φ floored to whole billions and clamped to 1..40. */
function originalTaskWeight(billions: number, hours: number): number {
  const whole = Math.floor(requireNonNegative("billions of parameters", billions));
  const clamped = Math.min(ORIGINAL_POLICY.maximumBillions, Math.max(ORIGINAL_POLICY.minimumBillions, whole));
  return taskWeight(clamped, hours);
}

/** Quality of one miner within one pool: Σ(S·W)·mean(S), 0 where the mean is negative. */
function quality(results: readonly ScoredResult[]): number {
  const average = mean(results.map(({ taskScore }) => taskScore));
  if (average < 0) return 0;
  return sum(results.map((result) => result.taskScore * result.taskWeight)) * average;
}

/** Final scores (eq 14, 15) within one pool, that is of one window, task type and origin. */
function poolScores(pool: readonly ScoredResult[]): Record<string, number> {
  const byMiner = Map.groupBy(pool, ({ id }) => id);
  return finalScores(Object.fromEntries([...byMiner].map(([id, results]) => [id, quality(results)])));
}

function isOrganic({ origin }: ScoredResult): boolean {
  return origin === "ORGANIC";
}

/** The share of each kind of origin among the tasks of one type. */
function originShare(results: readonly ScoredResult[], organic: boolean): number {
  const tasks = new Map(results.map((result) => [result.taskId, isOrganic(result)]));
  return [...tasks.values()].filter((value) => value === organic).length / tasks.size;
}

function windowPool(results: readonly ScoredResult[], days: WindowDays, organic: boolean): ScoredResult[] {
  return results.filter(
    (result) =>
      result.window !== null &&
      result.window <= days &&
      isOrganic(result) === organic &&
      (result.taskScore >= ORIGINAL_POLICY.countedFrom || result.taskScore < 0),
  );
}

/** Every pool is normalised and put through the sigmoid by itself; what comes out is added up with the pools' weights. */
function originalMinerScores(results: readonly ScoredResult[], options: PolicyOptions = {}): MinerScores {
  for (const { id, taskScore, taskWeight: weight } of results) {
    requireFinite(`a task score of ${id}`, taskScore);
    requireNonNegative(`a task weight of ${id}`, weight);
  }
  const ordered = results.toSorted((a, b) => compareIds(a.id, b.id) || compareIds(a.taskId, b.taskId));
  const recent = ordered.filter(({ window }) => window !== null);
  const byType = [...Map.groupBy(recent, ({ taskType }) => taskType)].sort(([a], [b]) => compareIds(a, b));

  const pools = byType.flatMap(([taskType, ofType]) =>
    TEMPORAL.windows.flatMap(({ days, weight }) =>
      [true, false].map((organic) => ({
        weight: weight * (ownValue(options.typeWeights ?? {}, taskType) ?? 1) * originShare(ofType, organic),
        scores: poolScores(windowPool(ofType, days, organic)),
      })),
    ),
  );
  const miners = Object.fromEntries(results.map(({ id }) => [id, 0]));
  const total = mapValues(miners, (_, id) => sum(pools.map((pool) => pool.weight * (ownValue(pool.scores, id) ?? 0))));
  return { temporal: total, final: total };
}

/**
 * `original-2025-06`: the arithmetic of the open-source predecessor in June 2025. It has no base to beat and no scores
 * between windows and weights, so that `temporal` and `final` are the same vector. Losses come in as the task type
 * weighs them.
 */
export const originalPolicy: ScoringPolicy = Object.freeze({
  name: "original-2025-06",
  reasonedScores: originalScores,
  taskWeight: originalTaskWeight,
  minerScores: originalMinerScores,
});
