import { z } from "zod";
import { err, ok, type Result } from "../../../domain/index.ts";

const HIGHEST_RANK = 1024;

/** Absent, null, false or empty: the option is not used. */
const unused = z
  .unknown()
  .refine((value) => [undefined, "null", "false", "[]", "{}"].includes(JSON.stringify(value)), "is not supported")
  .optional();

/** The part of PEFT's LoraConfig that makes the model; whatever else would change the arithmetic must be off. */
const schema = z.looseObject({
  peft_type: z.literal("LORA", "expected LORA"),
  base_model_name_or_path: z.string("expected the task's base model").min(1),
  revision: z.string().nullish(),
  r: z.int().min(1).max(HIGHEST_RANK),
  lora_alpha: z.number().positive().max(1e6),
  target_modules: z.array(z.string().min(1).max(200), "expected a list of module names").min(1).max(1000),
  bias: z.literal("none", "expected none").optional(),
  fan_in_fan_out: z.literal(false, "is not supported").optional(),
  use_rslora: unused,
  use_dora: unused,
  use_qalora: unused,
  lora_bias: unused,
  modules_to_save: unused,
  rank_pattern: unused,
  alpha_pattern: unused,
  layer_replication: unused,
  // Which of its tensors count where it is loaded: evaluators take them all.
  layers_to_transform: unused,
  layers_pattern: unused,
  target_parameters: unused,
  trainable_token_indices: unused,
  // Such an adapter only fits a base that was changed when its training began.
  init_lora_weights: z.union([z.boolean(), z.literal("gaussian")], "expected true, false or gaussian").optional(),
  alora_invocation_tokens: unused,
  megatron_config: unused,
  kasa_config: unused,
  monteclora_config: unused,
  arrow_config: unused,
  use_bdlora: unused,
  exclude_modules: unused,
});

/** What intake needs of adapter_config.json. */
export interface AdapterConfig {
  readonly namedBase: string;
  readonly namedRevision: string | null;
  readonly rank: number;
  /** alpha / rank: the factor of B·A. */
  readonly scale: number;
  readonly targetModules: readonly string[];
}

/** The error is a sentence about the first option that is refused. */
export function parseAdapterConfig(config: unknown): Result<AdapterConfig, string> {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`adapter_config.json is refused: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { base_model_name_or_path: namedBase, revision, r, lora_alpha, target_modules } = parsed.data;
  const namedRevision = revision === undefined || revision === "" ? null : revision;
  return ok({ namedBase, namedRevision, rank: r, scale: lora_alpha / r, targetModules: target_modules });
}
