import { z } from "zod";
import type { Example } from "./batch.ts";
import { readJsonLines } from "./json-lines.ts";
import type { LlamaConfig } from "./llama-config.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A piece of text that is tokenised on its own. */
export const segmentSchema = z.strictObject({ text: z.string(), counts: z.boolean() });

export type Segment = z.infer<typeof segmentSchema>;

const rowSchema = z.object({ segments: z.array(segmentSchema).min(1) });

/** A rendered row: texts, and whether their tokens count towards the loss. */
export type RenderedRow = z.infer<typeof rowSchema>;

/** The rows of a JSON-lines file; the error names the first bad line. */
export function readRows(path: string): readonly RenderedRow[] {
  return readJsonLines(path, rowSchema);
}

export interface TokenRules {
  readonly tokenizer: Tokenizer;
  readonly config: LlamaConfig;
  /** Longest token sequence, BOS and EOS included. */
  readonly contextLength: number;
}

/** The BOS token if the tokenizer's config asks for it, else nothing. */
export function startTokens({ tokenizer, config }: Pick<TokenRules, "tokenizer" | "config">): readonly number[] {
  return tokenizer.addsBos && typeof config.bos_token_id === "number" ? [config.bos_token_id] : [];
}

/** The tokens of segments, each tokenised on its own, without BOS and EOS. */
export function encodeSegments(segments: readonly Segment[], tokenizer: Tokenizer): Example {
  const ids: number[] = [];
  const counts: boolean[] = [];
  for (const { text, counts: counted } of segments) {
    for (const id of tokenizer.encode(text)) {
      ids.push(id);
      counts.push(counted);
    }
  }
  return { ids, counts };
}

/**
 * Tokenises a row: BOS if the tokenizer's config asks for it, each segment on its own, EOS (counted).
 *
 * A row that is too long loses tokens from the left of the part in front of the first counted token (never the BOS),
 * then from its right end. The first token of a sequence is never predicted, so it never counts.
 */
export function toExample(row: RenderedRow, rules: TokenRules): Example {
  const { config, contextLength } = rules;
  const bos = startTokens(rules);
  const encoded = encodeSegments(row.segments, rules.tokenizer);
  const ids = [...encoded.ids, config.eos_token_id];
  const counts = [...encoded.counts, true];

  const excess = Math.max(0, bos.length + ids.length - contextLength);
  const cut = Math.min(excess, counts.indexOf(true));
  const room = Math.max(0, contextLength - bos.length);
  const kept = [...bos.map(() => false), ...counts.slice(cut, cut + room)];
  if (kept.length > 0) kept[0] = false;
  return { ids: [...bos, ...ids.slice(cut, cut + room)], counts: kept };
}
