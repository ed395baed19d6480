import type { z } from "zod";

/**
 * A verifiable reward that comes with the platform. A changed source is a new version: tasks name theirs.
 *
 * The source is a script for the evaluator's sandbox. It defines `reward({ prompt, completions, row, params })`, which
 * returns one number for each completion.
 */
export interface BuiltinReward {
  readonly id: string;
  readonly version: number;
  readonly description: string;
  readonly range: { readonly min: number; readonly max: number };
  readonly params: z.ZodObject;
  readonly source: string;
}

/** Freezes the description of a built-in reward. */
export const defineReward = (description: BuiltinReward): BuiltinReward => Object.freeze(description);
