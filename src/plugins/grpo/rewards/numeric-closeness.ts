import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";
import { column } from "./column.ts";

export const numericCloseness = defineReward({
  id: "numeric-closeness",
  version: 1,
  description: "max(0, 1 − |number − answer| / scale) of a number in the completion; 0 where there is none.",
  range: { min: 0, max: 1 },
  params: z.strictObject({
    column,
    /** The error that is worth nothing. */
    scale: z.number().positive().default(10),
    /** Which number of the completion; `only`: the completion is a number, a final full stop aside. */
    take: z.enum(["first", "last", "only"]).default("last"),
  }),
  source: String.raw`
const NUMBER = /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

function numberIn(text, take) {
  const found = text.replace(/(\d),(?=\d{3}(?!\d))/g, "$1").match(NUMBER) || [];
  if (take !== "only") return Number(take === "first" ? found[0] : found[found.length - 1]);
  return text.trim().replace(/\.$/, "") === found[0] ? Number(found[0]) : NaN;
}

function reward({ completions, row, params }) {
  const answer = numberIn(row[params.column], "last");
  return completions.map((text) => {
    const error = Math.abs(numberIn(text, params.take) - answer);
    return error < params.scale ? 1 - error / params.scale : 0;
  });
}
`,
});
