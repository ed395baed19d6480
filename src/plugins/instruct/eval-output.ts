import { z } from "zod";

/** Nats. Cross-entropy is never negative, but for the rounding of a float32 softmax. */
const loss = z.number().min(-1e-6);

const setOutput = z
  .strictObject({
    /** In the order of the set's file: the mean over the row's counted tokens, and how many those are. */
    rows: z
      .array(z.strictObject({ loss, tokens: z.int().positive() }))
      .min(1)
      .max(100_000),
    /** Mean over rows. */
    loss,
    /** Mean over all counted tokens. */
    tokenLoss: loss,
  })
  .superRefine((set, context) => {
    const tokens = sum(set.rows.map((row) => row.tokens));
    const expected = {
      loss: sum(set.rows.map((row) => row.loss)) / set.rows.length,
      tokenLoss: sum(set.rows.map((row) => row.loss * row.tokens)) / tokens,
    };
    for (const name of ["loss", "tokenLoss"] as const) {
      if (near(set[name], expected[name])) continue;
      const message = `must be what the rows amount to, ${expected[name]}`;
      context.addIssue({ code: "custom", path: [name], message });
    }
  });

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Evaluators may sum in another order: what is left is rounding, far below the tolerance of losses. */
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/**
 * What an evaluator answers for one model under the objective token-cross-entropy (docs/evaluator-protocol.md). NaN,
 * infinity, missing and extra fields are refused, and sums that the rows do not amount to.
 */
export const instructOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput, synth: setOutput.optional() }),
  durationMs: z.number().nonnegative(),
});

export type InstructOutput = z.output<typeof instructOutput>;
