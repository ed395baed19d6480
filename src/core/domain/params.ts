/**
 * The only home of numbers that do not depend on a task type. Each names the equation or section it comes from.
 * Numbers that belong to one type (its share, pool, temperature, β …) live in that plugin's own params.
 */

/** Eq 1 and spec section 2: which synthetic tasks are created, and how many. */
export const TASK_MIX = Object.freeze({
  /** Synthetic tasks fill in only below this many active tasks. */
  maxActive: 25,
  /** Tasks created in this window count as demand. */
  demandWindowHours: 24,
});

/** Eq 2 and spec section 3: who is asked to train. */
export const SELECTION = Object.freeze({
  /** α: weight of a miner that was not assigned to any task yet today (UTC). */
  firstTodayWeight: 2,
  /** γ: least weight of a miner that was. */
  minimumWeight: 0.01,
  /** λ: how much likelier the first rank is drawn than the limit of the last. */
  topMultiplier: 3,
  /** s_i is the mean taskScore over tasks scored in this window. */
  averageWindowDays: 7,
});

/** Spec section 3 and paper 3.7: offers, delays. All are defaults of operator settings. */
export const RECRUITMENT = Object.freeze({
  offerWindowSeconds: 10,
  backOffSeconds: 900,
  maxDelays: 6,
  /** c: seconds that each delay adds to the time budget. */
  delayStepSeconds: 900,
});

/** Spec section 4, paper 3.3: sizes of the splits. */
export const DATASET = Object.freeze({
  /** ρ_test */
  testFraction: 0.1,
  /** κ_test */
  testCap: 1000,
  /** ρ_synth */
  synthFraction: 1,
  /** κ_synth */
  synthCap: 300,
  /** Distinct rows that must be left besides TEST. */
  minimumTrainGroups: 2,
  /** Default of the operator's minimum of distinct rows. */
  minimumRows: 200,
});

/** Eq 3 and 4, spec section 5: hours for text tasks by number of rows; each bin starts at `fromRows` and is half-open. */
export const TIME_BUDGET = Object.freeze({
  textBins: Object.freeze([
    Object.freeze({ fromRows: 0, minHours: 1, maxHours: 3 }),
    Object.freeze({ fromRows: 10_000, minHours: 3, maxHours: 6 }),
    Object.freeze({ fromRows: 25_000, minHours: 4, maxHours: 8 }),
    Object.freeze({ fromRows: 50_000, minHours: 5, maxHours: 9 }),
    Object.freeze({ fromRows: 100_000, minHours: 7, maxHours: 10 }),
  ]),
});

/** Eq 5 to 8, spec section 6: how losses are put together. */
export const LOSSES = Object.freeze({
  /** ω: share of the test loss in the weighted loss of text types. */
  textTestShare: 0.7,
  /** δ: share of the captioned loss in the loss of image types. */
  imageTextShare: 0.25,
  /** Below this |L_base| a relative improvement means nothing. */
  improvementNullBelow: 1e-12,
});

/** Spec section 1: what evaluation bears before it asks for an operator. */
export const EVALUATION = Object.freeze({
  /** After this many infrastructure failures the task is marked as blocked. */
  maxInfrastructureFailures: 3,
});

/** Eq 9 and 10, spec section 7: thresholds of the built-in rules. */
export const ANTI_GAMING = Object.freeze({
  /** ε of eq 9. */
  duplicateEpsilon: 1e-6,
  /** α of eq 10, in standard deviations of the field's test losses. */
  gapDeviations: 0.5,
  /** Standard errors of a submission's own gap that it must exceed as well. */
  gapStandardErrors: 2,
  /** Least submissions for a standard deviation to speak. */
  gapMinimumField: 3,
  /** If more than this share would be flagged, the gap is the data's. */
  gapSharedFraction: 0.5,
  /** Standard deviations by which organic means may exceed synthetic-task means. */
  originDeviations: 0.5,
  originWindowDays: 7,
});

/** Eq 11, spec section 8: scores within one task. */
export const TASK_SCORE = Object.freeze({
  /** S_first */
  first: 3,
  /** S_penalty */
  penalty: -1,
  /** ρ_penalty: the share of the ranked field that is penalised. */
  penaltyFraction: 0.25,
});

/** Eq 12: what a task counts. */
export const TASK_WEIGHT = Object.freeze({ minimum: 1, factor: 2 });

/** Eq 13: nested windows in days with their weights ω_w. */
export const TEMPORAL = Object.freeze({
  windows: Object.freeze([
    Object.freeze({ days: 1, weight: 0.3 } as const),
    Object.freeze({ days: 3, weight: 0.3 } as const),
    Object.freeze({ days: 7, weight: 0.4 } as const),
  ] as const),
});

/** Eq 14 and 15: from the temporal to the final score. */
export const FINAL_SCORE = Object.freeze({
  /** β */
  sigmoidWeight: 0.7,
  /** ω */
  linearWeight: 0.05,
  /** γ */
  steepness: 9,
  /** μ */
  shift: 0.5,
  /** ν */
  power: 0.75,
});

/** Spec section 8: weight sets are published as integers that sum to this. */
export const WEIGHT_SET = Object.freeze({ integerScale: 1_000_000_000 });

/** Spec section 8, last paragraph: what the policy `original-2025-06` does differently. */
export const ORIGINAL_POLICY = Object.freeze({
  /** The bottom of the field is penalised only above this many valid submissions. */
  penaltyAboveValid: 8,
  /** At least this many are penalised then. */
  minimumPenalised: 1,
  /** Billions of parameters are floored to a whole number and clamped to this range. */
  minimumBillions: 1,
  maximumBillions: 40,
  /** Scores from here on count towards quality, and negative ones. */
  countedFrom: 1,
});

/** Spec section 9: what a miner may do within one assignment. */
export const SUBMISSION = Object.freeze({ maxSeals: 5 });

/** Spec section 1: held work is taken over after this many missed heartbeats. */
export const LEASE = Object.freeze({ takeoverHeartbeats: 2 });

/** What a GPU's memory must hold of a base model at least: its weights in half precision, and a quarter of that to work with. */
export const DEVICES = Object.freeze({ bytesPerParameter: 2.5 });

/** Spec section 10: bounds of the public API. */
export const API = Object.freeze({ maxPageSize: 100, idempotencyHours: 24 });
