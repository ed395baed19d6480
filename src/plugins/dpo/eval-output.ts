import { z } from "zod";

/** −log σ of a finite number is never negative, but for rounding. */
const loss = z.number().min(-1e-6);

const pair = z
  .strictObject({
    loss,
    /** β·(log π − log π_ref) of each completion. */
    chosenReward: z.number(),
    rejectedReward: z.number(),
  })
  .superRefine(({ loss: found, chosenReward, rejectedReward }, context) => {
    requireNear(context, "loss", found, softplus(rejectedReward - chosenReward));
  });

const setOutput = z
  .strictObject({
    /** In the order of the set's file. */
    rows: z.array(pair).min(1).max(100_000),
    /** Mean over pairs. */
    loss,
    /** Share of the pairs whose chosen reward is the larger one; a tie counts one half. */
    accuracy: z.number().min(0).max(1),
    /** Mean of chosenReward − rejectedReward. */
    margin: z.number(),
  })
  .superRefine((set, context) => {
    const margins = set.rows.map((row) => row.chosenReward - row.rejectedReward);
    requireNear(context, "loss", set.loss, mean(set.rows.map((row) => row.loss)));
    requireNear(context, "accuracy", set.accuracy, mean(margins.map((margin) => (Math.sign(margin) + 1) / 2)));
    requireNear(context, "margin", set.margin, mean(margins));
  });

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Evaluators may sum in another order: what is left is rounding, far below the tolerance of losses. */
function requireNear(context: z.RefinementCtx, field: string, found: number, expected: number): void {
  if (Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected))) return;
  const message = `must be what the rest amounts to, ${expected}`;
  context.addIssue({ code: "custom", path: [field], message });
}

/**
 * What an evaluator answers for one model under the objective preference (docs/evaluator-protocol.md). NaN, infinity,
 * missing and extra fields are refused, and numbers that do not follow from the rewards.
 */
export const dpoOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput, synth: setOutput.optional() }),
  durationMs: z.number().nonnegative(),
});

export type DpoOutput = z.output<typeof dpoOutput>;
