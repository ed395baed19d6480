import { z } from "zod";

/** Sums of weights and of rounded numbers may miss the ends by a little. */
const ROUNDING = 1e-6;

const share = z
  .number()
  .min(-ROUNDING)
  .max(1 + ROUNDING);

const score = {
  /** reward − β·kl: higher is better. */
  score: z.number(),
  /** Weighted mean of the scaled rewards. */
  reward: share,
  /** Divergence from the base, nats per token; the estimator is never negative, but for rounding. */
  kl: z.number().min(-ROUNDING),
  /** Mean of each function's scaled reward. */
  rewards: z.array(share).min(1).max(16),
};

const setOutput = z
  .strictObject({
    /** In the order of the set's file: means over the prompt's completions. */
    rows: z.array(z.strictObject(score)).min(1).max(100_000),
    ...score,
    /** sha256 of the completions' token ids. */
    completions: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .superRefine((set, context) => {
    const requireNear = (path: readonly PropertyKey[], found: number, expected: number) => {
      if (Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected))) return;
      const message = `must be what the rows amount to, ${expected}`;
      context.addIssue({ code: "custom", path: [...path], message });
    };
    for (const name of ["score", "reward", "kl"] as const)
      requireNear([name], set[name], mean(set.rows.map((row) => row[name])));
    for (const [index, found] of set.rewards.entries())
      requireNear(["rewards", index], found, mean(set.rows.map((row) => row.rewards[index] ?? Infinity)));
    for (const [index, row] of set.rows.entries()) {
      if (row.rewards.length !== set.rewards.length) {
        const message = `must have ${set.rewards.length} numbers, found ${row.rewards.length}`;
        context.addIssue({ code: "custom", path: ["rows", index, "rewards"], message });
      }
      if (row.score > row.reward + ROUNDING) {
        const message = "must not exceed the reward: divergence only takes away";
        context.addIssue({ code: "custom", path: ["rows", index, "score"], message });
      }
    }
  });

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;

/**
 * What an evaluator answers for one model under the objective policy-reward (docs/evaluator-protocol.md). NaN, infinity,
 * missing and extra fields are refused, and numbers that the rows do not amount to.
 */
export const grpoOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput, synth: setOutput.optional() }),
  durationMs: z.number().nonnegative(),
});

export type GrpoOutput = z.output<typeof grpoOutput>;
