import { z } from "zod";
import type { TokenRules } from "../../engine/index.ts";
import { encodeSegments, readJsonLines, segmentSchema, startTokens } from "../../engine/index.ts";

const rowSchema = z.object({
  prompt: z.array(segmentSchema.extend({ counts: z.literal(false) })).min(1),
  /** What reward functions may read, by name. */
  row: z.record(z.string(), z.string()),
});

/** A prompt as token ids, with all that its completions are rewarded by. */
export interface Prompt {
  readonly ids: readonly number[];
  readonly text: string;
  /** The row's texts, by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The prompts of a JSON-lines file: BOS if the tokenizer's config asks for it, each segment on its own. A prompt keeps
 * its end, and at most what `maxNewTokens` leaves of the context, or half of the context, whichever is more.
 *
 * @throws {Error} naming the first bad line, or a prompt without a token.
 */
export function readPrompts(file: string, rules: TokenRules, maxNewTokens: number): readonly Prompt[] {
  const bos = startTokens(rules);
  const longest = Math.max(rules.contextLength - maxNewTokens, Math.floor(rules.contextLength / 2));
  const prompts = readJsonLines(file, rowSchema).map(({ prompt, row }) => {
    const { ids } = encodeSegments(prompt, rules.tokenizer);
    const kept = Math.max(0, Math.min(ids.length, longest - bos.length));
    const text = prompt.map((segment) => segment.text).join("");
    return { ids: [...bos, ...ids.slice(ids.length - kept)], text, fields: row };
  });
  const empty = prompts.findIndex(({ ids }) => ids.length === 0);
  if (empty >= 0) throw new Error(`Row ${empty + 1} has a prompt without a token.`);
  return prompts;
}
