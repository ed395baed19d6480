import { z } from "zod";

/** What a task says about its reconstruction loss. */
export const denoiseOptions = z.strictObject({
  /** Noise levels from which images are reconstructed; the loss is the mean over them. */
  strengths: z.array(z.number().gt(0).max(1)).min(1).max(20),
  /** Draws of noise for each image and noise level (S). */
  seeds: z.number().int().min(1).max(100),
  /** Euler steps of a whole path: strength s takes max(1, round(s·steps)). */
  steps: z.number().int().min(1).max(1000),
  /** Both sides of an image are cut down to a multiple of this many pixels; the base's patch where that is larger. */
  sideMultiple: z.number().int().min(1).max(1024).default(1),
  /** Rows whose images are answered too: original, noisy input and reconstruction. */
  samples: z.number().int().min(0).max(64).default(0),
});

export type DenoiseOptions = z.infer<typeof denoiseOptions>;
