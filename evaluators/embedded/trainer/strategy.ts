import { z } from "zod";
import { LINEAR_MODULES } from "../engine/index.ts";

const positiveInteger = z.number().int().positive();

const shared = {
  learningRate: z.number().positive().max(1),
  /** Rows per step. */
  batchSize: positiveInteger.max(1024),
  /** The budget: results must not depend on how fast the machine is. 0 leaves the base as it is. */
  steps: z.number().int().nonnegative().max(1_000_000),
  schedule: z.enum(["constant", "linear", "cosine"]).default("cosine"),
  warmup: z.number().int().nonnegative().default(0),
  weightDecay: z.number().nonnegative().max(1).default(0.01),
  /** Decides the order of the rows and the adapter's start. */
  seed: z.number().int().nonnegative().max(0xffffffff),
};

const full = z.strictObject({ method: z.literal("full"), ...shared });

const lora = z.strictObject({
  method: z.literal("lora"),
  rank: positiveInteger.max(1024),
  alpha: z.number().positive(),
  targets: z
    .array(z.enum(LINEAR_MODULES))
    .min(1)
    .default([...LINEAR_MODULES]),
  ...shared,
});

/** How a miner trains: a small plain object. */
export const strategySchema = z.discriminatedUnion("method", [full, lora]);

export type Strategy = z.infer<typeof strategySchema>;
