import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";

const tag = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "must be a tag's name");

export const format = defineReward({
  id: "format",
  version: 1,
  description: "Share of the tags that the completion has in this order, each opened and closed once.",
  range: { min: 0, max: 1 },
  params: z.strictObject({ tags: z.array(tag).min(1).max(16) }),
  source: String.raw`
function share(text, tags) {
  let position = 0;
  let found = 0;
  for (const tag of tags) {
    const [open, close] = ["<" + tag + ">", "</" + tag + ">"];
    const start = text.indexOf(open);
    const end = text.indexOf(close);
    const once = start === text.lastIndexOf(open) && end === text.lastIndexOf(close);
    if (!once || start < position || end < start) continue;
    position = end + close.length;
    found += 1;
  }
  return found / tags.length;
}

function reward({ completions, params }) {
  return completions.map((text) => share(text, params.tags));
}
`,
});
