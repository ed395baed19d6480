import type { JsonObject } from "../../../contract/index.ts";

type Config = Readonly<Record<string, unknown>>;

/**
 * Keys of config.json that change what the weights compute, with what a missing one means. Others (how it was saved,
 * token ids, dropout) are the base's or play no part in an evaluation.
 */
const ARCHITECTURE: Readonly<Record<string, (config: Config) => unknown>> = {
  model_type: () => undefined,
  architectures: () => undefined,
  vocab_size: () => undefined,
  hidden_size: () => undefined,
  intermediate_size: () => undefined,
  num_hidden_layers: () => undefined,
  num_attention_heads: () => undefined,
  num_key_value_heads: (config) => config["num_attention_heads"],
  head_dim: (config) => Number(config["hidden_size"]) / Number(config["num_attention_heads"]),
  hidden_act: () => "silu",
  rms_norm_eps: () => 1e-6,
  rope_theta: () => 10_000,
  rope_scaling: () => null,
  sliding_window: () => null,
  tie_word_embeddings: () => false,
  attention_bias: () => false,
  mlp_bias: () => false,
  quantization_config: () => null,
};

/** What differs between a model's config and its base's, as a sentence; null where they compute the same. */
export function architectureDifference(config: Config, base: JsonObject): string | null {
  for (const [key, missing] of Object.entries(ARCHITECTURE)) {
    const found = JSON.stringify(config[key] ?? missing(config)) ?? "nothing";
    const expected = JSON.stringify(base[key] ?? missing(base)) ?? "nothing";
    if (found !== expected)
      return `expected ${key} in config.json to be ${expected} as in the base, found ${found.slice(0, 100)}`;
  }
  return null;
}
