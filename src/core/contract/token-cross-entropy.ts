import { z } from "zod";
import type { Losses, MetricDescriptor } from "./task-type.ts";

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
export const tokenCrossEntropyOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput, synth: setOutput.optional() }),
  durationMs: z.number().nonnegative(),
});

export type TokenCrossEntropyOutput = z.output<typeof tokenCrossEntropyOutput>;

/** Token cross-entropy in nats on TEST and, where the task has it, on SYNTH. */
export function tokenCrossEntropyLosses({ sets: { test, synth } }: TokenCrossEntropyOutput): Losses {
  return {
    testLoss: test.loss,
    synthLoss: synth?.loss ?? null,
    components: synth ? { test: test.loss, synth: synth.loss } : { test: test.loss },
    rowLosses: { test: test.rows.map((row) => row.loss), synth: synth?.rows.map((row) => row.loss) ?? null },
    metrics: { testTokenLoss: test.tokenLoss, ...(synth ? { synthTokenLoss: synth.tokenLoss } : {}) },
  };
}

/** The metrics that `tokenCrossEntropyLosses` reports. */
export const tokenCrossEntropyMetrics: readonly MetricDescriptor[] = Object.freeze(
  (["TEST", "SYNTH"] as const).map((set) => ({
    name: `${set.toLowerCase()}TokenLoss`,
    direction: "lower" as const,
    unit: "nats/token",
    description: `Mean over all counted ${set} tokens.`,
  })),
);
