import { createHash } from "node:crypto";
import { z } from "zod";

const rewardFunction = z
  .strictObject({
    id: z.string().min(1),
    version: z.number().int().positive(),
    /** Its share of the reward. */
    weight: z.number().min(0).max(1),
    /** The function promises numbers between these; they are scaled to 0..1. */
    range: z.strictObject({ min: z.number(), max: z.number() }),
    /** JavaScript that defines `reward({prompt, completions, row, params})`, which returns a number per completion. */
    source: z.string().min(1),
    sha256: z.string(),
    params: z.record(z.string(), z.json()),
  })
  .refine(({ range }) => range.min < range.max, { path: ["range"], error: "needs min < max" })
  .refine(({ source, sha256 }) => createHash("sha256").update(source).digest("hex") === sha256, {
    path: ["sha256"],
    error: "is not the sha256 of the source",
  });

/** What a task says about its rewards and about sampling. */
export const policyRewardOptions = z.strictObject({
  /** How much the distance from the base weighs. */
  beta: z.number().nonnegative(),
  /** Completions per prompt. */
  completions: z.number().int().min(1).max(64),
  /** Longest completion in tokens, its end included. */
  maxNewTokens: z.number().int().min(1),
  temperature: z.number().positive(),
  rewards: z
    .array(rewardFunction)
    .min(1)
    .max(16)
    .refine((all) => Math.abs(all.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9, "weights must sum to 1"),
});

export type PolicyRewardOptions = z.infer<typeof policyRewardOptions>;
export type RewardFunction = z.infer<typeof rewardFunction>;
