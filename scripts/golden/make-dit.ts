// Writes the small random diffusion transformer, the adapter and the pictures that torch_dit.py records values for:
//   node scripts/golden/make-dit.ts && python3 scripts/golden/torch_dit.py test/engine/golden
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initDitWeights, parseDitConfig } from "../../evaluators/embedded/diffusion/index.ts";
import {
  createRng,
  type Weights,
  writeSafetensors,
  type WeightTensor,
} from "../../evaluators/embedded/engine/index.ts";

const folder = join(import.meta.dirname, "..", "..", "test", "engine", "golden");
const RANK = 3;

const config = parseDitConfig({
  architectures: ["GradientsTinyDit"],
  model_type: "gradients-tiny-dit",
  image_size: 12,
  patch_size: 4,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: 31,
  text_length: 5,
  pad_token_id: 0,
  time_features: 8,
  data_deviation: 0.6,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 14,
});

/** Weights far from a usual start, so that attention and activations leave their linear range. */
function livelyWeights(): Weights {
  const rng = createRng(77);
  return new Map(
    [...initDitWeights(config, 3)].map(([name, { shape, data }]): [string, WeightTensor] => [
      name,
      { shape, data: data.map((value) => (shape.length === 1 ? 0.5 + rng.next() : value + 0.25 * rng.normal())) },
    ]),
  );
}

function adapterFor(weights: Weights): Weights {
  const rng = createRng(5);
  const draw = (shape: readonly [number, number]): WeightTensor => ({
    shape,
    data: Float32Array.from({ length: shape[0] * shape[1] }, () => rng.normal() * 0.3),
  });
  const adapter = new Map<string, WeightTensor>();
  for (const [name, { shape }] of weights) {
    const [outputs = 0, inputs = 0] = shape;
    const module = name.replace(/\.weight$/, "");
    if (!/(q_proj|o_proj|up_proj)$/.test(module)) continue;
    adapter.set(`base_model.model.${module}.lora_A.weight`, draw([RANK, inputs]));
    adapter.set(`base_model.model.${module}.lora_B.weight`, draw([outputs, RANK]));
  }
  return adapter;
}

/** Three pictures, the last one not square. */
function rows(): unknown {
  const rng = createRng(12);
  const sizes = [
    [12, 12],
    [12, 12],
    [8, 12],
  ] as const;
  return sizes.map(([height, width], row) => ({
    height,
    width,
    values: Array.from({ length: height * width * 3 }, () => Math.round((rng.next() * 2 - 1) * 1000) / 1000),
    caption: row === 1 ? [7, 30, 4, 9, 12] : [5 + row, 11, 3, 0, 0],
    time: [0.9, 0.35, 0.6][row],
  }));
}

const weights = livelyWeights();
mkdirSync(join(folder, "dit"), { recursive: true });
mkdirSync(join(folder, "dit-lora"), { recursive: true });
writeFileSync(join(folder, "dit", "config.json"), `${JSON.stringify(config, null, 2)}\n`);
writeSafetensors(join(folder, "dit", "model.safetensors"), weights);
writeFileSync(
  join(folder, "dit-lora", "adapter_config.json"),
  `${JSON.stringify({ peft_type: "LORA", base_model_name_or_path: "golden/dit", r: RANK, lora_alpha: 5 }, null, 2)}\n`,
);
writeSafetensors(join(folder, "dit-lora", "adapter_model.safetensors"), adapterFor(weights));
writeFileSync(join(folder, "dit-rows.json"), `${JSON.stringify({ seed: "00ff17", rows: rows() })}\n`);
