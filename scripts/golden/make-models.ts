// Writes the small random models, the adapter and the inputs that torch_llama.py records losses and gradients for:
//   node scripts/golden/make-models.ts && python3 scripts/golden/torch_llama.py test/engine/golden
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LlamaConfig, Weights, WeightTensor } from "../../evaluators/embedded/engine/index.ts";
import { createLlamaConfig, createRng, initWeights, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";

const folder = join(import.meta.dirname, "..", "..", "test", "engine", "golden");
const BATCH = 3;
const LENGTH = 21;
const RANK = 3;
const ADAPTED = ["q_proj", "v_proj", "down_proj"];

const sizes = {
  vocab_size: 53,
  hidden_size: 16,
  intermediate_size: 28,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
};

/** Weights far larger than a usual start, so that attention and activations leave their linear range. */
function livelyWeights(config: LlamaConfig, seed: number): Weights {
  const rng = createRng(seed + 100);
  const scaled = [...initWeights(config, seed)].map(([name, { shape, data }]): [string, WeightTensor] => [
    name,
    { shape, data: shape.length === 1 ? data.map(() => 0.5 + rng.next()) : data.map((value) => value * 14) },
  ]);
  return new Map(scaled);
}

function adapterFor(weights: Weights): Weights {
  const rng = createRng(5);
  const draw = (shape: readonly number[], size: number): WeightTensor => ({
    shape,
    data: Float32Array.from({ length: size }, () => rng.normal() * 0.3),
  });
  const adapter = new Map<string, WeightTensor>();
  for (const [name, { shape }] of weights) {
    const [outputs = 0, inputs = 0] = shape;
    const module = name.replace(/\.weight$/, "");
    if (!ADAPTED.some((target) => module.endsWith(target))) continue;
    adapter.set(`base_model.model.${module}.lora_A.weight`, draw([RANK, inputs], RANK * inputs));
    adapter.set(`base_model.model.${module}.lora_B.weight`, draw([outputs, RANK], outputs * RANK));
  }
  return adapter;
}

function inputs(): unknown {
  const rng = createRng(9);
  const length = BATCH * LENGTH;
  return {
    batch: BATCH,
    length: LENGTH,
    ids: Array.from({ length }, () => rng.below(sizes.vocab_size)),
    targets: Array.from({ length }, (_, i) => (i % LENGTH < 4 || i % 7 === 0 ? -1 : rng.below(sizes.vocab_size))),
    seeds: Array.from({ length }, () => Math.round(rng.normal() * 1000) / 1000),
  };
}

for (const [name, tied] of [["tied", true] as const, ["untied", false] as const]) {
  const config = createLlamaConfig({ ...sizes, tie_word_embeddings: tied });
  const weights = livelyWeights(config, tied ? 3 : 4);
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  writeSafetensors(join(folder, name, "model.safetensors"), weights);
  if (tied) continue;
  mkdirSync(join(folder, "lora"), { recursive: true });
  writeSafetensors(join(folder, "lora", "adapter_model.safetensors"), adapterFor(weights));
  const adapterConfig = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: "../untied",
    r: RANK,
    lora_alpha: 2 * RANK,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    target_modules: ADAPTED,
  };
  writeFileSync(join(folder, "lora", "adapter_config.json"), `${JSON.stringify(adapterConfig, null, 2)}\n`);
}
writeFileSync(join(folder, "inputs.json"), `${JSON.stringify(inputs())}\n`);
