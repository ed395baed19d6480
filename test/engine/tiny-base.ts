import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLlamaConfig, initWeights, type LlamaConfig, saveModel } from "../../evaluators/embedded/engine/index.ts";

const SPECIALS = ["<pad>", "<s>", "</s>"];

/** The printable stand-in of every byte in a byte-level vocabulary (GPT-2's table). */
function byteCharacters(): readonly string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

function writeTokenizer(folder: string, addBos: boolean): void {
  const vocab = Object.fromEntries([...SPECIALS, ...byteCharacters()].map((token, id) => [token, id]));
  const added = SPECIALS.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: "BPE", vocab, merges: [] },
  };
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: "<s>",
    eos_token: "</s>",
    pad_token: "<pad>",
    add_bos_token: addBos,
  };
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(config));
}

export const tinyConfig: LlamaConfig = createLlamaConfig({
  vocab_size: 260,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 48,
});

/** Writes a random base model whose tokens are bytes (id = byte + 3 for ASCII) into a folder. */
export function writeTinyBase(folder: string, { addBos = true, seed = 1 } = {}): void {
  mkdirSync(folder, { recursive: true });
  saveModel(folder, { config: tinyConfig, weights: initWeights(tinyConfig, seed) }, folder);
  writeTokenizer(folder, addBos);
}

/** A folder of its own that disappears with the scope. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "gradients-engine-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** One rendered row a line. */
export function toJsonLines(rows: readonly (readonly [prompt: string, completion: string])[]): string {
  const lines = rows.map(([prompt, completion]) =>
    JSON.stringify({
      segments: [
        { text: prompt, counts: false },
        { text: completion, counts: true },
      ],
    }),
  );
  return `${lines.join("\n")}\n`;
}
