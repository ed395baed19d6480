import { z } from "zod";
import { ModelError } from "../engine/index.ts";

const count = z.number().int().positive().max(65_536);

/** config.json of a tiny diffusion transformer; keys that the engine does not know are kept and ignored. */
const schema = z.looseObject({
  architectures: z.tuple([z.literal("GradientsTinyDit")]),
  model_type: z.literal("gradients-tiny-dit"),
  /** Longer side of an image in pixels; the other side may be shorter. */
  image_size: count,
  patch_size: count,
  hidden_size: count.multipleOf(4),
  intermediate_size: count.multipleOf(4),
  num_hidden_layers: count,
  num_attention_heads: count,
  vocab_size: count,
  /** Tokens of a caption: longer ones lose their end, shorter ones are padded. */
  text_length: count,
  pad_token_id: z.number().int().nonnegative(),
  /** Numbers that describe a noise level, half cosines and half sines. */
  time_features: count.multipleOf(4),
  /** Standard deviation of pixels in [-1, 1] that the preconditioning assumes. */
  data_deviation: z.number().positive(),
  rms_norm_eps: z.number().positive(),
});

export type DitConfig = Readonly<z.infer<typeof schema>>;

const wrong = (message: string): ModelError => new ModelError("WRONG_ARCHITECTURE", `config.json: ${message}`);

/** Checks a parsed config.json. @throws ModelError WRONG_ARCHITECTURE for whatever the engine cannot run exactly. */
export function parseDitConfig(json: unknown): DitConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw wrong(z.prettifyError(parsed.error));
  const config = parsed.data;
  if (config.image_size % config.patch_size !== 0) throw wrong("image_size must be a multiple of patch_size.");
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw wrong("hidden_size must be a multiple of num_attention_heads.");
  if (config.pad_token_id >= config.vocab_size) throw wrong("pad_token_id is outside the vocabulary.");
  return config;
}

const ARCHITECTURE_KEYS = [
  "image_size",
  "patch_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
  "vocab_size",
  "text_length",
  "pad_token_id",
  "time_features",
  "data_deviation",
  "rms_norm_eps",
] as const satisfies readonly (keyof DitConfig)[];

/** @throws ModelError WRONG_ARCHITECTURE where a config's model would compute something else than the expected one's. */
export function checkSameDit(config: DitConfig, expected: DitConfig): void {
  for (const key of ARCHITECTURE_KEYS) {
    if (config[key] !== expected[key]) throw wrong(`${key} is ${config[key]}, the base has ${expected[key]}.`);
  }
}
