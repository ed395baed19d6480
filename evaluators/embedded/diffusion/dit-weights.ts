import { createRng, ModelError, type Weights, type WeightTensor } from "../engine/index.ts";
import type { DitConfig } from "./dit-config.ts";

/** Names and shapes of all tensors, in the order of the forward pass. */
export function ditShapes(config: DitConfig): ReadonlyMap<string, readonly number[]> {
  const { hidden_size: width, intermediate_size: inner, time_features: features } = config;
  const patch = patchNumbers(config);
  const grid = config.image_size / config.patch_size;
  const shapes = new Map<string, readonly number[]>([
    ["text_embed.weight", [config.vocab_size, width]],
    ["text_position.weight", [config.text_length, width]],
    ["image_in.weight", [width, patch]],
    ["row_position.weight", [grid, width]],
    ["column_position.weight", [grid, width]],
    ["time.gate_proj.weight", [width, features]],
    ["time.up_proj.weight", [width, features]],
    ["time.down_proj.weight", [width, width]],
  ]);
  for (let block = 0; block < config.num_hidden_layers; block++) {
    const prefix = `blocks.${block}`;
    shapes.set(`${prefix}.time_proj.weight`, [width, width]);
    shapes.set(`${prefix}.attention_norm.weight`, [width]);
    for (const name of ["q_proj", "k_proj", "v_proj", "o_proj"])
      shapes.set(`${prefix}.attention.${name}.weight`, [width, width]);
    shapes.set(`${prefix}.mlp_norm.weight`, [width]);
    shapes.set(`${prefix}.mlp.gate_proj.weight`, [inner, width]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [inner, width]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [width, inner]);
  }
  shapes.set("norm.weight", [width]);
  shapes.set("image_out.weight", [patch, width]);
  return shapes;
}

/** Numbers of one patch: pixels times channels. */
export function patchNumbers({ patch_size: side }: Pick<DitConfig, "patch_size">): number {
  return side * side * 3;
}

/** The linear layers, which an adapter may change: names and shapes of their weights. */
export function ditLayers(config: DitConfig): ReadonlyMap<string, readonly number[]> {
  const isTable = (name: string): boolean => /(text_embed|position)\.weight$/.test(name);
  return new Map([...ditShapes(config)].filter(([name, shape]) => shape.length === 2 && !isTable(name)));
}

/** Random weights: normal with deviation 1/sqrt(inputs) for linear layers, small where a block writes to the stream. */
export function initDitWeights(config: DitConfig, seed: number): Map<string, WeightTensor> {
  const rng = createRng(seed);
  const weights = new Map<string, WeightTensor>();
  for (const [name, shape] of ditShapes(config)) {
    const size = shape.reduce((product, side) => product * side, 1);
    const deviation = deviationOf(name, shape, config);
    const draw = shape.length === 1 ? () => 1 : () => rng.normal() * deviation;
    weights.set(name, { shape, data: Float32Array.from({ length: size }, draw) });
  }
  return weights;
}

function deviationOf(name: string, shape: readonly number[], config: DitConfig): number {
  if (/(text_embed|position)\.weight$/.test(name)) return 0.2;
  if (name === "image_out.weight") return 1e-3;
  const spread = 1 / Math.sqrt(shape.at(-1) ?? 1);
  const writesToStream = /(time_proj|o_proj|mlp\.down_proj)\.weight$/.test(name);
  return writesToStream ? spread / Math.sqrt(2 * config.num_hidden_layers) : spread;
}

/** @throws ModelError WRONG_ARCHITECTURE unless these are exactly the tensors of the architecture. */
export function checkDitWeights(config: DitConfig, weights: Weights): void {
  const shapes = ditShapes(config);
  for (const [name, shape] of shapes) {
    const found = weights.get(name)?.shape;
    if (found === undefined) throw new ModelError("WRONG_ARCHITECTURE", `Tensor ${name} is missing.`);
    if (found.join() === shape.join()) continue;
    const message = `Tensor ${name} has shape [${found.join()}], expected [${shape.join()}].`;
    throw new ModelError("WRONG_ARCHITECTURE", message);
  }
  for (const name of weights.keys()) {
    if (!shapes.has(name))
      throw new ModelError("WRONG_ARCHITECTURE", `Tensor ${name} is not part of the architecture.`);
  }
}
