import type { LlamaConfig } from "./llama-config.ts";
import { headSizeOf } from "./llama-config.ts";
import { ModelError } from "./model-error.ts";
import { createRng } from "./rng.ts";
import { sizeOf } from "./tensor.ts";
import type { Weights, WeightTensor } from "./weights.ts";

/** The linear layers of a Llama block, which LoRA may target. */
export const LINEAR_MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;
export type LinearModule = (typeof LINEAR_MODULES)[number];

export const EMBEDDING = "model.embed_tokens.weight";
export const FINAL_NORM = "model.norm.weight";
export const HEAD = "lm_head.weight";

/** Names and shapes of all tensors, in the order of the forward pass; a tied head is not among them. */
export function llamaShapes(config: LlamaConfig): ReadonlyMap<string, readonly number[]> {
  const { hidden_size: width, intermediate_size: inner, vocab_size: vocabulary } = config;
  const kvWidth = headSizeOf(config) * config.num_key_value_heads;
  const shapes = new Map<string, readonly number[]>([[EMBEDDING, [vocabulary, width]]]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.set(`${prefix}.input_layernorm.weight`, [width]);
    shapes.set(`${prefix}.self_attn.q_proj.weight`, [width, width]);
    shapes.set(`${prefix}.self_attn.k_proj.weight`, [kvWidth, width]);
    shapes.set(`${prefix}.self_attn.v_proj.weight`, [kvWidth, width]);
    shapes.set(`${prefix}.self_attn.o_proj.weight`, [width, width]);
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [width]);
    shapes.set(`${prefix}.mlp.gate_proj.weight`, [inner, width]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [inner, width]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [width, inner]);
  }
  shapes.set(FINAL_NORM, [width]);
  if (!config.tie_word_embeddings) shapes.set(HEAD, [vocabulary, width]);
  return shapes;
}

/** The linear layers, which an adapter may change: names and shapes of their weights. */
export function llamaLayers(config: LlamaConfig): ReadonlyMap<string, readonly number[]> {
  const isLinear = (name: string): boolean => LINEAR_MODULES.some((module) => name.endsWith(`.${module}.weight`));
  return new Map([...llamaShapes(config)].filter(([name]) => isLinear(name)));
}

const DEVIATION = 0.02;

/** Random weights: normal with deviation 0.02, smaller by 1/sqrt(2·layers) where a block writes to the residual stream. */
export function initWeights(config: LlamaConfig, seed: number): Map<string, WeightTensor> {
  const rng = createRng(seed);
  const residual = DEVIATION / Math.sqrt(2 * config.num_hidden_layers);
  const weights = new Map<string, WeightTensor>();
  for (const [name, shape] of llamaShapes(config)) {
    const deviation = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight") ? residual : DEVIATION;
    const draw = shape.length === 1 ? () => 1 : () => rng.normal() * deviation;
    weights.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, draw) });
  }
  return weights;
}

/**
 * Exactly the tensors of the architecture: a missing or misshapen one is WRONG_ARCHITECTURE, and so is an extra one,
 * except the copy of a tied head that some writers save (it must equal the embedding).
 */
export function checkLlamaWeights(config: LlamaConfig, weights: Weights): void {
  const shapes = llamaShapes(config);
  for (const [name, shape] of shapes) {
    const found = weights.get(name)?.shape;
    if (found === undefined) throw new ModelError("WRONG_ARCHITECTURE", `Tensor ${name} is missing.`);
    if (found.join() !== shape.join())
      throw new ModelError(
        "WRONG_ARCHITECTURE",
        `Tensor ${name} has shape [${found.join()}], expected [${shape.join()}].`,
      );
  }
  for (const [name, { data }] of weights) {
    if (shapes.has(name)) continue;
    const embedding = weights.get(EMBEDDING)?.data;
    const tiedCopy = name === HEAD && data.length === embedding?.length && data.every((v, i) => v === embedding[i]);
    if (!tiedCopy) throw new ModelError("WRONG_ARCHITECTURE", `Tensor ${name} is not part of the architecture.`);
  }
}
