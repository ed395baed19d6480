import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";

export const length = defineReward({
  id: "length",
  version: 1,
  description: "1 where the completion is neither too short nor too long; falls to 0 over `slack` units outside.",
  range: { min: 0, max: 1 },
  params: z
    .strictObject({
      unit: z.enum(["characters", "words"]).default("words"),
      min: z.number().nonnegative().default(1),
      max: z.number().nonnegative(),
      slack: z.number().nonnegative().default(0),
    })
    .refine(({ min, max }) => min <= max, { path: ["max"], error: "must not be below min" }),
  source: String.raw`
function measure(text, unit) {
  if (unit === "characters") return Array.from(text).length;
  return (text.match(/\S+/g) || []).length;
}

function reward({ completions, params: { unit, min, max, slack } }) {
  return completions.map((text) => {
    const size = measure(text, unit);
    const outside = Math.max(min - size, size - max, 0);
    if (outside === 0) return 1;
    return outside < slack ? 1 - outside / slack : 0;
  });
}
`,
});
