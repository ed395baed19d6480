import { z } from "zod";
import type { Example, Segment, TokenRules } from "../../engine/index.ts";
import { encodeSegments, readJsonLines, segmentSchema, startTokens } from "../../engine/index.ts";

const prompt = z.array(segmentSchema.extend({ counts: z.literal(false) }));
const completion = z.array(segmentSchema).min(1);
const rowSchema = z.object({ prompt, chosen: completion, rejected: completion });

/** A rendered row: one prompt, whose tokens never count, and two completions of it. */
export type PreferenceRow = z.infer<typeof rowSchema>;

/** A row as two token sequences with the same prompt. */
export interface Pair {
  readonly chosen: Example;
  readonly rejected: Example;
}

export interface PairRules extends TokenRules {
  /** Longest sequence, BOS and EOS included; `contextLength` where that is smaller. */
  readonly maxLength: number;
  /** Most tokens of the prompt that are kept, BOS not included. */
  readonly maxPromptLength: number;
}

/** The pairs of a JSON-lines file. @throws {Error} naming the first bad line, or a pair without a counted token. */
export function readPairs(file: string, rules: PairRules): readonly Pair[] {
  const pairs = readJsonLines(file, rowSchema).map((row) => toPair(row, rules));
  const empty = pairs.findIndex((pair) => [pair.chosen, pair.rejected].some(({ counts }) => !counts.includes(true)));
  if (empty >= 0) throw new Error(`Row ${empty + 1} has a completion without a counted token.`);
  return pairs;
}

/**
 * Tokenises a row: BOS if the tokenizer's config asks for it, each segment on its own, EOS (counted).
 *
 * Both sequences keep the same prompt: its end, at most `maxPromptLength` tokens, and no more than what the longer
 * completion leaves of `maxLength` or half of it, whichever is more. Completions keep their start, EOS goes first.
 */
export function toPair(row: PreferenceRow, rules: PairRules): Pair {
  const bos = startTokens(rules);
  const maxLength = Math.min(rules.maxLength, rules.contextLength);
  const asked = encodeSegments(row.prompt, rules.tokenizer).ids;
  const [chosen, rejected] = [complete(row.chosen, rules), complete(row.rejected, rules)];
  const longest = Math.max(chosen.ids.length, rejected.ids.length);
  const room = Math.max(maxLength - longest, Math.floor(maxLength / 2)) - bos.length;
  const kept = Math.max(0, Math.min(asked.length, rules.maxPromptLength, room));
  const start = [...bos, ...asked.slice(asked.length - kept)];
  const join = ({ ids, counts }: Example): Example => {
    const sequence = [...start, ...ids].slice(0, maxLength);
    // Nothing predicts the first token of a sequence, so it can't count.
    const counted = sequence.map((_, position) => position > 0 && counts[position - start.length] === true);
    return { ids: sequence, counts: counted };
  };
  return { chosen: join(chosen), rejected: join(rejected) };
}

function complete(segments: readonly Segment[], { tokenizer, config }: TokenRules): Example {
  const { ids, counts } = encodeSegments(segments, tokenizer);
  return { ids: [...ids, config.eos_token_id], counts: [...counts, true] };
}
