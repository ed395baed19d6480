import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";
import { column } from "./column.ts";

export const exactAnswer = defineReward({
  id: "exact-answer",
  version: 1,
  description: "1 where the completion is the answer, white space and a final full stop aside; else 0.",
  range: { min: 0, max: 1 },
  params: z.strictObject({ column, ignoreCase: z.boolean().default(false) }),
  source: String.raw`
function plain(text, ignoreCase) {
  const words = text.replace(/\s+/g, " ").trim().replace(/ ?\.$/, "");
  return ignoreCase ? words.toLowerCase() : words;
}

function reward({ completions, row, params }) {
  const answer = plain(row[params.column], params.ignoreCase);
  return completions.map((text) => (plain(text, params.ignoreCase) === answer ? 1 : 0));
}
`,
});
