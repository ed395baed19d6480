import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Example } from "./batch.ts";
import type { LlamaConfig } from "./llama-config.ts";
import type { Tokenizer } from "./tokenizer.ts";

const rowSchema = z.object({
  segments: z.array(z.strictObject({ text: z.string(), counts: z.boolean() })).min(1),
});

/** A rendered row: texts, and whether their tokens count towards the loss. */
export type RenderedRow = z.infer<typeof rowSchema>;

/** The rows of a JSON-lines file; the error names the first bad line. */
export function readRows(path: string): readonly RenderedRow[] {
  const lines = readFileSync(path, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, index) => {
    try {
      return rowSchema.parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`Line ${index + 1} is not a rendered row.`, { cause: error });
    }
  });
}

export interface TokenRules {
  readonly tokenizer: Tokenizer;
  readonly config: LlamaConfig;
  /** Longest token sequence, BOS and EOS included. */
  readonly contextLength: number;
}

/**
 * Tokenises a row: BOS if the tokenizer's config asks for it, each segment on its own, EOS (counted).
 *
 * A row that is too long loses tokens from the left of the part in front of the first counted token (never the BOS),
 * then from its right end. The first token of a sequence is never predicted, so it never counts.
 */
export function toExample(row: RenderedRow, { tokenizer, config, contextLength }: TokenRules): Example {
  const bos = tokenizer.addsBos && typeof config.bos_token_id === "number" ? [config.bos_token_id] : [];
  const ids: number[] = [];
  const counts: boolean[] = [];
  for (const { text, counts: counted } of row.segments) {
    for (const id of tokenizer.encode(text)) {
      ids.push(id);
      counts.push(counted);
    }
  }
  ids.push(config.eos_token_id);
  counts.push(true);

  const excess = Math.max(0, bos.length + ids.length - contextLength);
  const cut = Math.min(excess, counts.indexOf(true));
  const room = Math.max(0, contextLength - bos.length);
  const kept = [...bos.map(() => false), ...counts.slice(cut, cut + room)];
  if (kept.length > 0) kept[0] = false;
  return { ids: [...bos, ...ids.slice(cut, cut + room)], counts: kept };
}
