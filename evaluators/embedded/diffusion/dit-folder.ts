import { CONFIG_FILE, modelFile, readJsonFile, readSafetensors, type Weights, WEIGHTS_FILE } from "../engine/index.ts";
import { checkSameDit, type DitConfig, parseDitConfig } from "./dit-config.ts";
import { checkDitWeights } from "./dit-weights.ts";

/** Reads and checks config.json and model.safetensors, which must have the arithmetic of `like`; faults are ModelErrors. */
export function loadDit(folder: string, like?: DitConfig): { readonly config: DitConfig; readonly weights: Weights } {
  const config = parseDitConfig(readJsonFile(folder, CONFIG_FILE));
  if (like !== undefined) checkSameDit(config, like);
  const weights = readSafetensors(modelFile(folder, WEIGHTS_FILE));
  checkDitWeights(config, weights);
  return { config, weights };
}
