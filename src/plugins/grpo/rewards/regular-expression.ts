import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";

export const regularExpression = defineReward({
  id: "regular-expression",
  version: 1,
  description: "1 where the completion matches; else 0.",
  range: { min: 0, max: 1 },
  params: z
    .strictObject({
      pattern: z.string().min(1).max(1000),
      flags: z
        .string()
        .regex(/^[imsu]*$/, "may have i, m, s and u")
        .default("u"),
      /** Whether the whole completion, without white space around it, must match. */
      whole: z.boolean().default(false),
    })
    .superRefine(({ pattern, flags }, context) => {
      try {
        // It is only compiled here: it runs in the sandbox, which ends one that never would.
        RegExp(pattern, flags);
      } catch (error) {
        const message = error instanceof Error ? error.message : "is no regular expression";
        context.addIssue({ code: "custom", path: ["pattern"], message });
      }
    }),
  source: String.raw`
function reward({ completions, params: { pattern, flags, whole } }) {
  const expression = new RegExp(whole ? "^(?:" + pattern + ")$" : pattern, flags);
  return completions.map((text) => (expression.test(whole ? text.trim() : text) ? 1 : 0));
}
`,
});
