import { Readable } from "node:stream";
import type { BaseModelInfo, BaseModels } from "../../src/core/app/index.ts";
import { readTensors } from "../../src/core/app/submissions/safetensors/index.ts";
import { safetensorsFile, type FileTensor } from "../helpers/safetensors-file.ts";

export const TINY_CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 4,
  hidden_size: 2,
  intermediate_size: 3,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};

const TENSORS: readonly FileTensor[] = [
  { name: "model.embed_tokens.weight", shape: [4, 2], values: [1, 2, 3] },
  { name: "model.layers.0.mlp.gate_proj.weight", shape: [3, 2], values: [5, 6] },
];

/** A model file of the tiny base's shapes; `change` is added to every weight. */
export const tinyWeights = (change: number): Buffer =>
  safetensorsFile(TENSORS.map((tensor) => ({ ...tensor, values: tensor.values.map((value) => value + change) })));

export const TINY_BASE: BaseModelInfo = {
  repo: "example/tiny",
  revision: "a".repeat(40),
  parameterCount: 14,
  contextLength: 128,
  path: "/nowhere",
  files: [],
  config: TINY_CONFIG,
  async tensorDigests() {
    const file = tinyWeights(0);
    const tensors = await readTensors(Readable.from([file]), file.length);
    if (!tensors.ok) throw new Error(tensors.error);
    return new Map(tensors.value.map((tensor) => [tensor.name, tensor]));
  },
};

/** An operator who has the tiny base and nothing else. */
export const tinyBases: BaseModels = {
  find: async (repo) => (repo === TINY_BASE.repo ? TINY_BASE : null),
  list: async () => [TINY_BASE],
};
