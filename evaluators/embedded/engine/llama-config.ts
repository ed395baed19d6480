import { z } from "zod";
import { ModelError } from "./model-error.ts";

const count = z.number().int().positive();

/** The part of a Hugging Face Llama config.json that the engine implements; other keys are kept and ignored. */
const schema = z.looseObject({
  architectures: z.tuple([z.literal("LlamaForCausalLM")]),
  model_type: z.literal("llama"),
  vocab_size: count,
  hidden_size: count.multipleOf(4),
  intermediate_size: count.multipleOf(4),
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  /** Where transformers 5 writes rope_theta; it reads it here first too. */
  rope_parameters: z
    .strictObject({ rope_type: z.literal("default").optional(), rope_theta: z.number().positive().optional() })
    .nullish(),
  hidden_act: z.literal("silu"),
  tie_word_embeddings: z.boolean(),
  attention_bias: z.literal(false).optional(),
  mlp_bias: z.literal(false).optional(),
  rope_scaling: z.null().optional(),
  head_dim: count.optional(),
  bos_token_id: z.number().int().nonnegative().nullish(),
  eos_token_id: z.number().int().nonnegative(),
  pad_token_id: z.number().int().nonnegative().nullish(),
});

export type LlamaConfig = Readonly<z.infer<typeof schema> & { rope_theta: number }>;

const malformed = (message: string): ModelError => new ModelError("WRONG_ARCHITECTURE", `config.json: ${message}`);

/** Checks a parsed config.json; whatever the engine cannot run exactly is WRONG_ARCHITECTURE. */
export function parseLlamaConfig(json: unknown): LlamaConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error));
  const ropeTheta = parsed.data.rope_parameters?.rope_theta ?? parsed.data.rope_theta;
  if (ropeTheta === undefined) throw malformed("rope_theta is missing, in rope_parameters too.");
  const config = { ...parsed.data, rope_theta: ropeTheta };
  const headSize = headSizeOf(config);
  if (headSize % 2 !== 0) throw malformed(`the head size ${headSize} must be even.`);
  if (config.head_dim !== undefined && config.head_dim !== headSize)
    throw malformed(`head_dim ${config.head_dim} must be hidden_size / num_attention_heads = ${headSize}.`);
  if (config.num_attention_heads % config.num_key_value_heads !== 0)
    throw malformed("num_attention_heads must be a multiple of num_key_value_heads.");
  return config;
}

/** The keys that change the arithmetic; the context length is not one of them, since a base's or a task's is used. */
const ARCHITECTURE_KEYS = [
  "vocab_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
  "num_key_value_heads",
  "rms_norm_eps",
  "rope_theta",
  "tie_word_embeddings",
] as const satisfies readonly (keyof LlamaConfig)[];

/** Refuses a config whose model would compute something else than the expected one's, with WRONG_ARCHITECTURE. */
export function checkSameArchitecture(config: LlamaConfig, expected: LlamaConfig): void {
  for (const key of ARCHITECTURE_KEYS) {
    if (config[key] !== expected[key]) throw malformed(`${key} is ${config[key]}, the base has ${expected[key]}.`);
  }
}

/** Width of one attention head. */
export function headSizeOf(config: Pick<LlamaConfig, "hidden_size" | "num_attention_heads">): number {
  return config.hidden_size / config.num_attention_heads;
}

/** A complete config for the given sizes. */
export function createLlamaConfig(sizes: {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads?: number;
  readonly max_position_embeddings: number;
  readonly tie_word_embeddings?: boolean;
  readonly rope_theta?: number;
  readonly rms_norm_eps?: number;
  readonly bos_token_id?: number;
  readonly eos_token_id?: number;
  readonly pad_token_id?: number;
}): LlamaConfig {
  return parseLlamaConfig({
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_act: "silu",
    num_key_value_heads: sizes.num_attention_heads,
    tie_word_embeddings: true,
    rope_theta: 10_000,
    rms_norm_eps: 1e-5,
    attention_bias: false,
    mlp_bias: false,
    torch_dtype: "float32",
    pad_token_id: 0,
    bos_token_id: 1,
    eos_token_id: 2,
    ...sizes,
  });
}
