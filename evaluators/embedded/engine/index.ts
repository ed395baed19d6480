export { AdamW } from "./adamw.ts";
export { batch, type Example } from "./batch.ts";
export { isZeroDelta, tensorDigests, weightsDigest } from "./digests.ts";
export { readConfigFile } from "./json-file.ts";
export { readJsonLines } from "./json-lines.ts";
export { KeyValueCache } from "./kv-cache.ts";
export { createLlama, type Llama } from "./llama.ts";
export { createLlamaConfig, type LlamaConfig } from "./llama-config.ts";
export { initWeights, LINEAR_MODULES } from "./llama-weights.ts";
export { kernels, mark, release } from "./memory.ts";
export { loadModel, loadWeightsLike, saveModel } from "./model-folder.ts";
export { type Adapter, createAdapter, type LoraOptions } from "./lora.ts";
export { ModelError } from "./model-error.ts";
export { Network, type NetworkOptions, type NetworkTensors, placeWeights } from "./network.ts";
export { add, attention, linear, rmsNorm, rows, spreadRows, swiglu } from "./ops.ts";
export { adapterWeights, loadAdapter, readAdapter, saveAdapter, toAdapter } from "./peft.ts";
export { createRng, type Rng } from "./rng.ts";
export { rowLosses, sumCounted, summarise, tokenLosses, tokenSums } from "./row-losses.ts";
export {
  encodeSegments,
  readRows,
  type Segment,
  segmentSchema,
  startTokens,
  toExample,
  type TokenRules,
} from "./rows.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
export { cosineSchedule, createSchedule } from "./schedule.ts";
export { backward, begin, noGrad, param, seed, type Tensor } from "./tensor.ts";
export { loadTokenizer, type Tokenizer } from "./tokenizer.ts";
export { readWeights } from "./weight-files.ts";
export type { Weights, WeightTensor } from "./weights.ts";
