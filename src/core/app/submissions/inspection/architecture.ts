import type { JsonObject } from "../../../contract/index.ts";
import { rotaryDifference } from "./rotary-embedding.ts";

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
  sliding_window: () => null,
  attention_bias: () => false,
  mlp_bias: () => false,
  quantization_config: () => null,
};

/** Keys that say how long a text may be: the base's length is used, and a model must not claim a longer one. */
const CONTEXT = ["max_position_embeddings", "n_positions", "max_sequence_length", "seq_length", "n_ctx"];

/** Keys that may differ though the base has them: how it was saved, what only generation or training uses. */
const NO_MATTER: ReadonlySet<string> = new Set([
  ...CONTEXT,
  // Compared in all of their spellings.
  "rope_theta",
  "rope_scaling",
  "rope_parameters",
  "_name_or_path",
  // A pipeline's base has its pipeline's; the evaluator asks for the module's.
  "_class_name",
  "_diffusers_version",
  "transformers_version",
  "torch_dtype",
  "dtype",
  "use_cache",
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
  "attention_dropout",
  "hidden_dropout",
  "initializer_range",
  "pretraining_tp",
  "_attn_implementation_autoset",
  "output_attentions",
  "output_hidden_states",
  "return_dict",
  "id2label",
  "label2id",
  "task_specific_params",
]);

/** What differs between a model's config and its base's, as a sentence; null where they compute the same. */
export function architectureDifference(config: Config, base: JsonObject): string | null {
  for (const [key, missing] of Object.entries(ARCHITECTURE)) {
    const found = JSON.stringify(stated(config, key) ?? missing(config)) ?? "nothing";
    const expected = JSON.stringify(stated(base, key) ?? missing(base)) ?? "nothing";
    if (found !== expected) return differs(key, expected, found);
  }
  const rotary = rotaryDifference(config, base);
  if (rotary) return differs(rotary.key, JSON.stringify(rotary.expected), JSON.stringify(rotary.found));
  for (const [key, value] of Object.entries(base)) {
    if (key in ARCHITECTURE || NO_MATTER.has(key) || config[key] === undefined) continue;
    const [expected, found] = [JSON.stringify(value), JSON.stringify(config[key])];
    if (found !== expected) return differs(key, expected, found);
  }
  const longer = CONTEXT.find((key) => !isAtMost(config[key] ?? 0, base[key]));
  return longer === undefined
    ? null
    : `expected ${longer} in config.json to be at most ${JSON.stringify(base[longer])} as in the base, found ${JSON.stringify(config[longer])?.slice(0, 100)}`;
}

const isAtMost = (length: unknown, most: unknown): boolean =>
  most === undefined || most === null || (typeof length === "number" && length <= Number(most));

/** Some families state a window that they don't use; newer versions of transformers leave it out then. */
const stated = (config: Config, key: string): unknown =>
  key === "sliding_window" && config["use_sliding_window"] === false ? null : config[key];

const differs = (key: string, expected: string, found: string): string =>
  `expected ${key} in config.json to be ${expected} as in the base, found ${found.slice(0, 100)}`;
