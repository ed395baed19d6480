import type { Tokenizer } from "../engine/index.ts";
import type { DitConfig } from "./dit-config.ts";

/** Token ids of a caption: its first `text_length` tokens, padded on the right. The empty prompt is padding alone. */
export function encodeCaption(
  caption: string,
  tokenizer: Tokenizer,
  { text_length: length, pad_token_id: pad }: Pick<DitConfig, "text_length" | "pad_token_id">,
): readonly number[] {
  const ids = tokenizer.encode(caption).slice(0, length);
  return [...ids, ...Array.from({ length: length - ids.length }, () => pad)];
}
