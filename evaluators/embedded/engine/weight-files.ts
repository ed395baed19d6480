import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { modelFile, readJsonFile } from "./json-file.ts";
import { ModelError } from "./model-error.ts";
import { readSafetensors } from "./safetensors.ts";
import type { Weights, WeightTensor } from "./weights.ts";

export const WEIGHTS_FILE = "model.safetensors";
const INDEX_FILE = "model.safetensors.index.json";
const MAXIMUM_INDEX_BYTES = 16 * 1024 * 1024;

const shard = z.string().regex(/^[A-Za-z0-9][\w.-]{0,200}\.safetensors$/, "is no safetensors file of the folder");
const indexSchema = z.object({ weight_map: z.record(z.string(), shard) });

/** All tensors of a model folder, from its one weight file or the shards that its index names; faults are ModelErrors. */
export function readWeights(folder: string): Weights {
  const weights = new Map<string, WeightTensor>();
  for (const file of weightFiles(folder)) {
    for (const [name, tensor] of readSafetensors(modelFile(folder, file))) {
      if (weights.has(name)) throw new ModelError("MALFORMED_MODEL", `Tensor ${name} is in two files.`);
      weights.set(name, tensor);
    }
  }
  return weights;
}

function weightFiles(folder: string): readonly string[] {
  if (existsSync(join(folder, WEIGHTS_FILE)) || !existsSync(join(folder, INDEX_FILE))) return [WEIGHTS_FILE];
  const index = indexSchema.safeParse(readJsonFile(folder, INDEX_FILE, MAXIMUM_INDEX_BYTES));
  if (!index.success) throw new ModelError("MALFORMED_MODEL", `${INDEX_FILE}: ${z.prettifyError(index.error)}`);
  return [...new Set(Object.values(index.data.weight_map))].sort();
}
