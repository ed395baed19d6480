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

/** What a whole model's config must state, with the base's values. */
const STATED_KEYS = [
  "architectures",
  "model_type",
  "vocab_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
] as const;
/** What else changes the arithmetic: where it is left out, it is the base's. */
const OTHER_KEYS = [
  "num_key_value_heads",
  "head_dim",
  "rms_norm_eps",
  "hidden_act",
  "tie_word_embeddings",
  "attention_bias",
  "mlp_bias",
  "rope_theta",
  "rope_type",
] as const;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Refuses a config whose model would compute something else than the base, with WRONG_ARCHITECTURE. Nothing of it is used:
 * the context length and the tokens around a text are the base's in any case.
 */
export function checkSameArchitecture(config: JsonObject, base: LlamaConfig): void {
  const found: JsonObject = { ...config, ...rotaryEmbedding(config) };
  const expected: JsonObject = {
    head_dim: headSizeOf(base),
    attention_bias: false,
    mlp_bias: false,
    ...base,
    rope_type: "default",
  };
  for (const key of STATED_KEYS) checkValue(key, found[key], expected[key]);
  for (const key of OTHER_KEYS) checkValue(key, found[key] ?? expected[key], expected[key]);
}

function checkValue(key: string, found: unknown, expected: unknown): void {
  const [own, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
  if (own !== wanted) throw malformed(`${key} is ${own}, the base has ${wanted}.`);
}

/** In any of transformers' spellings; nothing where kinds of layers have their own. */
function rotaryEmbedding(config: JsonObject): { readonly rope_type?: unknown; readonly rope_theta?: unknown } {
  const settings = asObject(config["rope_scaling"] ?? config["rope_parameters"] ?? {});
  if (settings === null) throw malformed("the settings of the rotary embedding must be an object.");
  if (Object.values(settings).some((value) => asObject(value) !== null)) return {};
  const { rope_type = settings["type"], rope_theta = config["rope_theta"] } = settings;
  return { rope_type, rope_theta };
}

const asObject = (value: unknown): JsonObject | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;

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
