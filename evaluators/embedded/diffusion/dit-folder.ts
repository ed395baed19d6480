import { readConfigFile, readWeights, type Weights } from "../engine/index.ts";
import { checkSameDit, type DitConfig, parseDitConfig } from "./dit-config.ts";
import { checkDitWeights } from "./dit-weights.ts";

/** Reads and checks config.json, which must have the arithmetic of `like` where it says anything, and the weights; faults are ModelErrors. */
export function loadDit(folder: string, like?: DitConfig): { readonly config: DitConfig; readonly weights: Weights } {
  const config = parseDitConfig({ ...like, ...readConfigFile(folder) });
  if (like !== undefined) checkSameDit(config, like);
  const weights = readWeights(folder);
  checkDitWeights(config, weights);
  return { config, weights };
}
