import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { z } from "zod";

const json = z.record(z.string(), z.unknown());
const specialTokens = z.object({ add_bos_token: z.boolean().optional() });

export interface Tokenizer {
  /** Token ids of one text, without any special token. */
  encode(text: string): number[];
  /** The text without special tokens, every space as it was. */
  decode(ids: readonly number[]): string;
  /** Whether tokenizer_config.json wants a BOS token in front of a text. */
  readonly addsBos: boolean;
}

/** The tokenizer of a Hugging Face model folder: tokenizer.json and tokenizer_config.json. */
export function loadTokenizer(folder: string): Tokenizer {
  const read = (name: string): Record<string, unknown> =>
    json.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  const config = read("tokenizer_config.json");
  const tokenizer = new HuggingFaceTokenizer(read("tokenizer.json"), config);
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    // The library refuses to decode nothing.
    decode: (ids) =>
      ids.length === 0
        ? ""
        : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    addsBos: specialTokens.parse(config).add_bos_token ?? false,
  };
}
