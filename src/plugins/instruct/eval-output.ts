import { z } from "zod";

/** Cross-entropy is never negative, but for the rounding of a float32 softmax. */
const loss = z.number().min(-1e-6);

/** Losses of one set of rows, in nats (docs/evaluator-protocol.md, objective token-cross-entropy). */
const setOutput = z
  .strictObject({
    /** Mean over rows of the mean over the row's counted tokens. */
    loss,
    /** Mean over all counted tokens. */
    tokenLoss: loss,
    /** Counted tokens of all rows. */
    tokens: z.int().positive(),
    rowLosses: z.array(loss).min(1).max(100_000),
    rowTokens: z.array(z.int().positive()).min(1).max(100_000),
  })
  .superRefine((set, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (set.rowTokens.length !== set.rowLosses.length) {
      refuse("rowTokens", `must have one entry for each of the ${set.rowLosses.length} row losses`);
      return;
    }
    const tokens = set.rowTokens.reduce((sum, count) => sum + count, 0);
    if (tokens !== set.tokens) refuse("tokens", `must be the sum of rowTokens, ${tokens}`);
    const rowMean = set.rowLosses.reduce((sum, value) => sum + value, 0) / set.rowLosses.length;
    if (!near(set.loss, rowMean)) refuse("loss", `must be the mean of rowLosses, ${rowMean}`);
    const total = set.rowLosses.reduce((sum, value, index) => sum + value * (set.rowTokens[index] ?? 0), 0);
    if (!near(set.tokenLoss, total / tokens)) refuse("tokenLoss", `must be the mean over tokens, ${total / tokens}`);
  });

/** Evaluators may sum in another order: what is left is rounding, far below the tolerance of losses. */
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/** What an evaluator prints for one model; zod refuses NaN, infinity, missing and extra fields. */
export const instructOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput, synth: setOutput.optional() }),
});

export type InstructOutput = z.output<typeof instructOutput>;
