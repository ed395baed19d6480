import { z } from "zod";

/** What a task says about its preference loss. */
export const preferenceOptions = z.strictObject({
  beta: z.number().positive(),
  maxLength: z.number().int().min(2),
  maxPromptLength: z.number().int().min(1),
});

export type PreferenceOptions = z.infer<typeof preferenceOptions>;
