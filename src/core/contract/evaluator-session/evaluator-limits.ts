import { z } from "zod";

const MiB = 1024 * 1024;
const bytes = (fallback: number) => z.int().positive().default(fallback);

/** How much an evaluator program may say, in bytes: the part of a runner's options that all runners have in common. */
export const evaluatorLimits = z.object({
  maxLineBytes: bytes(64 * MiB),
  /** Of all that the program prints while it works on one request. */
  maxRequestBytes: bytes(96 * MiB),
  /** Of all that the program writes to its log while it works on one request. */
  maxLogBytes: bytes(64 * MiB),
  logTailBytes: bytes(16_384),
});

export type EvaluatorLimits = Readonly<z.output<typeof evaluatorLimits>>;
