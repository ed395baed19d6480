import { z } from "zod";
import { pngProblem } from "./png.ts";

/** A mean squared error of pixels in [0, 1]. */
const error = z.number().min(0).max(1);

const LARGEST_SAMPLE = 512;

/** A small picture: evaluators scale what they show down. */
const sample = z
  .base64()
  .max(4 * LARGEST_SAMPLE * LARGEST_SAMPLE)
  .superRefine((text, context) => {
    const bytes = Buffer.from(text, "base64");
    const problem = pngProblem(bytes);
    const tooLarge = problem === null && Math.max(bytes.readUInt32BE(16), bytes.readUInt32BE(20)) > LARGEST_SAMPLE;
    const message = tooLarge ? `must have sides of at most ${LARGEST_SAMPLE} pixels` : problem;
    if (message !== null) context.addIssue({ code: "custom", message });
  });

const setOutput = z
  .strictObject({
    /** In the order of the set's file: means over noise levels and draws. */
    rows: z
      .array(z.strictObject({ text: error, noText: error }))
      .min(1)
      .max(100_000),
    /** Means over rows. */
    text: error,
    noText: error,
    /** Means over rows and draws for each noise level. */
    strengths: z
      .array(z.strictObject({ strength: z.number().gt(0).max(1), text: error, noText: error }))
      .min(1)
      .max(20),
    /** Some rows' images: the original, one noisy input and what the model made of it. */
    samples: z
      .array(
        z.strictObject({ row: z.int().nonnegative(), original: sample, noisy: sample, text: sample, noText: sample }),
      )
      .max(64),
  })
  .superRefine((set, context) => {
    for (const part of ["text", "noText"] as const) {
      for (const [name, values] of [
        ["rows", set.rows],
        ["strengths", set.strengths],
      ] as const) {
        const expected = mean(values.map((value) => value[part]));
        if (Math.abs(set[part] - expected) <= 1e-9) continue;
        context.addIssue({ code: "custom", path: [part], message: `must be the mean over ${name}, ${expected}` });
      }
    }
  });

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;

/**
 * What an evaluator answers for one model under the objective denoise (docs/evaluator-protocol.md). NaN, infinity,
 * missing and extra fields are refused, and means that the rows do not amount to.
 */
export const imageOutput = z.strictObject({
  sets: z.strictObject({ test: setOutput }),
  durationMs: z.number().nonnegative(),
});

export type ImageOutput = z.output<typeof imageOutput>;
export type ImageSample = ImageOutput["sets"]["test"]["samples"][number];
