import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_FILE, readConfigFile, readJsonFile } from "./json-file.ts";
import type { LlamaConfig } from "./llama-config.ts";
import { checkSameArchitecture, parseLlamaConfig } from "./llama-config.ts";
import { checkLlamaWeights } from "./llama-weights.ts";
import { writeSafetensors } from "./safetensors.ts";
import { readWeights, WEIGHTS_FILE } from "./weight-files.ts";
import type { Weights } from "./weights.ts";

const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
];

/** A Llama in the Hugging Face layout. */
export interface Model {
  readonly config: LlamaConfig;
  readonly weights: Weights;
}

/** Reads and checks config.json and the weights; faults are ModelErrors. */
export function loadModel(folder: string): Model {
  const config = parseLlamaConfig(readJsonFile(folder, CONFIG_FILE));
  const weights = readWeights(folder);
  checkLlamaWeights(config, weights);
  return { config, weights };
}

/** The weights of a model whose config must have the base's arithmetic; faults are ModelErrors. */
export function loadWeightsLike(folder: string, base: LlamaConfig): Weights {
  checkSameArchitecture(readConfigFile(folder), base);
  const weights = readWeights(folder);
  checkLlamaWeights(base, weights);
  return weights;
}

/** Writes a whole model with the tokenizer files of its base, so that transformers can load the folder. */
export function saveModel(
  folder: string,
  { config, weights }: { readonly config: object; readonly weights: Weights },
  baseFolder: string,
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  writeSafetensors(join(folder, WEIGHTS_FILE), weights);
  for (const name of TOKENIZER_FILES) {
    if (existsSync(join(baseFolder, name))) copyFileSync(join(baseFolder, name), join(folder, name));
  }
}
